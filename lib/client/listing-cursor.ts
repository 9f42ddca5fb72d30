import { createHash } from 'node:crypto';
import { InvalidCursor } from '../errors/execution.error.js';
import { uuidOfBytes } from '../identity/uuid-text.js';
import type { WaitPosition } from '../storage/queries/pending.queries.js';

const HASH_BYTES = 8;
const UUID_BYTES = 16;
const SEQ_BYTES = 4;

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
  return uuidOfBytes(placeIn(filter, cursor, UUID_BYTES), 0);
}

/** Where a page of waits ended: at a wait of an execution. */
export function encodeWaitCursor(filter: string, { executionId, seq }: WaitPosition): string {
  const place = Buffer.alloc(UUID_BYTES + SEQ_BYTES);
  place.write(executionId.replaceAll('-', ''), 'hex');
  place.writeUInt32BE(seq, UUID_BYTES);
  return Buffer.concat([hashOf(filter), place]).toString('base64url');
}

/** @throws InvalidCursor */
export function decodeWaitCursor(filter: string, cursor: string): WaitPosition {
  const place = placeIn(filter, cursor, UUID_BYTES + SEQ_BYTES);
  return { executionId: uuidOfBytes(place, 0), seq: place.readUInt32BE(UUID_BYTES) };
}

/** What a cursor says beside the hash of its filter. */
function placeIn(filter: string, cursor: string, length: number): Buffer {
  const bytes = Buffer.from(cursor, 'base64url');
  const isOurs =
    bytes.length === HASH_BYTES + length &&
    // Node skips what is not base64url.
    bytes.toString('base64url') === cursor &&
    bytes.subarray(0, HASH_BYTES).equals(hashOf(filter));
  if (!isOurs) throw new InvalidCursor();
  return bytes.subarray(HASH_BYTES);
}

function hashOf(filter: string): Buffer {
  return createHash('sha256').update(filter).digest().subarray(0, HASH_BYTES);
}
