import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EngineStopped, LeaseLost } from '../../../lib/errors/worker.error.js';
import type { LaneConnection } from '../../../lib/journal/lane-connection.js';
import { Deferred, Gate } from '../../support/gate.js';
import { JournalRig, settle } from '../../support/journal-rig.js';
import { ending, line, Verdicts } from '../../support/records.js';

/** Keeps the next flush from going out until the gate opens. */
function holdNext(connection: LaneConnection): Gate {
  const gate = new Gate();
  const send = connection.send.bind(connection);
  connection.send = async (statements) => {
    connection.send = send;
    await gate.pass();
    return await send(statements);
  };
  return gate;
}

describe('What gathers while a flush is on its way', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  it('goes out in one, with the next', async () => {
    const { journal, connection, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const before = await rig.flushNo(worker);
    const gate = holdNext(connection);
    const first = settle(journal, line({ executionId, seq: 1 }));
    await gate.reached();
    const later = settle(
      journal,
      ...Array.from({ length: 300 }, (_, place) => line({ executionId, seq: place + 2 })),
    );
    gate.open();
    await Promise.all([first, later]);
    expect(await rig.flushNo(worker)).toBe(before + 2);
    expect(await rig.seqs(executionId)).toHaveLength(301);
  });

  it('goes out a thousand at a time', async () => {
    const { journal, connection, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const before = await rig.flushNo(worker);
    const gate = holdNext(connection);
    const first = settle(journal, line({ executionId, seq: 1 }));
    await gate.reached();
    const later = settle(
      journal,
      ...Array.from({ length: 2_500 }, (_, place) => line({ executionId, seq: place + 2 })),
    );
    gate.open();
    await Promise.all([first, later]);
    expect(await rig.flushNo(worker)).toBe(before + 4);
  });

  it('goes out a megabyte at a time, and one record that is larger goes alone', async () => {
    const { journal, connection, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const before = await rig.flushNo(worker);
    const gate = holdNext(connection);
    const first = settle(journal, line({ executionId, seq: 1 }));
    await gate.reached();
    const text = (size: number): string => JSON.stringify('x'.repeat(size));
    const later = settle(
      journal,
      line({ executionId, seq: 2, output: text(600_000) }),
      line({ executionId, seq: 3, output: text(600_000) }),
      line({ executionId, seq: 4, output: text(3_000_000) }),
      line({ executionId, seq: 5 }),
    );
    gate.open();
    await Promise.all([first, later]);
    expect(await rig.flushNo(worker)).toBe(before + 5);
    expect(await rig.seqs(executionId)).toEqual([1, 2, 3, 4, 5]);
  });

  it('becomes durable in the order in which each execution said it, across all batches', async () => {
    const { journal, worker } = await rig.journal();
    const ids = await Promise.all(Array.from({ length: 7 }, () => rig.running(worker)));
    const told = new Map<string, number[]>(ids.map((id) => [id, []]));
    for (let seq = 1; seq <= 500; seq += 1) {
      for (const executionId of ids) {
        const durable = (): unknown => told.get(executionId)?.push(seq);
        journal.append(line({ executionId, seq, watcher: { durable, refused: durable } }));
      }
      if (seq % 90 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await settle(journal, ...ids.map((executionId) => ending({ executionId })));
    const inOrder = Array.from({ length: 500 }, (_, place) => place + 1);
    for (const id of ids) expect(told.get(id)).toEqual(inOrder);
    for (const id of ids) expect(await rig.outcomeOf(id)).toBe('completed');
  });

  it('stops claims first, then bodies, and lets both go on when it has gone out', async () => {
    const { journal, connection, worker, claims } = await rig.journal();
    const executionId = await rig.running(worker);
    const gate = holdNext(connection);
    journal.append(line({ executionId, seq: 1 }));
    await gate.reached();
    let seq = 1;
    const appendUpTo = (count: number): void => {
      while (seq < count) journal.append(line({ executionId, seq: (seq += 1) }));
    };
    appendUpTo(5_001);
    expect(journal.isCrowded).toBe(false);
    appendUpTo(5_002);
    expect(journal.isCrowded).toBe(true);
    expect(journal.acceptsBodies).toBe(true);
    claims.want(1);
    appendUpTo(20_001);
    expect(journal.acceptsBodies).toBe(true);
    appendUpTo(20_002);
    expect(journal.acceptsBodies).toBe(false);
    const ready = new Deferred();
    void journal.readyForBodies().then(() => ready.resolve());
    expect(claims.wantsClaim).toBe(true);
    gate.open();
    await ready.promise;
    expect(journal.acceptsBodies).toBe(true);
    await journal.settled();
    expect(claims.answers).toBe(1);
    expect(await rig.seqs(executionId)).toHaveLength(20_002);
  }, 60_000);

  it('is refused as a whole when the lease is lost, each record once', async () => {
    const { journal, connection, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const gate = holdNext(connection);
    const verdicts = new Verdicts();
    const names = Array.from({ length: 50 }, (_, place) => `${place}`);
    journal.append(line({ executionId, seq: 100, watcher: verdicts.watcher('0') }));
    await gate.reached();
    for (const name of names.slice(1)) {
      journal.append(line({ executionId, seq: Number(name), watcher: verdicts.watcher(name) }));
    }
    await rig.bury(worker);
    gate.open();
    await verdicts.toldTo(...names);
    expect(names.map((name) => verdicts.of(name))).toEqual(names.map(() => [expect.any(LeaseLost)]));
  });

  it('is written before the journal closes, and nothing after that', async () => {
    const { journal, worker } = await rig.journal();
    const executionId = await rig.running(worker);
    const told = settle(journal, line({ executionId }));
    await journal.close();
    expect(await told).toEqual([true]);
    expect(await settle(journal, line({ executionId, seq: 2 }))).toEqual([expect.any(EngineStopped)]);
    expect(await rig.seqs(executionId)).toEqual([1]);
  });
});
