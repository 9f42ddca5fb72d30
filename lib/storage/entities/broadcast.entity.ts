import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Broadcasts: for each name and scope one value, the first, until it expires. */
@Entity('broadcasts')
@Index(['name', 'scope'], { where: 'NOT announced' })
@Index(['expiresAt'], { where: 'expires_at IS NOT NULL' })
export class BroadcastEntity {
  @PrimaryColumn('text')
  name!: string;

  /** The empty text where it has none. */
  @PrimaryColumn('text')
  scope!: string;

  @Column('json', { nullable: true })
  payload!: unknown;

  /** Every execution that waited for it when it was sent has been told. */
  @Column('boolean', { default: false })
  announced!: boolean;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;
}
