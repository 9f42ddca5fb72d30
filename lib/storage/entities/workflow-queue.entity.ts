import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * What is alive: one narrow row per execution that has not ended, so that claims never see history. Every index
 * is partial: a row is in the few that its state needs.
 */
@Entity('workflow_queue')
@Index(['queue', 'kind', 'rank'], { where: 'state = 0' })
@Index(['dueAt'], { where: 'state = 2 AND due_at IS NOT NULL' })
@Index(['worker'], { where: 'worker IS NOT NULL' })
@Index(['deadlineAt'], { where: 'deadline_at IS NOT NULL' })
@Index(['expiresAt'], { where: 'expires_at IS NOT NULL' })
@Index(['lost'], { where: 'lost >= 2' })
@Index(['id'], { where: 'compensating' })
export class WorkflowQueueEntity {
  /** The execution's id. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('integer')
  kind!: number;

  @Column('integer')
  queue!: number;

  /** The order of claims: the due time, less the priority times a constant. */
  @Column('bigint')
  rank!: string;

  /** One of `QueueState`. */
  @Column('smallint')
  state!: number;

  /** One of `CancelRequest`: what its owner, or the next one, still has to act on. */
  @Column('smallint', { default: 0 })
  cancel!: number;

  /** What it did is being undone. From then on it has no deadline, and nothing interrupts it. */
  @Column('boolean', { default: false })
  compensating!: boolean;

  @Column('smallint', { default: 0 })
  priority!: number;

  /** When a waiting execution goes on by itself. */
  @Column({ type: 'timestamptz', name: 'due_at', precision: 3, nullable: true })
  dueAt!: Date | null;

  /** When an execution with a time-out has to have ended, in whatever state it is. */
  @Column({ type: 'timestamptz', name: 'deadline_at', precision: 3, nullable: true })
  deadlineAt!: Date | null;

  /** Until when an execution that has not begun may still begin. */
  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column('bigint', { nullable: true })
  worker!: string | null;

  /** Raised by every claim: what an earlier owner still sends names an older epoch. */
  @Column('integer', { default: 0 })
  epoch!: number;

  /** Raised by whoever wakes it: a suspension that saw fewer of them does not take place. */
  @Column('integer', { default: 0 })
  signals!: number;

  /** Waiting, it has a wait open that others can end: who sends it something wakes it. */
  @Column('boolean', { default: false })
  listening!: boolean;

  /** How many owners were lost since its history last grew. */
  @Column('smallint', { default: 0 })
  lost!: number;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3, nullable: true })
  startedAt!: Date | null;
}
