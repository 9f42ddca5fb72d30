import { EventIntake } from '../../../lib/intake/event-intake.js';
import { LaneConnection } from '../../../lib/journal/lane-connection.js';

/** Where a process is to be killed by its own hand: around flushes that have to do with waits, or while it sends. */
export type WaitFailpoint =
  | {
      /** The statement that makes it such a flush. */
      readonly statement:
        | 'durable_open_events'
        | 'durable_open_inputs'
        | 'durable_suspend'
        | 'durable_take'
        | 'durable_settle'
        | 'durable_close_waits';
      readonly moment: 'before it is sent' | 'while it is under way' | 'when it was answered';
      /** At which passing it strikes, from 1. */
      readonly passing: number;
    }
  | { readonly sending: 'kept, not announced' | 'written, not delivered' };

/** The points are put around the engine's methods from outside: the engine knows nothing of them. */
export function armWaits(failpoint: WaitFailpoint): void {
  if ('sending' in failpoint) {
    const method = failpoint.sending === 'kept, not announced' ? 'announce' : 'deliver';
    EventIntake.prototype[method] = die;
    return;
  }
  const { send } = LaneConnection.prototype;
  let passings = 0;
  LaneConnection.prototype.send = async function (this: LaneConnection, statements) {
    const concerns = statements.some(({ statement }) => statement.name === failpoint.statement);
    if (concerns) passings += 1;
    const isNow = concerns && passings === failpoint.passing;
    if (isNow && failpoint.moment === 'before it is sent') return await die();
    const answer = send.call(this, statements);
    if (isNow && failpoint.moment === 'while it is under way') return await die();
    const results = await answer;
    if (isNow) return await die();
    return results;
  };
}

async function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return await new Promise<never>(() => undefined);
}
