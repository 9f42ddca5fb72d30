import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { step } from '../../../lib/execution/operations/inline-step.operation.js';
import { sleep } from '../../../lib/execution/operations/sleep.operation.js';
import { waitForEvent } from '../../../lib/execution/operations/wait-for-event.operation.js';
import { sendLetter } from '../../../lib/storage/queries/mailbox.queries.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { JournalRig, schema } from '../../support/journal-rig.js';
import { workerOn } from '../../support/worker-rig.js';

const SOON = 2_000;

const limits: readonly (readonly [whose: string, wait: () => Promise<unknown>])[] = [
  ['the wait', () => waitForEvent('a', { timeout: SOON, timeoutValue: 'late' })],
  ['a sleep beside it', () => Promise.race([waitForEvent('a'), sleep(SOON).then(() => 'late')])],
  [
    'the step around it',
    () =>
      step('limited', { timeout: SOON, retry: { maxAttempts: 1 } }, () => waitForEvent('a')).catch(
        () => 'late',
      ),
  ],
  [
    'the step around the step around it',
    () =>
      step('limited', { timeout: SOON, retry: { maxAttempts: 1 } }, () =>
        step('inside', () => waitForEvent('a')),
      ).catch(() => 'late'),
  ],
];

describe('An event of which nobody has told the worker that waits for it', () => {
  let rig: JournalRig;
  beforeEach(async () => {
    rig = await JournalRig.create();
  });
  afterEach(() => rig.dispose());

  it.each(limits)('is heard, where it came before the time of %s was up', async (_, wait) => {
    const gate = new Gate();
    // A body at work keeps the execution here, and this worker has no polls: nothing but the time makes it look.
    const worker = await workerOn(rig, async () => {
      const [heard] = await Promise.all([wait(), step('works', () => gate.pass())]);
      return heard;
    });
    const id = await rig.execution();
    worker.claimer.look();
    const isOpen = async (): Promise<boolean> =>
      (await rig.query('SELECT 1 FROM durable.pending_events WHERE execution_id = $1', [id])).length === 1;
    await eventually(isOpen);
    const letter = {
      executionId: id,
      type: 'event',
      name: 'a',
      payload: '"in time"',
      waitSeq: null,
    } as const;
    await sendLetter(rig.query, schema, letter);
    expect(await isOpen()).toBe(true);
    await eventually(async () => !(await isOpen()));
    gate.open();
    await eventually(() => worker.endings.length === 1);
    expect(worker.endings).toMatchObject([{ outcome: 'completed', output: '"in time"' }]);
  });
});
