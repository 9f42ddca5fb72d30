import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What a row of the history says about its operation. `timed_out`: a wait is over because its time was up.
 * `withdrawn`: a wait that was open counts no more, because it lost a race, or because what was around it ended.
 */
export type StepOutcome = 'completed' | 'failed' | 'timed_out' | 'attempt_failed' | 'opened' | 'withdrawn';

/** Whether a row of this outcome ends its operation, with something that goes to the code that called it. */
export function isEndOutcome(outcome: StepOutcome): outcome is 'completed' | 'failed' | 'timed_out' {
  return outcome === 'completed' || outcome === 'failed' || outcome === 'timed_out';
}

/** The history, insert only: one row per finished operation, failed attempt or opened wait, in `seq` order. */
@Entity('step_executions')
export class StepExecutionEntity {
  @PrimaryColumn('uuid', { name: 'execution_id' })
  executionId!: string;

  @PrimaryColumn('integer')
  seq!: number;

  /** Which operation it is: the same on every replay. */
  @Column('text')
  path!: string;

  @Column('text')
  kind!: string;

  @Column('smallint', { default: 1 })
  attempt!: number;

  @Column('text')
  outcome!: StepOutcome;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3, nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'ended_at', precision: 3 })
  endedAt!: Date;

  /** When an opened wait ends, or the next attempt begins. */
  @Column({ type: 'timestamptz', name: 'due_at', precision: 3, nullable: true })
  dueAt!: Date | null;

  @Column('json', { nullable: true })
  output!: unknown;

  @Column('json', { nullable: true })
  error!: unknown;

  @Column('bigint')
  worker!: string;

  /** Of the operation's arguments: a replay that calls it with others has diverged. */
  @Column('integer', { nullable: true })
  hash!: number | null;
}
