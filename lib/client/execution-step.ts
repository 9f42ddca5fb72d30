/**
 * `attempt_failed`: one attempt of a step failed and another follows. `running` and `waiting`: it is not over.
 * `timed_out`: a wait whose time was up. `withdrawn`: a wait that counts no more, because it lost a race or what was
 * around it ended.
 * `interrupted`: it was not over when its execution, or the step around it, ended.
 *
 * @publicApi
 */
export type ExecutionStepStatus =
  | 'completed'
  | 'failed'
  | 'timed_out'
  | 'withdrawn'
  | 'attempt_failed'
  | 'running'
  | 'waiting'
  | 'interrupted';

/**
 * One line of an execution's history: a finished step or wait, an attempt that failed, or something that is not
 * over yet.
 *
 * @publicApi
 */
export interface ExecutionStep {
  /** Its place in the history. */
  readonly seq: number;
  /**
   * Which operation it is: `charge`, `charge#2` for the second call, `ship/label` for one inside another step or a
   * block, `mail/17/send` for one of the item with the index 17.
   */
  readonly path: string;
  /** The last name of the path; of an undo, the name of the step that it undoes. */
  readonly name: string;
  /**
   * `step`, `commit`, `send` (a message to others); the waits `sleep`, `event`, `any`, `all`, `broadcast`, `input`; of what a block was asked `branch`, `foreach`, `while`, `parallel` or `decision`;
   * `undo`.
   */
  readonly kind: string;
  readonly status: ExecutionStepStatus;
  /** Which attempt it is, from 1. */
  readonly attempt: number;
  readonly startedAt: Date | undefined;
  readonly endedAt: Date | undefined;
  /** When a wait ends, the next attempt begins, or a running attempt times out. */
  readonly dueAt: Date | undefined;
  /** As it is stored where this process cannot read it. */
  readonly output: unknown;
  readonly error: Error | undefined;
  /** The worker that recorded it. */
  readonly workerId: string;
  /** The path of the step that it undoes, if it is an undo. */
  readonly compensates?: string;
}
