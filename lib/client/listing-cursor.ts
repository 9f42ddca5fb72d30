import { createHash } from 'node:crypto';
import { InvalidCursor } from '../errors/execution.error.js';
import { uuidOfBytes } from '../identity/uuid-text.js';

const HASH_BYTES = 8;
const UUID_BYTES = 16;

/**
 * Where a page ended, for the next one: the last id, and a hash of the filter, without which a cursor in another
 * listing would quietly leave executions out.
 *
 * @param filter a text that is the same for the same filter
 */
export function encodeCursor(filter: string, lastId: string): string {
  return Buffer.concat([hashOf(filter), Buffer.from(lastId.replaceAll('-', ''), 'hex')]).toString(
    'base64url',
  );
}

/**
 * The last id of the page before.
 *
 * @throws InvalidCursor
 */
export function decodeCursor(filter: string, cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const isOurs =
    bytes.length === HASH_BYTES + UUID_BYTES &&
    // Node skips what is not base64url.
    bytes.toString('base64url') === cursor &&
    bytes.subarray(0, HASH_BYTES).equals(hashOf(filter));
  if (!isOurs) throw new InvalidCursor();
  return uuidOfBytes(bytes, HASH_BYTES);
}

function hashOf(filter: string): Buffer {
  return createHash('sha256').update(filter).digest().subarray(0, HASH_BYTES);
}
