import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { waitForEvent } from '../../../lib/execution/operations/wait-for-event.operation.js';
import { Mailbox } from '../../../lib/execution/waiting/mailbox.js';
import { eventually } from '../../support/eventually.js';
import { JournalRig } from '../../support/journal-rig.js';
import { workerOn } from '../../support/worker-rig.js';

let rig: JournalRig;
beforeEach(async () => {
  rig = await JournalRig.create();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rig.dispose();
});

it('A time-out that was noticed just before the clock of the database was set back comes when it is due again', async () => {
  const code = (): Promise<unknown> => waitForEvent('a', { timeout: 300, timeoutValue: 'late' });
  const worker = await workerOn(rig, code);
  const { databaseClock } = worker;
  const told = databaseClock.now.bind(databaseClock);
  const { reconsider } = Mailbox.prototype;
  let setBackUntil: number | undefined;
  jest
    .spyOn(databaseClock, 'now')
    .mockImplementation(() => (performance.now() < (setBackUntil ?? 0) ? told() - 500 : told()));
  // Between the timer and the look at what is due.
  jest.spyOn(Mailbox.prototype, 'reconsider').mockImplementation(function (this: Mailbox) {
    setBackUntil ??= performance.now() + 500;
    reconsider.call(this);
  });
  const id = await rig.execution();
  worker.claimer.look();
  await eventually(() => worker.endings.length === 1);
  expect(setBackUntil).toBeDefined();
  const [row] = await rig.query<{ output: unknown }>(
    'SELECT output FROM durable.workflow_executions WHERE id = $1',
    [id],
  );
  expect(row).toEqual({ output: 'late' });
});
