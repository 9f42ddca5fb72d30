import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execution, FatalError, InvalidArgument, Run, Step, step, Workflow } from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { HASTY, restartAt } from '../../support/restart.js';

let passes: unknown[][] = [];
let gate = new Gate();

class CardRefused extends Error {
  override readonly name = 'CardRefused';
  readonly code = 'card_refused';
  constructor(readonly card: { last4: string; expires: Date }) {
    super('The card was refused');
  }
}

const thrown: Readonly<Record<string, () => unknown>> = {
  builtin: () => new TypeError('not a function'),
  ours: () => new FatalError('fatal'),
  'ours with facts': () => new InvalidArgument('charge()', 'no amount'),
  custom: () => new CardRefused({ last4: '1234', expires: new Date(0) }),
  chain: () => new Error('outer', { cause: new RangeError('inner', { cause: 'a text' }) }),
  aggregate: () => new AggregateError([new Error('one'), new TypeError('two')], 'both'),
  'a text': () => 'just a text',
  nothing: () => undefined,
  'with a NUL': () => new Error('before \0 after'),
};

@Workflow()
class Catches {
  @Run()
  async run(names: readonly string[]) {
    const pass: unknown[] = [];
    passes.push(pass);
    for (const name of names) pass.push(await this.fail(name).catch(described));
    await step('gate', () => gate.pass(execution().signal));
    return pass;
  }

  @Step({ retry: { maxAttempts: 1 } })
  async fail(name: string) {
    throw thrown[name]?.();
  }
}

@Workflow()
class Fails {
  @Run()
  async run(name: string) {
    await step('fail', { retry: { maxAttempts: 1 } }, () => {
      throw thrown[name]?.();
    });
  }
}

@Workflow()
class ThrowsItself {
  @Run()
  async run(name: string) {
    throw thrown[name]?.();
  }
}

function described(error: unknown): unknown {
  if (!(error instanceof Error)) return { notAnError: error };
  const { name, message, cause, stack: _stack, ...fields } = error as Error & Record<string, unknown>;
  return {
    class: error.constructor.name,
    name,
    message,
    ...(cause !== undefined && { cause: cause instanceof Error ? described(cause) : cause }),
    ...(error instanceof AggregateError && { errors: error.errors.map(described) }),
    ...('code' in error && { code: error.code }),
    ...('card' in fields && { card: fields['card'] }),
  };
}

const expected: Readonly<Record<string, object>> = {
  builtin: { class: 'TypeError', name: 'TypeError', message: 'not a function' },
  ours: { class: 'FatalError', name: 'FatalError', message: 'fatal', code: 'DURABLE_FATAL' },
  'ours with facts': { class: 'InvalidArgument', name: 'InvalidArgument', code: 'DURABLE_INVALID_ARGUMENT' },
  custom: {
    class: 'Error',
    name: 'CardRefused',
    message: 'The card was refused',
    code: 'card_refused',
    card: { last4: '1234', expires: new Date(0) },
  },
  chain: { message: 'outer', cause: { class: 'RangeError', message: 'inner', cause: 'a text' } },
  aggregate: {
    class: 'AggregateError',
    message: 'both',
    errors: [{ message: 'one' }, { class: 'TypeError', message: 'two' }],
  },
  'a text': { class: 'Error', cause: 'just a text' },
  nothing: { class: 'Error' },
  'with a NUL': { class: 'Error', message: expect.stringMatching(/^before .* after$/u) },
};

const PROVIDERS = [Catches, Fails, ThrowsItself];
const names = Object.keys(thrown);

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    passes = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('What a step throws', () => {
    it('reaches the code as it was, on the first pass and on a replay', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Catches, names);
      const second = await restartAt(gate, first, database, PROVIDERS);
      await (await second.client.handle(Catches, { id })).result();
      const [live, replayed] = passes;
      expect(live).toMatchObject(names.map((name) => expected[name]));
      expect(replayed).toEqual(live);
    });

    it('is the cause of the failure of the execution, and stands in its history', async () => {
      const { client } = await database.start(PROVIDERS);
      for (const name of names) {
        const handle = await client.start(Fails, name);
        expect(described(await causeOf(handle, Error))).toMatchObject(expected[name] ?? {});
        const { error, steps } = await client.getExecution(handle.id, { steps: true });
        expect(described(error)).toMatchObject(expected[name] ?? {});
        expect(described(steps?.[0]?.error)).toMatchObject(expected[name] ?? {});
      }
    });
  });

  it('What a run method itself throws ends its execution, whatever it is', async () => {
    const { client } = await database.start(PROVIDERS);
    for (const name of names) {
      const handle = await client.start(ThrowsItself, name);
      const error = await causeOf(handle, Error);
      if (name !== 'a text' && name !== 'nothing') {
        expect(described(error)).toMatchObject(expected[name] ?? {});
      }
      expect(await handle.status()).toBe('failed');
    }
  });
});
