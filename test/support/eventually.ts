import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 15;
const WITHIN_MS = 10_000;

/**
 * Asks until the answer is neither undefined nor false, and gives it. What the question throws last is thrown
 * where the time runs out.
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  { within = WITHIN_MS }: { readonly within?: number } = {},
): Promise<Exclude<T, false | undefined>> {
  const end = performance.now() + within;
  let failure: unknown = new Error('The condition was never met.');
  do {
    try {
      const answer = await ask();
      if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>;
    } catch (error) {
      failure = error;
    }
    await pause(POLL_MS);
  } while (performance.now() < end);
  throw failure;
}
