import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { JournalRig } from '../../support/journal-rig.js';
import { annotation, ending, line, Verdicts } from '../../support/records.js';

describe('A row that somebody else holds', () => {
  let rig: JournalRig;
  let stranger: Client | undefined;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(async () => {
    await stranger?.end();
    stranger = undefined;
    await rig.closeJournals();
  });
  afterAll(() => rig.dispose());

  async function hold(table: string, id: string): Promise<void> {
    stranger = await rig.transaction([`SELECT 1 FROM durable.${table} WHERE id = $1 FOR UPDATE`, [id]]);
  }

  it('keeps only its own execution waiting, whose records are stored later and in order', async () => {
    const { journal, worker } = await rig.journal();
    const [held, ...others] = await Promise.all(Array.from({ length: 9 }, () => rig.running(worker)));
    if (held === undefined) throw new Error('There is no execution.');
    await hold('workflow_queue', held);
    const verdicts = new Verdicts();
    for (const executionId of [held, ...others]) {
      journal.append(line({ executionId, watcher: verdicts.watcher(`${executionId} line`) }));
      journal.append(ending({ executionId, watcher: verdicts.watcher(`${executionId} end`) }));
    }
    await verdicts.toldTo(...others.map((id) => `${id} end`));
    expect(verdicts.of(`${held} end`)).toEqual([]);
    expect(await rig.seqs(held)).toEqual([]);

    // What it says now waits behind what it has said before.
    const order: string[] = [];
    journal.append(
      annotation({
        executionId: held,
        progress: '1',
        watcher: { durable: () => order.push('annotation'), refused: () => order.push('refused') },
      }),
    );
    await stranger?.end();
    stranger = undefined;
    await verdicts.toldTo(`${held} end`);
    await journal.settled();
    expect(verdicts.of(`${held} line`)).toEqual(['stored']);
    expect(verdicts.of(`${held} end`)).toEqual(['stored']);
    expect(order).toEqual(['annotation']);
    expect(await rig.seqs(held)).toEqual([1]);
    expect(await rig.outcomeOf(held)).toBe('completed');
  });

  it('keeps nobody waiting who has nothing to do with it', async () => {
    const { journal, worker } = await rig.journal();
    const held = await rig.running(worker);
    const free = await rig.running(worker);
    await hold('workflow_executions', held);
    const verdicts = new Verdicts();
    journal.append(annotation({ executionId: held, progress: '1', watcher: verdicts.watcher('held') }));
    for (let seq = 1; seq <= 5; seq += 1) {
      journal.append(line({ executionId: free, seq, watcher: verdicts.watcher(`free ${seq}`) }));
      await verdicts.toldTo(`free ${seq}`);
    }
    expect(verdicts.of('held')).toEqual([]);
    expect(await rig.seqs(free)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is no fault of any record where it is the row of the worker', async () => {
    const { journal, worker, lost } = await rig.journal();
    const ids = await Promise.all(Array.from({ length: 20 }, () => rig.running(worker)));
    await hold('workers', worker.id);
    const verdicts = new Verdicts();
    for (const executionId of ids)
      journal.append(line({ executionId, watcher: verdicts.watcher(executionId) }));
    await rig.lockAwaited();
    expect(verdicts.count).toBe(0);
    await stranger?.end();
    stranger = undefined;
    await verdicts.toldTo(...ids);
    expect(ids.map((id) => verdicts.of(id))).toEqual(ids.map(() => ['stored']));
    expect(lost).toEqual([]);
  });

  it('is waited for by a shutdown, as long as that takes', async () => {
    const { journal, worker } = await rig.journal();
    const held = await rig.running(worker);
    await hold('workflow_queue', held);
    const verdicts = new Verdicts();
    journal.append(ending({ executionId: held, watcher: verdicts.watcher('end') }));
    const closed = journal.close();
    await stranger?.end();
    stranger = undefined;
    await closed;
    expect(verdicts.of('end')).toEqual(['stored']);
  });
});
