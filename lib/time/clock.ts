/** A timer that was set, and can be taken back. Cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

/** Where the engine reads the time, so that a test can hold it. */
export interface Clock {
  /** The wall clock, in milliseconds since 1970. It may step back. */
  now(): number;
  /** Milliseconds since some moment, never stepping back: for measuring how long something took. */
  monotonic(): number;
  /** Calls `fire` once, after `ms`, unless cancelled before. */
  setTimer(ms: number, fire: () => void): Timer;
}
