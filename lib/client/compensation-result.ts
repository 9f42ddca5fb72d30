/**
 * What became of the undoing of one step.
 *
 * @publicApi
 */
export interface CompensationResult {
  /** The name of the step that was to be undone. */
  readonly step: string;
  /** Which run of it: its path in the history. */
  readonly path: string;
  /** The name of the undo. */
  readonly undo: string;
  readonly status: 'completed' | 'failed';
  /** How often it was tried. */
  readonly attempts: number;
  /** Why it failed, if it did. */
  readonly error: Error | undefined;
  readonly endedAt: Date;
}
