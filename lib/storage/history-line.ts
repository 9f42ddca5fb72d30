import type { StepOutcome } from './entities/step-execution.entity.js';

/** One line of an execution's history, as every room passes it on: times in milliseconds, values serialized. */
export interface HistoryLine {
  readonly seq: number;
  readonly path: string;
  readonly kind: string;
  readonly attempt: number;
  readonly outcome: StepOutcome;
  readonly startedAt: number | null;
  readonly endedAt: number;
  readonly dueAt: number | null;
  readonly output: string | null;
  readonly error: string | null;
  /** Of the arguments, so that a replay notices other ones. */
  readonly hash: number | null;
}
