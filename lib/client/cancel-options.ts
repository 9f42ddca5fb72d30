/** @publicApi */
export interface CancelOptions {
  /**
   * Whether what the execution did is undone before it ends, by the `@Compensate()` methods and `compensate`
   * functions of its steps, the last step first. Its status then ends as `compensated`, or as
   * `compensation_failed` where not all of it could be undone.
   *
   * @default false
   */
  readonly compensate?: boolean | undefined;
}
