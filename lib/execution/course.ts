/**
 * Which way an execution goes.
 * - `forward`: its code runs.
 * - `unwinding`: its code is replayed as far as it is recorded, to learn what there is to undo; nothing begins.
 * - `undoing`: its code is over, and what it did is undone.
 */
export type Course = 'forward' | 'unwinding' | 'undoing';
