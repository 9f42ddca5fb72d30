import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One boot of one worker process. Its id is the fencing token of everything that this boot writes. */
@Entity('workers')
export class WorkerEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  host!: string;

  @Column('integer')
  pid!: number;

  /** The database sessions of this worker: whoever takes over ends them, so that nothing half sent still lands. */
  @Column('integer', { name: 'backend_pids', array: true, default: [] })
  backendPids!: number[];

  @Column('boolean', { default: true })
  alive!: boolean;

  /** Raised by every flush: after a lost connection it says whether the last flush was committed. */
  @Column('bigint', { name: 'flush_no', default: 0 })
  flushNo!: string;

  @Column('integer', { name: 'lease_ms' })
  leaseMs!: number;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3, default: () => 'now()' })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'seen_at', precision: 3, default: () => 'now()' })
  seenAt!: Date;
}
