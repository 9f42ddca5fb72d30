import type { EntityManager } from 'typeorm';
import type { Journal } from '../journal/journal.js';
import type { Serializer } from '../serialization/serializer.js';
import type { Clock } from '../time/clock.js';
import type { DatabaseClock } from '../time/database-clock.js';

/** What running an execution needs from the process that it runs in. */
export interface ExecutionServices {
  readonly journal: Journal;
  readonly serializer: Serializer;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly random: () => number;
  readonly ids: { next(): string };
  /** The application's own database, where it was given to us: the home of transactional steps. */
  readonly transaction: (<T>(work: (manager: EntityManager) => Promise<T>) => Promise<T>) | undefined;
  /** How long this process may be silent before others take over, in milliseconds. */
  readonly lease: number;
  /** The quoted name of the schema. */
  readonly schema: string;
  /** Ordinary queries, outside the journal. */
  readonly query: <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;
}
