import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Branch,
  Decision,
  execution,
  ForEach,
  FatalError,
  goto,
  NotPlainObject,
  Pipeline,
  RetryAfter,
  Step,
  type UncheckedAdditions,
  UndeclaredTarget,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { causeOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';

let ran: string[] = [];

interface Data {
  what: string;
  by?: string;
}

const ways: Readonly<Record<string, readonly [way: () => unknown, ran: string[], output: object]>> = {
  nothing: [() => undefined, ['one', 'two', 'three'], {}],
  null: [() => null, ['one', 'two', 'three'], {}],
  additions: [() => ({ by: 'me' }), ['one', 'two', 'three'], { by: 'me' }],
  'goto the next node': [() => goto('one'), ['one', 'two', 'three'], {}],
  'goto a later node': [() => goto('two'), ['two', 'three'], {}],
  'goto the last node with additions': [() => goto('three', { by: 'me' }), ['three'], { by: 'me' }],
};

@Workflow()
class Decides extends Pipeline<{ what: string }, Data> {
  @Decision({ to: ['one', 'two', 'three'] })
  async decide({ what }: Data) {
    ran.push('asked');
    if (what === 'throws once' && execution().attempt === 1) throw new RetryAfter(0);
    if (what === 'fatal') throw new FatalError('no way');
    if (what === 'elsewhere') return goto('four') as object as UncheckedAdditions;
    if (what === 'an array') return [1] as object as UncheckedAdditions;
    return ways[what]?.[0]() as UncheckedAdditions;
  }

  @Step({ name: 'the-first' })
  one() {
    ran.push('one');
  }

  @Step()
  two() {
    ran.push('two');
  }

  @Step()
  three() {
    ran.push('three');
  }
}

/** Several decisions, one leading to another, in a clause and for an item. */
@Workflow()
class Leads extends Pipeline<void, object> {
  @ForEach({ do: ['kind', 'close'] })
  items() {
    return ['skip', 'walk'];
  }

  @Branch({ default: ['first', 'never', 'second', 'neither', 'last'] }, { in: 'items' })
  kind() {
    return null;
  }

  @Decision({ to: ['second'], in: 'kind' })
  first(_data: object, item: string) {
    return item === 'skip' ? goto('second') : undefined;
  }

  @Step({ in: 'kind' })
  never(_data: object, item: string) {
    ran.push(`never ${item}`);
  }

  @Decision({ to: ['last'], in: 'kind' })
  second(_data: object, item: string) {
    return item === 'skip' ? goto('last') : undefined;
  }

  @Step({ in: 'kind' })
  neither(_data: object, item: string) {
    ran.push(`neither ${item}`);
  }

  @Step({ in: 'kind' })
  last(_data: object, item: string) {
    ran.push(`last ${item}`);
  }

  @Step({ in: 'items' })
  close(_data: object, item: string) {
    ran.push(`close ${item}`);
  }
}

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;

  beforeAll(async () => {
    app = await database.start([Decides, Leads]);
  });
  afterAll(() => database.closeApps());
  beforeEach(() => {
    ran = [];
  });

  describe('A decision that returns', () => {
    it.each(Object.entries(ways))('%s goes on there', async (what, [, expected, output]) => {
      const handle = await app.client.start(Decides, { what });
      expect(await handle.result()).toEqual({ what, ...output });
      expect(ran).toEqual(['asked', ...expected]);
    });

    it('goto a node that is not in its `to` fails at once, and nothing runs after it', async () => {
      const handle = await app.client.start(Decides, { what: 'elsewhere' });
      expect(await causeOf(handle, UndeclaredTarget)).toMatchObject({
        executionId: handle.id,
        block: 'decide',
        target: 'four',
        targets: ['one', 'two', 'three'],
      });
      expect(ran).toEqual(['asked']);
    });

    it('something else fails at once', async () => {
      const handle = await app.client.start(Decides, { what: 'an array' });
      expect(await causeOf(handle, NotPlainObject)).toMatchObject({ got: 'an array' });
      expect(ran).toEqual(['asked']);
    });
  });

  describe('A decision', () => {
    it('that throws is asked again, like a step', async () => {
      const handle = await app.client.start(Decides, { what: 'throws once' });
      await handle.result();
      expect((await recordedOf(app.client, handle.id)).slice(0, 3)).toEqual([
        'decide attempt_failed',
        'decide completed',
        'the-first completed',
      ]);
    });

    it('whose error is final fails the execution', async () => {
      const handle = await app.client.start(Decides, { what: 'fatal' });
      expect((await causeOf(handle, FatalError)).message).toBe('no way');
      expect(ran).toEqual(['asked']);
    });

    it('leads within its own list, also in a clause and for an item of a list', async () => {
      await (await app.client.start(Leads)).result();
      expect(ran.toSorted()).toEqual([
        'close skip',
        'close walk',
        'last skip',
        'last walk',
        'neither walk',
        'never walk',
      ]);
    });
  });
});
