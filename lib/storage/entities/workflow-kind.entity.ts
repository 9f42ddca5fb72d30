import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A small number for a workflow in one version, so that queue rows stay narrow. */
@Entity('workflow_kinds')
@Unique(['workflow', 'version'])
export class WorkflowKindEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column('text')
  workflow!: string;

  @Column('integer')
  version!: number;

  /** What the workflow says of itself, for those who start it by its name without knowing its class. */
  @Column('text', { nullable: true })
  queue!: string | null;

  @Column('smallint', { nullable: true })
  priority!: number | null;

  @Column('bigint', { name: 'timeout_ms', nullable: true })
  timeoutMs!: string | null;
}
