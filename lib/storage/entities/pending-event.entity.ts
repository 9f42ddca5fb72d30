import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What an execution waits for that a program sends. */
export type EventWaitKind = 'event' | 'any' | 'all' | 'broadcast';

/**
 * Open waits for events and broadcasts: what senders see. Written together with the line of history that opens the
 * wait, and gone with the one that ends it.
 */
@Entity('pending_events')
@Index(['workflow', 'executionId', 'seq'])
@Index(['dueAt'], { where: 'due_at IS NOT NULL' })
@Index(['broadcast', 'scope'], { where: 'broadcast IS NOT NULL AND NOT notified' })
// GIN (names), which TypeORM cannot say: the migration makes it, and TypeORM leaves it alone.
@Index('IDX_6a0f3a4b1c7d2e5f8091a2b3c4', { synchronize: false })
export class PendingEventEntity {
  @PrimaryColumn('uuid', { name: 'execution_id' })
  executionId!: string;

  /** Of the line that opened the wait. */
  @PrimaryColumn('integer')
  seq!: number;

  @Column('text')
  workflow!: string;

  @Column('text')
  path!: string;

  @Column('text')
  kind!: EventWaitKind;

  @Column('text', { array: true })
  names!: string[];

  /** The name of the broadcast that is waited for, if it is one. */
  @Column('text', { nullable: true })
  broadcast!: string | null;

  @Column('text', { nullable: true })
  scope!: string | null;

  /** The execution has been told of a broadcast that ends the wait. */
  @Column('boolean', { default: false })
  notified!: boolean;

  @Column({ type: 'timestamptz', name: 'opened_at', precision: 3 })
  openedAt!: Date;

  @Column({ type: 'timestamptz', name: 'due_at', precision: 3, nullable: true })
  dueAt!: Date | null;
}
