import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execution, Run, Step, step, Workflow } from 'nest-durable';
import { type ApiDatabase, onDatabase } from '../../support/api-database.js';
import { Deferred, Gate } from '../../support/gate.js';
import { HASTY, restartAt } from '../../support/restart.js';

let runs: string[] = [];
/** What the code saw, in each pass. */
let passes: string[][] = [];
let gate = new Gate();
let turns: Map<string, Deferred<string>> = new Map();

function turnOf(name: string): Deferred<string> {
  const known = turns.get(name) ?? new Deferred<string>();
  turns.set(name, known);
  return known;
}

abstract class Racing {
  @Step({ retry: { maxAttempts: 1 } })
  async turn(name: string) {
    runs.push(name);
    return await turnOf(name).promise;
  }

  protected pass(): string[] {
    const pass: string[] = [];
    passes.push(pass);
    return pass;
  }

  protected async end<T>(value: T): Promise<T> {
    await step('gate', () => gate.pass(execution().signal));
    return value;
  }
}

@Workflow()
class All extends Racing {
  @Run()
  async run() {
    const pass = this.pass();
    const note = async (name: string) => {
      const value = await this.turn(name);
      pass.push(name);
      return value;
    };
    return await this.end(await Promise.all([note('a'), note('b'), note('c')]));
  }
}

@Workflow()
class Race extends Racing {
  @Run()
  async run() {
    const pass = this.pass();
    const calls = ['a', 'b', 'c'].map((name) => this.turn(name));
    pass.push(await Promise.race(calls));
    const all = await Promise.all(calls);
    return await this.end([...pass, ...all]);
  }
}

@Workflow()
class AnyOf extends Racing {
  @Run()
  async run() {
    const pass = this.pass();
    pass.push(await Promise.any(['a', 'b', 'c'].map((name) => this.turn(name))));
    return await this.end(pass);
  }
}

@Workflow()
class Settled extends Racing {
  @Run()
  async run() {
    const settled = await Promise.allSettled(['a', 'b'].map((name) => this.turn(name)));
    return await this.end(settled.map(({ status }) => status));
  }
}

/** Two helpers run side by side, and call the same steps in an order that depends on who is faster. */
@Workflow()
class Helpers extends Racing {
  @Run()
  async run() {
    const pass = this.pass();
    const helper = async (name: string) => {
      await this.turn(name);
      const said = await this.say(name);
      pass.push(said);
      return said;
    };
    return await this.end(await Promise.all([helper('a'), helper('b')]));
  }

  @Step()
  async say(name: string) {
    runs.push(`say ${name}`);
    return `said by ${name}`;
  }
}

const PROVIDERS = [All, Race, AnyOf, Settled, Helpers];
type Scenario = new () => { run(): Promise<unknown> };

/** Lets the steps end in this order, each once the one before it has been recorded, and then replays it all. */
async function play(database: ApiDatabase, workflow: Scenario, turnsInOrder: readonly string[]) {
  const first = await database.start(PROVIDERS, HASTY);
  const { id } = await first.client.start<{ run(): Promise<unknown> }>(workflow);
  for (const turn of turnsInOrder) {
    const [name = '', fails] = turn.split(' ');
    await settle(name, fails !== undefined);
  }
  const second = await restartAt(gate, first, database, PROVIDERS);
  return await (await second.client.handle<{ run(): Promise<unknown> }>(workflow, { id })).result();
}

async function settle(name: string, fails: boolean): Promise<void> {
  if (fails) turnOf(name).reject(new Error(`${name} fails`));
  else turnOf(name).resolve(name.toUpperCase());
  // Results are delivered in the order in which bodies end: let this one end before the next.
  await new Promise((resolve) => setImmediate(resolve));
}

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    runs = [];
    passes = [];
    gate = new Gate();
    turns = new Map();
  });
  afterEach(() => database.closeApps());

  describe('Steps that run at once', () => {
    it('in Promise.all give their results in the order of the calls, delivered as they ended', async () => {
      expect(await play(database, All, ['c', 'a', 'b'])).toEqual(['A', 'B', 'C']);
      expect(passes).toEqual([
        ['c', 'a', 'b'],
        ['c', 'a', 'b'],
      ]);
      expect(runs).toEqual(['a', 'b', 'c']);
    });

    it.each([
      [['a', 'b', 'c'], 'A'],
      [['b', 'c', 'a'], 'B'],
      [['c', 'b', 'a'], 'C'],
    ])('in Promise.race that end as %j have one winner, also on a replay', async (order, winner) => {
      expect(await play(database, Race, order)).toEqual([winner, 'A', 'B', 'C']);
      expect(passes).toEqual([[winner], [winner]]);
      expect(runs).toEqual(['a', 'b', 'c']);
    });

    it('in Promise.any have the first that succeeds as the winner, also on a replay', async () => {
      expect(await play(database, AnyOf, ['b fails', 'c', 'a'])).toEqual(['C']);
      expect(passes).toEqual([['C'], ['C']]);
      expect(runs).toEqual(['a', 'b', 'c']);
    });

    it('in Promise.allSettled are all seen', async () => {
      expect(await play(database, Settled, ['b fails', 'a'])).toEqual(['fulfilled', 'rejected']);
    });

    it.each([
      [
        ['a', 'b'],
        ['said by a', 'said by b'],
      ],
      [
        ['b', 'a'],
        ['said by b', 'said by a'],
      ],
    ])('in helpers whose turns end as %j get each their own results on a replay', async (order, said) => {
      expect(await play(database, Helpers, order)).toEqual(['said by a', 'said by b']);
      expect(passes).toEqual([said, said]);
      expect(runs.toSorted()).toEqual(['a', 'b', 'say a', 'say b']);
    });
  });
});
