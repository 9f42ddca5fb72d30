import { Abilities } from '../../lib/dispatch/abilities.js';
import { Arrivals } from '../../lib/dispatch/arrivals.js';
import { Claimer } from '../../lib/dispatch/claimer.js';
import { Reconciler } from '../../lib/dispatch/reconciler.js';
import { Slots } from '../../lib/dispatch/slots.js';
import type { WorkflowDefinition } from '../../lib/definition/workflow-definition.js';
import type { ExecutionEnding } from '../../lib/execution/execution-facts.js';
import { Executor } from '../../lib/execution/executor.js';
import { MailReader } from '../../lib/execution/waiting/mail-reader.js';
import { EventIntake } from '../../lib/intake/event-intake.js';
import { Uuid7 } from '../../lib/identity/uuid7.js';
import { TaggedSerializer } from '../../lib/serialization/tagged-serializer.js';
import type { Query } from '../../lib/storage/queries/query.js';
import { eventually } from './eventually.js';
import { type JournalRig, type RigOptions, type RiggedJournal, schema } from './journal-rig.js';

/** A worker put together by hand: everything from the journal up to the claimer, without polls and timers. */
export interface RiggedWorker extends RiggedJournal {
  readonly executor: Executor;
  readonly claimer: Claimer;
  readonly slots: Slots;
  readonly reconciler: Reconciler;
  /** The ends of executions, as their waiters are told. */
  readonly endings: ExecutionEnding[];
}

export interface WorkerOptions extends RigOptions {
  /** @default 5 */
  readonly slots?: number;
  /** What the claimer and the executor ask the database. */
  readonly query?: Query;
}

/** A workflow in code, under the kind 1 of the rig's database. */
export function definitionOf(run: (input: unknown) => unknown): WorkflowDefinition {
  return {
    name: 'order',
    version: 1,
    style: 'run',
    classRef: class OrderWorkflow {},
    instance: { run },
    queue: 'default',
    priority: 0,
    maxRetries: 0,
    nodes: [],
    steps: [],
  };
}

/** @param code what the kind 1 of the rig's database is here: a run method, or any workflow */
export async function workerOn(
  rig: JournalRig,
  code: ((input: unknown) => unknown) | WorkflowDefinition,
  { slots: size = 5, query = rig.query, ...options }: WorkerOptions = {},
): Promise<RiggedWorker> {
  const rigged = await rig.journal(options);
  const { journal, clock, databaseClock, worker } = rigged;
  const slots = new Slots([['default', size]]);
  const endings: ExecutionEnding[] = [];
  const events = new EventIntake({ query, schema, clock });
  const executor = new Executor({
    journal,
    serializer: new TaggedSerializer(),
    clock,
    databaseClock,
    random: () => 0,
    ids: new Uuid7(databaseClock),
    mail: new MailReader(query, schema),
    events,
    lease: worker.lease,
    timezone: 'UTC',
    schema,
    query,
    transaction: (work) => rig.database.dataSource.transaction(work),
  });
  const arrivals = new Arrivals({ journal, executor, slots, clock, databaseClock, query, schema });
  const claimer = new Claimer({
    journal,
    executor,
    arrivals,
    slots,
    clock,
    announce: () => undefined,
    expect: () => undefined,
  });
  executor.listener = {
    left: (execution) => claimer.left(execution),
    returned: (execution) => claimer.returned(execution),
    ended: (ending) => endings.push(ending),
    parkedUntil: () => undefined,
  };
  journal.claimSource = claimer;
  journal.onLeaseLost = (lost) => {
    rigged.lost.push(lost);
    executor.abandonAll(new Error('The lease is lost.'));
    claimer.reset();
  };
  const reconciler = new Reconciler({
    journal,
    executor,
    query: rig.query,
    schema,
    kinds: () => [1],
    isArriving: (id) => claimer.isClaiming || arrivals.has(id),
    isolate: () => claimer.isolate('default'),
    peers: () => undefined,
  });
  const definition = typeof code === 'function' ? definitionOf(code) : code;
  claimer.start(new Abilities(new Map([['default', 1]]), new Map([[1, definition]])));
  // Its first look has come back empty-handed: from here on the test says when it looks.
  await eventually(() => !claimer.wantsClaim && !claimer.isClaiming);
  return { ...rigged, executor, claimer, slots, reconciler, endings };
}
