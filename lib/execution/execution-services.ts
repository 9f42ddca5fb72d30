import type { EntityManager } from 'typeorm';
import type { EventIntake } from '../intake/event-intake.js';
import type { Journal } from '../journal/journal.js';
import type { Serializer } from '../serialization/serializer.js';
import type { Clock } from '../time/clock.js';
import type { DatabaseClock } from '../time/database-clock.js';
import type { MailReader } from './waiting/mail-reader.js';

/** What running an execution needs from the process that it runs in. */
export interface ExecutionServices {
  readonly journal: Journal;
  readonly serializer: Serializer;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly random: () => number;
  readonly ids: { next(): string };
  /** What others have said to executions. */
  readonly mail: MailReader;
  /** What executions say to others. */
  readonly events: EventIntake;
  /** The application's own database, where it was given to us: the home of transactional steps. */
  readonly transaction: (<T>(work: (manager: EntityManager) => Promise<T>) => Promise<T>) | undefined;
  /** How long this process may be silent before others take over, in milliseconds. */
  readonly lease: number;
  /** In which the calendar's functions think where they are given none. */
  readonly timezone: string;
  /** The quoted name of the schema. */
  readonly schema: string;
  /** Ordinary queries, outside the journal. */
  readonly query: <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;
}
