import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Branch,
  Decision,
  execution,
  ForEach,
  goto,
  Parallel,
  Pipeline,
  Step,
  step,
  type Values,
  While,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { HASTY, restartAt } from '../../support/restart.js';

/** What the blocks look at, besides their data: it changes between the two processes. */
let outside = 'old';
let asked: string[] = [];
let ran: string[] = [];
let gate = new Gate();

function note(): void {
  ran.push(execution().step ?? '');
}

function ask(): string {
  asked.push(execution().step ?? '');
  return outside;
}

async function hold(): Promise<void> {
  note();
  await gate.pass(execution().signal);
}

@Workflow()
class Chooses extends Pipeline {
  @Branch({ old: ['before', 'held', 'behind'], default: 'never' })
  choose() {
    return ask();
  }

  @Step({ in: 'choose' })
  before() {
    note();
  }

  @Step({ in: 'choose' })
  async held() {
    await hold();
  }

  @Step({ in: 'choose' })
  behind() {
    note();
  }

  @Step({ in: 'choose' })
  never() {
    note();
  }

  @Step()
  after() {
    note();
  }
}

@Workflow()
class Decides extends Pipeline<void, { by?: string }> {
  @Decision({ to: ['held'] })
  decide() {
    return ask() === 'old' ? goto('held', { by: outside }) : { by: outside };
  }

  @Step()
  never() {
    note();
  }

  @Step()
  async held() {
    await hold();
  }
}

@Workflow()
class Joins extends Pipeline<void, { by?: string }> {
  @Parallel(['a', 'b'])
  join(_data: object, _results: Values<Joins, 'a' | 'b'>) {
    return { by: ask() };
  }

  @Step({ in: 'join' })
  a() {
    note();
  }

  @Step({ in: 'join' })
  b() {
    note();
  }

  @Step()
  async held() {
    await hold();
  }
}

@Workflow()
class Lists extends Pipeline<void, { values?: { item: string }[] }> {
  @ForEach({ do: 'each', into: 'values', concurrency: 1 })
  list() {
    return ask() === 'old' ? ['a', 'b', 'c'] : ['x'];
  }

  @Step({ in: 'list' })
  async each(_data: object, item: string) {
    ran.push(item);
    if (item === 'b') await gate.pass(execution().signal);
    return { item };
  }
}

@Workflow()
class Repeats extends Pipeline<void, { rounds?: number }> {
  @While({ do: ['count', 'held'], max: 3 })
  poll({ rounds = 0 }: { rounds?: number }) {
    return ask() === 'old' && rounds < 2;
  }

  @Step({ in: 'poll' })
  count({ rounds = 0 }: { rounds?: number }) {
    note();
    return { rounds: rounds + 1 };
  }

  @Step({ in: 'poll' })
  async held({ rounds }: { rounds?: number }) {
    note();
    if (rounds === 2) await gate.pass(execution().signal);
  }
}

/** The answer hangs on what a body of its own fetched: that is not fetched again in the attempt after the restart. */
@Workflow()
class Fetches extends Pipeline {
  @Branch({ old: 'took', default: 'never' })
  async choose() {
    const fetched = await step('fetch', () => ask());
    await hold();
    return fetched;
  }

  @Step({ in: 'choose' })
  took() {
    note();
  }

  @Step({ in: 'choose' })
  never() {
    note();
  }
}

const PROVIDERS = [Chooses, Decides, Joins, Lists, Repeats, Fetches];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    outside = 'old';
    asked = [];
    ran = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  /** The output, where a process is lost at the gate and the world is another one when the next takes over. */
  async function resumed(workflow: string): Promise<unknown> {
    const first = await database.start(PROVIDERS, HASTY);
    const { id } = await first.client.start(workflow);
    await gate.reached();
    outside = 'new';
    const second = await restartAt(gate, first, database, PROVIDERS);
    return await (await second.client.handle(workflow, { id })).result();
  }

  describe('What was chosen before a restart is not chosen again', () => {
    it('by a branch', async () => {
      await resumed('chooses');
      expect(asked).toEqual(['choose']);
      expect(ran).toEqual(['before', 'held', 'held', 'behind', 'after']);
    });

    it('by a decision', async () => {
      expect(await resumed('decides')).toEqual({ by: 'old' });
      expect(asked).toEqual(['decide']);
      expect(ran).toEqual(['held', 'held']);
    });

    it('by a join', async () => {
      expect(await resumed('joins')).toEqual({ by: 'old' });
      expect(asked).toEqual(['join']);
      expect(ran).toEqual(['a', 'b', 'held', 'held']);
    });

    it('by a list: its items stay, and those that are done are done', async () => {
      expect(await resumed('lists')).toEqual({ values: [{ item: 'a' }, { item: 'b' }, { item: 'c' }] });
      expect(asked).toEqual(['list']);
      expect(ran).toEqual(['a', 'b', 'b', 'c']);
    });

    it('by a loop: its rounds are not counted anew', async () => {
      expect(await resumed('repeats')).toEqual({ rounds: 2 });
      // Twice before the restart; the end of the loop is asked about in the new world.
      expect(asked).toEqual(['poll', 'poll', 'poll']);
      expect(ran).toEqual(['count', 'held', 'count', 'held', 'held']);
    });

    it('by the question of a block, as far as it got', async () => {
      await resumed('fetches');
      expect(asked).toEqual(['fetch']);
      expect(ran).toEqual(['choose', 'choose', 'took']);
    });
  });
});
