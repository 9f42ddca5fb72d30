import { isLockTimeout } from '../storage/queries/lock-timeout.js';
import type { Clock } from '../time/clock.js';

const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Tries again for as long as somebody's open transaction holds what a statement wants, with pauses in which the
 * connection is free for others.
 *
 * @param heldTooLong the error for when that has taken too long
 */
export async function unhindered<Result>(
  clock: Clock,
  work: () => Promise<Result>,
  heldTooLong: (cause: unknown) => Error,
): Promise<Result> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      if (clock.monotonic() > until) throw heldTooLong(error);
    }
    await new Promise<void>((resolve) => clock.setTimer(pause, resolve));
  }
}
