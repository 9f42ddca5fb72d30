import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitForEvent } from '../../../../lib/execution/operations/wait-for-event.operation.js';
import type { BoundStatement } from '../../../../lib/journal/statement-pipeline.js';
import { sendLetter } from '../../../../lib/storage/queries/mailbox.queries.js';
import { SeededRandom } from '../../../crash/support/random.js';
import { eventually } from '../../../support/eventually.js';
import { JournalRig, schema } from '../../../support/journal-rig.js';
import { type RiggedWorker, workerOn } from '../../../support/worker-rig.js';
import { turns } from './race-ground.js';

const EXECUTIONS = 60;
const EVENTS = 6;

/** When an event lands, as seen from the flush that parks its receiver. */
const moments = [
  'before it leaves',
  'while it is under way',
  'before its answer is told',
  'after it',
] as const;
type Moment = (typeof moments)[number];

/** Whether the worker is told of events for what it runs, or has to find them itself. */
const hints = [true, false];

describe('An event that lands while its receiver is being parked', () => {
  let rig: JournalRig;
  beforeEach(async () => {
    rig = await JournalRig.create();
  });
  afterEach(() => rig.dispose());

  it.each(moments.flatMap((moment) => hints.map((hinted, seed) => ({ moment, hinted, seed: seed + 1 }))))(
    '$moment wakes it (told of it: $hinted)',
    async ({ moment, hinted, seed }) => {
      const random = new SeededRandom(moments.indexOf(moment) * 10 + seed);
      const worker = await workerOn(rig, takeAll, { slots: EXECUTIONS });
      const left = new Map<string, number>();
      let landed = 0;

      /** The next event for each that is being parked, and still expects one. */
      const land = async (ids: readonly string[]): Promise<void> => {
        await Promise.all(
          ids.map(async (id) => {
            const count = left.get(id) ?? 0;
            if (count === 0) return;
            left.set(id, count - 1);
            landed += 1;
            await turns(random.between(0, 3));
            await send(rig, worker, id, EVENTS - count, hinted);
          }),
        );
      };
      const suspensions = aroundSuspensions(worker, moment, random, land);

      for (let n = 0; n < EXECUTIONS; n += 1) left.set(await rig.execution(), EVENTS);
      worker.claimer.look();
      await eventually(() => worker.endings.length === EXECUTIONS, { within: 15_000 });

      expect(landed).toBe(EXECUTIONS * EVENTS);
      // An event that was there first keeps its receiver from being parked; one that comes after finds it parked.
      if (moment === 'before it leaves') expect(suspensions.declined).toBe(landed);
      if (moment === 'before its answer is told') expect(suspensions.parked).toBe(landed);
      const outputs = await rig.query<{ output: unknown }>(
        'SELECT output FROM durable.workflow_executions WHERE id = ANY($1)',
        [[...left.keys()]],
      );
      expect(outputs).toHaveLength(EXECUTIONS);
      for (const { output } of outputs) expect(output).toEqual(Array.from({ length: EVENTS }, (_, n) => n));
      expect(
        await rig.query('SELECT id FROM durable.workflow_events WHERE NOT taken OR NOT delivered'),
      ).toEqual([]);
      expect(await rig.query('SELECT execution_id FROM durable.pending_events')).toEqual([]);
    },
  );
});

async function takeAll(): Promise<unknown> {
  const taken: unknown[] = [];
  while (taken.length < EVENTS) taken.push(await waitForEvent('number'));
  return taken;
}

/** As senders do it; whoever waits is looked for by this worker, because it has no polls. */
async function send(rig: JournalRig, worker: RiggedWorker, id: string, n: number, hinted: boolean) {
  const letter = {
    executionId: id,
    type: 'event',
    name: 'number',
    payload: String(n),
    waitSeq: null,
  } as const;
  const signalled = await sendLetter(rig.query, schema, letter);
  if (signalled?.isReady === true) worker.claimer.look();
  if (signalled?.isRunning === true && hinted) worker.executor.look(id);
}

/** Has events land at the moment when flushes park what they are for. */
function aroundSuspensions(
  { connection }: RiggedWorker,
  moment: Moment,
  random: SeededRandom,
  land: (ids: readonly string[]) => Promise<void>,
): { parked: number; declined: number } {
  const counted = { parked: 0, declined: 0 };
  const send = connection.send.bind(connection);
  connection.send = async (statements) => {
    const ids = parkedBy(statements);
    if (ids.length === 0) return await send(statements);
    if (moment === 'before it leaves') await land(ids);
    const landing =
      moment === 'while it is under way' ? turns(random.between(0, 2)).then(() => land(ids)) : undefined;
    const results = await send(statements);
    const parked = results[statements.findIndex(isSuspension)]?.rows.length ?? 0;
    counted.parked += parked;
    counted.declined += ids.length - parked;
    await landing;
    if (moment === 'before its answer is told') await land(ids);
    if (moment === 'after it') void turns(random.between(1, 4)).then(() => land(ids));
    return results;
  };
  return counted;
}

const ARRAY_HEADER = 20;
const UUID = 16;

/** The executions that a flush would park: the first array of its suspensions, as it stands on the wire. */
function parkedBy(statements: readonly BoundStatement[]): string[] {
  const ids = statements.find(isSuspension)?.values[0];
  if (!Buffer.isBuffer(ids)) return [];
  const found: string[] = [];
  for (let at = ARRAY_HEADER; at < ids.length; at += 4 + UUID) {
    found.push(
      ids.toString('hex', at + 4, at + 4 + UUID).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    );
  }
  return found;
}

function isSuspension({ statement }: BoundStatement): boolean {
  return statement.name === 'durable_suspend';
}
