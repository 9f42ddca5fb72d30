import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordRefused } from '../../../lib/errors/execution.error.js';
import { LeaseLost } from '../../../lib/errors/worker.error.js';
import { derivedRandom } from '../../../lib/identity/derived.js';
import { JournalRig, type RiggedJournal } from '../../support/journal-rig.js';
import { line, start, Verdicts } from '../../support/records.js';

const BAD_JSON = '{"half":';

describe('One record that the database refuses', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(() => rig.closeJournals());
  afterAll(() => rig.dispose());

  async function executions(rigged: RiggedJournal, count: number): Promise<string[]> {
    return await Promise.all(Array.from({ length: count }, () => rig.running(rigged.worker)));
  }

  it('among five hundred harms nobody else, and everybody is told once', async () => {
    const rigged = await rig.journal();
    const ids = await executions(rigged, 500);
    const culprit = ids[321] ?? '';
    const verdicts = new Verdicts();
    for (const executionId of ids) {
      for (const seq of [1, 2]) {
        rigged.journal.append(
          line({
            executionId,
            seq,
            output: executionId === culprit && seq === 2 ? BAD_JSON : '1',
            watcher: verdicts.watcher(`${executionId} ${seq}`),
          }),
        );
      }
    }
    await rigged.journal.settled();
    for (const executionId of ids) {
      const told = executionId === culprit ? expect.any(RecordRefused) : 'stored';
      expect([1, 2].map((seq) => verdicts.of(`${executionId} ${seq}`))).toEqual([[told], [told]]);
    }
    const [row] = await rig.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM durable.step_executions WHERE execution_id = ANY($1)',
      [ids],
    );
    expect(row?.count).toBe(998);
    expect(await rig.seqs(culprit)).toEqual([]);
  });

  it('names its execution and keeps the reason', async () => {
    const rigged = await rig.journal();
    const [executionId = ''] = await executions(rigged, 1);
    const verdicts = new Verdicts();
    rigged.journal.append(line({ executionId, output: BAD_JSON, watcher: verdicts.watcher('it') }));
    await rigged.journal.settled();
    const [refusal] = verdicts.of('it');
    expect(refusal).toMatchObject({ executionId, cause: { code: '22P02' } });
  });

  it.each([
    ['no JSON', { output: BAD_JSON }],
    ['a NUL in a text', { path: 'a\0b' }],
    ['a number that its column does not hold', { attempt: 40_000 }],
    ['a time that no column holds', { dueAt: 1e17 }],
    ['JSON that is nested too deeply', { output: '['.repeat(200_000) + ']'.repeat(200_000) }],
  ])('is found whatever is wrong with it: %s', async (_, fault) => {
    const rigged = await rig.journal();
    const [bad = '', good = ''] = await executions(rigged, 2);
    const verdicts = new Verdicts();
    rigged.journal.append(line({ executionId: bad, watcher: verdicts.watcher('bad'), ...fault }));
    rigged.journal.append(line({ executionId: good, watcher: verdicts.watcher('good') }));
    await rigged.journal.settled();
    expect(verdicts.of('bad')).toEqual([expect.any(RecordRefused)]);
    expect(verdicts.of('good')).toEqual(['stored']);
    expect(rigged.lost).toEqual([]);
  });

  it('is found among several culprits, whatever their places', async () => {
    const rigged = await rig.journal();
    for (let round = 0; round < 5; round += 1) {
      const ids = await executions(rigged, 40);
      const isBad = (place: number): boolean => derivedRandom(`${round} ${place}`) < 0.2;
      const verdicts = new Verdicts();
      for (const [place, executionId] of ids.entries()) {
        const output = isBad(place) ? BAD_JSON : '1';
        rigged.journal.append(line({ executionId, output, watcher: verdicts.watcher(executionId) }));
      }
      await rigged.journal.settled();
      expect(ids.map((id) => verdicts.of(id))).toEqual(
        ids.map((_, place) => [isBad(place) ? expect.any(RecordRefused) : 'stored']),
      );
    }
  });

  it('and a lease that is lost in the middle of the search: each is told once, and rightly', async () => {
    const rigged = await rig.journal();
    const ids = await executions(rigged, 32);
    const verdicts = new Verdicts();
    const { connection, worker } = rigged;
    const send = connection.send.bind(connection);
    let sends = 0;
    connection.send = async (statements) => {
      sends += 1;
      if (sends === 5) await rig.bury(worker);
      return await send(statements);
    };
    for (const [place, executionId] of ids.entries()) {
      const output = place === 20 ? BAD_JSON : '1';
      rigged.journal.append(line({ executionId, output, watcher: verdicts.watcher(executionId) }));
    }
    await verdicts.toldTo(...ids);
    await rigged.journal.settled();
    const stored = new Set<string>();
    for (const id of ids) if ((await rig.seqs(id)).length > 0) stored.add(id);
    expect(stored.size).toBeGreaterThan(0);
    for (const id of ids) {
      expect(verdicts.of(id)).toEqual([stored.has(id) ? 'stored' : expect.any(LeaseLost)]);
    }
    expect(rigged.lost).toEqual([worker]);
  });

  it('may be a start, whose later records are refused with it', async () => {
    const rigged = await rig.journal();
    const verdicts = new Verdicts();
    const bad = start({ input: BAD_JSON, watcher: verdicts.watcher('bad') });
    const good = start({ watcher: verdicts.watcher('good') });
    rigged.journal.append(bad);
    rigged.journal.append(line({ executionId: bad.executionId, watcher: verdicts.watcher('line of bad') }));
    rigged.journal.append(good);
    await rigged.journal.settled();
    expect(verdicts.of('bad')).toEqual([expect.any(RecordRefused)]);
    expect(verdicts.of('line of bad')).toEqual([expect.any(RecordRefused)]);
    expect(verdicts.of('good')).toEqual(['stored']);
    expect(await rig.outcomeOf(bad.executionId)).toBeUndefined();
    expect(await rig.outcomeOf(good.executionId)).toBeNull();
  });

  it('is not blamed on anybody where the watcher of a record is at fault', async () => {
    const rigged = await rig.journal();
    const [first = '', second = ''] = await executions(rigged, 2);
    const verdicts = new Verdicts();
    rigged.journal.append(
      line({
        executionId: first,
        watcher: {
          durable: () => {
            throw new Error('a fault of the one who watches');
          },
          refused: verdicts.watcher('first').refused,
        },
      }),
    );
    rigged.journal.append(line({ executionId: second, watcher: verdicts.watcher('second') }));
    await rigged.journal.settled();
    expect(verdicts.of('first')).toEqual([]);
    expect(verdicts.of('second')).toEqual(['stored']);
    expect(await rig.seqs(first)).toEqual([1]);
  });
});
