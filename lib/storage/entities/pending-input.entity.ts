import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How a question to people ended. */
export type InputOutcome = 'answered' | 'timed_out' | 'cancelled' | 'withdrawn';

/**
 * Questions to people. The row is the arbiter between an answer and a time-out: whoever gives it its outcome first
 * has settled it. It stays for as long as the execution does, so that a second answer can be told of the first.
 */
@Entity('pending_inputs')
@Index(['executionId', 'seq'], { where: 'outcome IS NULL' })
@Index(['workflow', 'executionId', 'seq'], { where: 'outcome IS NULL' })
@Index(['dueAt'], { where: 'outcome IS NULL AND due_at IS NOT NULL' })
// GIN (assignees) WHERE outcome IS NULL, which TypeORM cannot say: the migration makes it, and TypeORM leaves it alone.
@Index('IDX_7b1e4c5d2f8a3069b4c1d2e3f5', { synchronize: false })
export class PendingInputEntity {
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
  name!: string;

  /** What is asked: type, prompt, fields, choices. */
  @Column('json')
  question!: unknown;

  @Column('json', { nullable: true })
  metadata!: unknown;

  @Column('text', { array: true, default: () => "'{}'" })
  assignees!: string[];

  @Column({ type: 'timestamptz', name: 'opened_at', precision: 3 })
  openedAt!: Date;

  @Column({ type: 'timestamptz', name: 'due_at', precision: 3, nullable: true })
  dueAt!: Date | null;

  @Column('text', { nullable: true })
  outcome!: InputOutcome | null;

  /** Who settled it, if a person did. */
  @Column('text', { name: 'settled_by', nullable: true })
  settledBy!: string | null;

  @Column({ type: 'timestamptz', name: 'settled_at', precision: 3, nullable: true })
  settledAt!: Date | null;
}
