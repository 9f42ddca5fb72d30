/**
 * A condition that lets a statement of ours wait for somebody's transaction for a moment only: others want its
 * connection.
 */
export const PATIENT_FOR_OTHERS = "set_config('lock_timeout', '50ms', true) IS NOT NULL";

/** Whose transaction a statement runs in: in the caller's it waits as the caller has set it up. */
export interface InTransaction {
  readonly isOurs: boolean;
}

/** Somebody's open transaction holds what a statement wanted. */
export function isLockTimeout(error: unknown): boolean {
  const cause: unknown =
    typeof error === 'object' && error !== null && 'driverError' in error ? error.driverError : error;
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === '55P03';
}
