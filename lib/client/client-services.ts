import type { WorkflowRegistry } from '../definition/workflow.registry.js';
import type { AnswerIntake } from '../intake/answer-intake.js';
import type { EventIntake } from '../intake/event-intake.js';
import type { StartIntake } from '../intake/start-intake.js';
import type { Serializer } from '../serialization/serializer.js';
import type { Database } from '../storage/database.js';
import type { CancelOutcome } from '../storage/queries/cancel.query.js';
import type { Query } from '../storage/queries/query.js';
import type { Clock } from '../time/clock.js';
import type { ExecutionReader } from './execution-reader.js';
import type { ResultWaiters } from './result-waiters.js';
import type { StartRequests } from './start-requests.js';

/** What the client stands on. There once the database is open; the application may inject the client before. */
export interface ClientServices {
  readonly registry: WorkflowRegistry;
  readonly requests: StartRequests;
  readonly intake: StartIntake;
  readonly events: EventIntake;
  readonly answers: AnswerIntake;
  readonly reader: ExecutionReader;
  readonly waiters: ResultWaiters;
  readonly serializer: Serializer;
  readonly clock: Clock;
  readonly database: Database;
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  /** An execution is to be cancelled, or was: whoever runs it, may run it or waits for it should know at once. */
  cancelled(
    id: string,
    outcome: Exclude<CancelOutcome, 'compensating'>,
    request: { readonly reason: string | null; readonly compensate: boolean },
  ): void;
}
