import { nameOf } from '../identity/operation-path.js';
import { reviveError } from '../serialization/serialized-error.js';
import type { CompensationResult } from './compensation-result.js';

/** As it is stored: times in milliseconds, the error serialized. */
interface StoredCompensationResult {
  readonly path: string;
  readonly undo: string;
  readonly status: 'completed' | 'failed';
  readonly attempts: number;
  readonly error: string | null;
  readonly endedAt: number;
}

/** What became of each undo, in the order in which they were tried. */
export function compensationResultsOf(text: string): CompensationResult[] {
  const stored = JSON.parse(text) as StoredCompensationResult[];
  return stored.map(({ path, undo, status, attempts, error, endedAt }) => ({
    step: nameOf(path),
    path,
    undo,
    status,
    attempts,
    error: error === null ? undefined : reviveError(error),
    endedAt: new Date(endedAt),
  }));
}
