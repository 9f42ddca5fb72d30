import { StatementFailed } from './statement-pipeline.js';
import { FENCE } from './statements/fence.statement.js';

/**
 * What a failed flush calls for. Only `poison` blames the records; everything else is about the moment or the
 * connection, and loses nothing.
 */
export type FlushFailure =
  /** The fence raised: the lease is lost, or an earlier copy of this flush was committed after all. */
  | 'fenced'
  /** A value that the database does not take: find the execution and refuse its records. */
  | 'poison'
  /** Somebody holds a row for too long: find the execution and set its records aside. */
  | 'blocked'
  /** A conflict that passes by itself. */
  | 'transient'
  /** The prepared statements are gone (a pooler, or DISCARD ALL). */
  | 'forgotten'
  /** The answer did not come: only the database knows whether it was committed. */
  | 'disconnected'
  /** The database cannot take anything now (disk full, a missing table, no rights): hold and complain. */
  | 'unavailable';

/** A record that cannot even be written down as a parameter. */
export class Unwritable extends Error {
  constructor(override readonly cause: unknown) {
    super('A record cannot be put into the form that the database takes.');
  }
}

const DIVISION_BY_ZERO = '22012';
const LOCK_NOT_AVAILABLE = '55P03';
const TRANSIENT = new Set(['40001', '40P01', '57014']);
const FORGOTTEN = new Set(['26000', '42P05', '0A000']);
const SHUTTING_DOWN = new Set(['57P01', '57P02', '57P03', '57P05', '25P03']);
const POISON_CLASSES = new Set(['22', '23', '54']);

export function classifyFailure(error: unknown): FlushFailure {
  if (error instanceof Unwritable) return 'poison';
  const code = sqlStateOf(error instanceof StatementFailed ? error.cause : error);
  if (code === undefined || code.startsWith('08') || SHUTTING_DOWN.has(code)) return 'disconnected';
  if (code === DIVISION_BY_ZERO && isFence(error)) return 'fenced';
  // The worker's own row is held by a takeover or an administrator: no record is to blame.
  if (code === LOCK_NOT_AVAILABLE) return isFence(error) ? 'transient' : 'blocked';
  if (TRANSIENT.has(code)) return 'transient';
  if (FORGOTTEN.has(code)) return 'forgotten';
  if (POISON_CLASSES.has(code.slice(0, 2))) return 'poison';
  return 'unavailable';
}

function isFence(error: unknown): boolean {
  return error instanceof StatementFailed && error.statement === FENCE;
}

function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  // Codes of the operating system (ECONNRESET) are not SQLSTATEs.
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && /[0-9]/.test(code) ? code : undefined;
}

export function describeFailure(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
