import { IN_FLIGHT } from '../engines/engine.js';

/** Does something `count` times, `IN_FLIGHT` at a time: as one ends, the next begins. */
export async function inParallel(count: number, once: () => Promise<void>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await once();
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, IN_FLIGHT) }, lane));
}

/** The same until `seconds` have passed; returns how many were done in a second. */
export async function ratePerSecond(
  seconds: number,
  lanes: number,
  once: () => Promise<unknown>,
): Promise<number> {
  const begun = performance.now();
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - begun < seconds * 1_000) {
      await once();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (done * 1_000) / (performance.now() - begun);
}
