import { createHash } from 'node:crypto';
import { uuidOfBytes } from './uuid-text.js';

const TWO_TO_53 = 2 ** 53;

/**
 * A UUID that is always the same for the same seed, so that a replay gets it again without a record. Version
 * 8 of RFC 9562, over SHA-256.
 */
export function derivedUuid(seed: string): string {
  const bytes = digest('uuid', seed);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return uuidOfBytes(bytes);
}

/** A number in [0, 1) that is always the same for the same seed, with all 53 bits that a number can hold. */
export function derivedRandom(seed: string): number {
  const bytes = digest('random', seed);
  const bits = bytes.readBigUInt64BE() >> 11n;
  return Number(bits) / TWO_TO_53;
}

/** The purpose keeps the UUID and the number of one seed apart. */
function digest(purpose: string, seed: string): Buffer {
  return createHash('sha256').update(`${purpose}\n${seed}`).digest();
}
