import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  commit,
  Compensate,
  execution,
  ForEach,
  NotInWorkflow,
  Pipeline,
  Run,
  Step,
  step,
  type Undo,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { failureOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';
import { HASTY, restartAt } from '../../support/restart.js';

let undone: string[] = [];
let gate = new Gate();

const once = { retry: { maxAttempts: 1 } } as const;

@Workflow()
class InPipeline extends Pipeline<{ where: 'own step' | 'failing step' | 'nowhere' }> {
  @Step()
  before() {}

  @Compensate('before')
  undoBefore() {
    undone.push('before');
  }

  @Step(once)
  async turn({ where }: { where: string }) {
    if (where !== 'nowhere') await commit();
    if (where === 'failing step') throw new Error('behind the commit');
  }

  @Compensate('turn')
  undoTurn() {
    undone.push('turn');
  }

  @Step()
  after() {}

  @Compensate('after')
  undoAfter() {
    undone.push('after');
  }

  @Step()
  async held() {
    await gate.pass(execution().signal);
  }

  @Step(once)
  fails() {
    throw new Error('at the end');
  }
}

@Workflow()
class InRun {
  @Run()
  async run(where: 'between' | 'at the end' | 'nowhere') {
    await this.book('one');
    await step('two', { compensate: () => void undone.push('two') }, () => 2);
    if (where === 'between') await commit();
    await this.book('three');
    if (where === 'at the end') await commit();
    await step('held', () => gate.pass(execution().signal));
    throw new Error('at the end');
  }

  @Step()
  async book(what: string) {
    return what;
  }

  @Compensate('book')
  async unbook({ result }: Undo<string>) {
    undone.push(result);
  }
}

/** The second item commits: what was done by then stays, for whichever item it was. */
@Workflow()
class InItems extends Pipeline<void, { item?: string }> {
  @ForEach({ do: 'work', concurrency: 1 })
  items() {
    return ['a', 'b', 'c', 'bad'];
  }

  @Step({ in: 'items', ...once })
  async work(_data: object, item: string) {
    if (item === 'b') await commit();
    if (item === 'bad') throw new Error('bad');
    return { item };
  }

  @Compensate('work')
  unwork(_data: object, { result }: Undo<{ item: string }>) {
    undone.push(result.item);
  }
}

/** The undo of the later step commits, which is no business of the earlier one. */
@Workflow()
class InUndo {
  @Run()
  async run() {
    await this.earlier();
    await this.later();
    throw new Error('at the end');
  }

  @Step()
  async earlier() {}

  @Compensate('earlier')
  async undoEarlier() {
    await gate.pass(execution().signal);
    undone.push('earlier');
  }

  @Step()
  async later() {}

  @Compensate('later')
  async undoLater() {
    await commit();
    undone.push('later');
  }
}

const PROVIDERS = [InPipeline, InRun, InItems, InUndo];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    undone = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  /** What is undone of an execution that fails, in one process and where another goes on with it. */
  async function undoneOf(workflow: string, input: unknown, { restart }: { restart: boolean }) {
    undone = [];
    gate = new Gate();
    let app = await database.start(PROVIDERS, HASTY);
    const { id } = await app.client.start(workflow, input);
    if (restart) app = await restartAt(gate, app, database, PROVIDERS);
    else gate.open();
    await (await app.client.handle(workflow, { id })).result().catch(() => undefined);
    const { status } = await app.client.getExecution(id);
    await app.close();
    return { undone, status };
  }

  describe('commit()', () => {
    it.each([
      ['in_pipeline', { where: 'nowhere' }, ['after', 'turn', 'before'], 'compensated'],
      ['in_pipeline', { where: 'own step' }, ['after', 'turn'], 'compensated'],
      ['in_run', 'nowhere', ['three', 'two', 'one'], 'compensated'],
      ['in_run', 'between', ['three'], 'compensated'],
      ['in_run', 'at the end', [], 'failed'],
    ])('in %s (%j) leaves only %j to be undone, also after a restart', async (...args) => {
      const [workflow, input, expected, status] = args;
      const outcome = { undone: expected, status };
      expect(await undoneOf(workflow, input, { restart: false })).toEqual(outcome);
      expect(await undoneOf(workflow, input, { restart: true })).toEqual(outcome);
    });

    it('holds even where the step around it fails afterwards', async () => {
      const outcome = await undoneOf('in_pipeline', { where: 'failing step' }, { restart: false });
      expect(outcome).toEqual({ undone: [], status: 'failed' });
    });

    it('for one item of a list holds for all that was done by then', async () => {
      const outcome = await undoneOf('in_items', undefined, { restart: false });
      expect(outcome).toEqual({ undone: ['c', 'b'], status: 'compensated' });
    });

    it('in an undo takes no other undo away, also after a restart', async () => {
      const outcome = { undone: ['later', 'earlier'], status: 'compensated' };
      expect(await undoneOf('in_undo', undefined, { restart: false })).toEqual(outcome);
      expect(await undoneOf('in_undo', undefined, { restart: true })).toEqual(outcome);
    });

    it('is in the history', async () => {
      const { client } = await database.start(PROVIDERS);
      gate.open();
      const inCode = await client.start(InRun, 'between');
      await inCode.result().catch(() => undefined);
      expect(await recordedOf(client, inCode.id)).toContain('commit completed');
      const inStep = await client.start(InPipeline, { where: 'own step' });
      await inStep.result().catch(() => undefined);
      const { steps } = await client.getExecution(inStep.id, { steps: true });
      expect(steps).toContainEqual(expect.objectContaining({ path: 'turn/commit', kind: 'commit' }));
    });

    it('belongs into an execution', async () => {
      expect((await failureOf(commit(), NotInWorkflow)).message).toContain('commit()');
    });
  });
});
