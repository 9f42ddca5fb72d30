import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A small number for a queue's name, so that queue rows stay narrow. */
@Entity('queues')
@Unique(['name'])
export class QueueEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column('text')
  name!: string;
}
