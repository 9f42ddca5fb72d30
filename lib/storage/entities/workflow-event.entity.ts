import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/**
 * What a letter in the mailbox is: an event that somebody sent, the answer to a question, or the word that a wait is
 * cancelled.
 */
export type LetterType = 'event' | 'answer' | 'cancelled';

/**
 * The mailboxes: what was sent to executions, kept in order until a wait takes it. Rows are inserted; later only the
 * two flags change.
 */
@Entity('workflow_events')
@Index(['executionId', 'id'], { where: 'NOT taken' })
@Index(['executionId', 'idempotencyKey'], { unique: true, where: 'idempotency_key IS NOT NULL' })
@Index(['id'], { where: 'NOT delivered' })
export class WorkflowEventEntity {
  /** The order in which events are taken. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column('uuid', { name: 'execution_id' })
  executionId!: string;

  @Column('text')
  type!: LetterType;

  /** The event's name, or that of the wait. */
  @Column('text')
  name!: string;

  @Column('json', { nullable: true })
  payload!: unknown;

  /** The wait that an answer or a cancellation is for; null for events, which any wait of their name may take. */
  @Column('integer', { name: 'wait_seq', nullable: true })
  waitSeq!: number | null;

  /** The sender's own identity for the event, unique per execution. */
  @Column('text', { name: 'idempotency_key', nullable: true })
  idempotencyKey!: string | null;

  /**
   * False where it was written in a caller's transaction, which must not lock the receiver's queue row: the receiver
   * has yet to be told.
   */
  @Column('boolean', { default: true })
  delivered!: boolean;

  /** A wait has taken it: set in the transaction that records the end of the wait. */
  @Column('boolean', { default: false })
  taken!: boolean;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
