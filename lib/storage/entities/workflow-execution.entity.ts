import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How an execution ended. */
export type ExecutionOutcome = 'completed' | 'failed' | 'cancelled' | 'compensated' | 'compensation_failed';

/**
 * What users look at: written at the start and at the end. What is alive beside it is in `workflow_queue`.
 * Ids are ordered by time, so every listing reads an index that ends in the id.
 */
@Entity('workflow_executions')
@Index(['workflow', 'key'], { unique: true, where: 'key IS NOT NULL' })
@Index(['workflow', 'id'])
@Index(['outcome', 'id'], { where: 'outcome IS NOT NULL' })
@Index(['workflow', 'outcome', 'id'], { where: "outcome <> 'completed'" })
@Index(['parentId', 'id'], { where: 'parent_id IS NOT NULL' })
// GIN (attributes jsonb_path_ops), which TypeORM cannot say: the migration makes it, and TypeORM leaves it alone.
@Index('IDX_b7d04879f677246b6fbf5c2a9b', { synchronize: false })
export class WorkflowExecutionEntity {
  @PrimaryColumn('uuid')
  id!: string;

  /** The caller's own identity for it, unique per workflow while the execution is retained. */
  @Column('text', { nullable: true })
  key!: string | null;

  @Column('text')
  workflow!: string;

  @Column('integer')
  version!: number;

  @Column('text')
  queue!: string;

  @Column('smallint', { default: 0 })
  priority!: number;

  @Column('json', { nullable: true })
  input!: unknown;

  @Column('json', { nullable: true })
  output!: unknown;

  @Column('json', { nullable: true })
  error!: unknown;

  /** `null` while it is alive. */
  @Column('text', { nullable: true })
  outcome!: ExecutionOutcome | null;

  @Column('text', { name: 'cancel_reason', nullable: true })
  cancelReason!: string | null;

  @Column('uuid', { name: 'parent_id', nullable: true })
  parentId!: string | null;

  /** The first ancestor of a child. */
  @Column('uuid', { name: 'root_id', nullable: true })
  rootId!: string | null;

  /** The execution that this one retries. */
  @Column('uuid', { name: 'origin_id', nullable: true })
  originId!: string | null;

  /** The execution that retries this one. */
  @Column('uuid', { name: 'retried_as', nullable: true })
  retriedAs!: string | null;

  @Column('smallint', { name: 'retry_no', default: 0 })
  retryNo!: number;

  @Column('bigint', { name: 'timeout_ms', nullable: true })
  timeoutMs!: string | null;

  @Column('jsonb', { nullable: true })
  attributes!: unknown;

  @Column('json', { nullable: true })
  progress!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3, nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'completed_at', precision: 3, nullable: true })
  completedAt!: Date | null;

  /** What was undone and what could not be, once all of it has been tried. */
  @Column('json', { name: 'compensation_results', nullable: true })
  compensationResults!: unknown;

  @Column({ type: 'timestamptz', name: 'compensated_at', precision: 3, nullable: true })
  compensatedAt!: Date | null;
}
