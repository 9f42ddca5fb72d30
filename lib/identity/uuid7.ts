import { randomFillSync } from 'node:crypto';
import { hexAt } from './uuid-text.js';

/** Fills the bytes with randomness that nobody can guess. */
export type RandomSource = (bytes: Uint8Array) => unknown;

const COUNTER_END = 2 ** 26;
const TIME_END = 2 ** 48;
/** Asking the system for randomness costs the same for 6 bytes as for 4 kB. */
const POOL_SIZE = 4096;

/**
 * Makes UUIDs of version 7 that sort by the order in which they were made, also within one millisecond and
 * when the clock steps back.
 *
 * Layout: 48 bits of milliseconds, version, a counter of 26 bits (with the variant in its middle), 48 random
 * bits. The counter begins each millisecond at a random place in its lower half, so 33 million ids fit in any
 * millisecond, and two processes differ by 73 random bits.
 */
export class Uuid7 {
  private readonly pool = new Uint8Array(POOL_SIZE);
  private used = POOL_SIZE;
  private time = -1;
  private timeText = '';
  private counter = 0;

  constructor(
    private readonly clock: { now(): number } = Date,
    private readonly fillRandom: RandomSource = randomFillSync,
  ) {}

  next(): string {
    const now = Math.floor(this.clock.now());
    if (now > this.time) this.moveTo(now);
    else if (++this.counter === COUNTER_END) this.moveTo(this.time + 1);

    const { pool, counter } = this;
    const at = this.take(6);
    const high = (0x7000 | (counter >>> 14)).toString(16);
    const low = (0x8000 | (counter & 0x3fff)).toString(16);
    return (
      `${this.timeText}-${high}-${low}-` +
      hexAt(pool, at) +
      hexAt(pool, at + 1) +
      hexAt(pool, at + 2) +
      hexAt(pool, at + 3) +
      hexAt(pool, at + 4) +
      hexAt(pool, at + 5)
    );
  }

  private moveTo(time: number): void {
    this.time = time;
    this.timeText = textOfTime(time);
    const at = this.take(4);
    const bits = new DataView(this.pool.buffer).getUint32(at);
    this.counter = bits >>> 7;
  }

  /** The place of `count` random bytes that nobody has had yet. */
  private take(count: number): number {
    if (this.used + count > POOL_SIZE) {
      this.fillRandom(this.pool);
      this.used = 0;
    }
    const at = this.used;
    this.used += count;
    return at;
  }
}

/** The milliseconds since 1970 at which a UUID of version 7 was made. */
export function timeOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** The smallest UUID of version 7 that belongs to the millisecond: ids made before it sort below. */
export function firstIdAt(ms: number): string {
  return `${textOfTime(Math.min(Math.max(Math.floor(ms), 0), TIME_END - 1))}-7000-8000-000000000000`;
}

function textOfTime(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
