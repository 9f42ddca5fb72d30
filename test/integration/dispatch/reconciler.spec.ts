import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { step } from '../../../lib/execution/operations/inline-step.operation.js';
import { EventIntake } from '../../../lib/intake/event-intake.js';
import { Catalogue } from '../../../lib/intake/catalogue.js';
import { StartIntake } from '../../../lib/intake/start-intake.js';
import type { StartRequest } from '../../../lib/intake/start-request.js';
import { Uuid7 } from '../../../lib/identity/uuid7.js';
import type { Query } from '../../../lib/storage/queries/query.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { drained } from '../../support/held-clock.js';
import { JournalRig, schema } from '../../support/journal-rig.js';
import { workerOn } from '../../support/worker-rig.js';

const request: StartRequest = {
  workflow: 'order',
  version: 1,
  queue: 'default',
  key: null,
  priority: 0,
  input: null,
  attributes: null,
  startAt: undefined,
  delay: undefined,
  expiresIn: undefined,
  timeout: null,
  originId: null,
  manager: undefined,
};

describe('The reconciler', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(async () => {
    await rig.closeJournals();
    await rig.query('DELETE FROM durable.workflow_queue');
  });
  afterAll(() => rig.dispose());

  it('gives back what was claimed in a flush whose answer was lost, and it is run', async () => {
    let bodies = 0;
    const { connection, claimer, reconciler, worker, endings, journal, slots } = await workerOn(rig, () =>
      step('pay', () => (bodies += 1)),
    );
    const id = await rig.execution();
    const send = connection.send.bind(connection);
    connection.send = async (statements) => {
      connection.send = send;
      await send(statements);
      connection.drop(new Error('The cable was pulled.'));
      throw new Error('The cable was pulled.');
    };
    claimer.look();
    await eventually(async () => (await rig.queueRow(id))?.worker === worker.id);
    // Told nothing, the claimer asks once more, in vain; meanwhile everything may be on its way.
    await eventually(() => !claimer.wantsClaim && !claimer.isClaiming);
    expect(slots.free('default')).toBe(5);
    await journal.settled();
    await reconciler.reconcile();
    expect(await rig.queueRow(id)).toMatchObject({ state: 1, worker: worker.id });
    await reconciler.reconcile();
    await journal.settled();
    expect(await rig.queueRow(id)).toMatchObject({ state: 0, worker: null, epoch: 1 });
    claimer.look();
    await eventually(() => endings.length === 1);
    expect(bodies).toBe(1);
    expect(slots.free('default')).toBe(5);
  });

  it('lets be what is on its way into the executor, however long its history takes', async () => {
    const gate = new Gate();
    const slow: Query = async (sql, parameters) => {
      if (sql.includes('step_executions')) await gate.pass();
      return await rig.query(sql, parameters);
    };
    let bodies = 0;
    const { claimer, reconciler, worker, endings } = await workerOn(
      rig,
      () => step('pay', () => (bodies += 1)),
      {
        query: slow,
      },
    );
    const id = await rig.execution({ epoch: 1 });
    claimer.look();
    await gate.reached();
    for (let round = 0; round < 3; round += 1) await reconciler.reconcile();
    await drained();
    expect(await rig.queueRow(id)).toMatchObject({ state: 1, worker: worker.id, epoch: 2 });
    gate.open();
    await eventually(() => endings.length === 1);
    expect(bodies).toBe(1);
    expect(await rig.outcomeOf(id)).toBe('completed');
  });

  it('lets be what this process has just started, however long the answer takes', async () => {
    const inBody = new Gate();
    let bodies = 0;
    const { connection, claimer, reconciler, worker, endings, journal, databaseClock, clock } =
      await workerOn(rig, () =>
        step('pay', async () => {
          bodies += 1;
          await inBody.pass();
        }),
      );
    const intake = new StartIntake({
      journal,
      catalogue: new Catalogue(rig.query, schema),
      databaseClock,
      ids: new Uuid7(databaseClock),
      query: rig.query,
      events: new EventIntake({ query: rig.query, schema, clock }),
      clock,
      transaction: (work) => work(rig.query),
      schema,
    });
    intake.receiver = claimer;
    const answer = new Gate();
    const send = connection.send.bind(connection);
    connection.send = async (statements) => {
      connection.send = send;
      await send(statements);
      await answer.pass();
      connection.drop(new Error('The cable was pulled.'));
      throw new Error('The cable was pulled.');
    };
    const started = intake.start(request);
    await answer.reached();
    for (let round = 0; round < 3; round += 1) await reconciler.reconcile();
    answer.open();
    const { id } = await started;
    await inBody.reached();
    await journal.settled();
    expect(await rig.queueRow(id)).toMatchObject({ state: 1, worker: worker.id, epoch: 1 });
    inBody.open();
    await eventually(() => endings.length === 1);
    expect(bodies).toBe(1);
    expect(await rig.outcomeOf(id)).toBe('completed');
  });

  it('finds a request to cancel of which nobody told this process', async () => {
    const inBody = new Gate();
    const { claimer, reconciler, endings, executor } = await workerOn(rig, () =>
      step('pay', () => inBody.pass()),
    );
    const id = await rig.execution();
    claimer.look();
    await inBody.reached();
    await rig.query('UPDATE durable.workflow_queue SET cancel = 1, signals = signals + 1 WHERE id = $1', [
      id,
    ]);
    await reconciler.reconcile();
    await eventually(() => executor.get(id)?.isOver === true);
    inBody.open();
    await eventually(() => endings.length === 1);
    expect(await rig.outcomeOf(id)).toBe('cancelled');
    // What the body did is recorded all the same.
    expect(await rig.seqs(id)).toEqual([1]);
  });

  it.each([
    [1, false],
    [2, true],
  ])('passes on what is to be undone, by a look and by a hint (cancel %d)', async (cancel, compensate) => {
    const inBody = new Gate();
    const { claimer, reconciler, endings, executor } = await workerOn(rig, () =>
      step('pay', () => inBody.pass()),
    );
    const id = await rig.execution();
    claimer.look();
    await inBody.reached();
    const asked: unknown[] = [];
    executor.cancel = (...request) => asked.push(request);
    await reconciler.reconcile();
    expect(asked).toEqual([]);
    await rig.query('UPDATE durable.workflow_queue SET cancel = $2, signals = signals + 1 WHERE id = $1', [
      id,
      cancel,
    ]);
    await rig.query(`UPDATE durable.workflow_executions SET cancel_reason = 'off' WHERE id = $1`, [id]);
    await reconciler.reconcile();
    const request = [id, { reason: 'off', compensate }];
    await eventually(() => asked.length === 1);
    executor.look(id);
    await eventually(() => asked.length === 2);
    expect(asked).toEqual([request, request]);
    inBody.open();
    await eventually(() => endings.length === 1);
  });
});
