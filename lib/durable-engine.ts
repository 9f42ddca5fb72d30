import { Logger } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { SchedulerRegistry } from '@nestjs/schedule';
import { DataSource } from 'typeorm';
import type { ClientServices } from './client/client-services.js';
import { ExecutionReader } from './client/execution-reader.js';
import { ResultWaiters } from './client/result-waiters.js';
import { StartRequests } from './client/start-requests.js';
import { buildSteps, buildWorkflow } from './definition/workflow.builder.js';
import type { WorkflowExplorer } from './definition/workflow.explorer.js';
import { WorkflowRegistry } from './definition/workflow.registry.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { SilentNotifier } from './dispatch/notifier.js';
import { PostgresNotifier } from './dispatch/postgres.notifier.js';
import type { ResolvedOptions } from './durable-options.js';
import { TransactionalStepUnavailable } from './errors/definition.error.js';
import { InvalidOptions } from './errors/option.error.js';
import { EngineStopped } from './errors/worker.error.js';
import { Executor } from './execution/executor.js';
import { MailReader } from './execution/waiting/mail-reader.js';
import { hash32 } from './identity/hash.js';
import { Uuid7 } from './identity/uuid7.js';
import { Catalogue } from './intake/catalogue.js';
import { AnswerIntake } from './intake/answer-intake.js';
import { EventIntake } from './intake/event-intake.js';
import { StartIntake } from './intake/start-intake.js';
import { FlushStatements } from './journal/flush-statements.js';
import { Journal } from './journal/journal.js';
import { LaneConnection } from './journal/lane-connection.js';
import type { Database } from './storage/database.js';
import { listenToClientsOf } from './storage/listening-clients.js';
import { Migrator } from './storage/migrator.js';
import { type DatabaseSource, openDatabase } from './storage/open-database.js';
import type { Query } from './storage/queries/query.js';
import { endingsOf } from './storage/queries/result.queries.js';
import { quoted } from './storage/schema-name.js';
import { DatabaseClock } from './time/database-clock.js';
import { SystemClock } from './time/system-clock.js';

export interface EngineParts {
  readonly options: ResolvedOptions;
  readonly explorer: WorkflowExplorer;
  /** Where the timers of the pollers stand; asked when every provider is there. */
  scheduler(): SchedulerRegistry;
  readonly moduleRef: ModuleRef;
  /** The name of this instance, where an application has several. */
  readonly name: string;
}

interface Running {
  readonly database: Database;
  readonly dispatcher: Dispatcher;
  readonly client: ClientServices;
  readonly schemaVersion: number;
}

/** One engine: what stands behind one `DurableModule`, put together by hand, from the database up. */
export class DurableEngine {
  readonly #logger = new Logger('DurableModule');
  readonly #registry = new WorkflowRegistry();
  #running: Promise<Running> | undefined;
  #client: ClientServices | undefined;
  #stopped = false;

  constructor(private readonly parts: EngineParts) {}

  /** Opens the database and becomes ready to store starts. Whoever needs it first waits for it. */
  async prepare(): Promise<void> {
    await this.#prepared('prepare()');
  }

  /** At once where the engine is up already. */
  client(fn: string): ClientServices | Promise<ClientServices> {
    if (this.#client !== undefined && !this.#stopped) return this.#client;
    return this.#prepared(fn).then(({ client }) => client);
  }

  /** The application began to close, perhaps before the engine was up. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Begins to run executions. */
  async begin(): Promise<void> {
    const { dispatcher, database, schemaVersion } = await this.#prepared('begin()');
    const workflows = this.#registry.all();
    await dispatcher.begin(workflows);
    const { worker, queues } = this.parts.options.dispatch;
    const work = worker
      ? `${counted(queues.size, 'queue')} (${counted(dispatcher.slotCount, 'slot')})`
      : 'no worker';
    this.#logger.log(
      `Durable ready: ${counted(workflows.length, 'workflow')}, ${work}, schema v${schemaVersion}, ${database.description}`,
    );
  }

  async drain(): Promise<void> {
    this.#stopped = true;
    const running = await this.#running?.catch(() => undefined);
    await running?.dispatcher.drain();
  }

  async close(): Promise<void> {
    this.#stopped = true;
    const running = await this.#running?.catch(() => undefined);
    if (running === undefined) return;
    running.client.waiters.stop();
    await running.dispatcher.stop();
    await running.database.close();
  }

  #prepared(fn: string): Promise<Running> {
    if (this.#stopped) return Promise.reject(new EngineStopped(fn));
    this.#running ??= this.#start();
    return this.#running;
  }

  async #start(): Promise<Running> {
    this.#register();
    const { storage } = this.parts.options;
    const database = await openDatabase(this.#source(), {
      schema: storage.schema,
      poolSize: storage.poolSize,
    });
    try {
      const migrator = new Migrator(database);
      if (storage.migrate) await migrator.run();
      else await migrator.requireCurrent();
      return await this.#assemble(database, await migrator.version());
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  #register(): void {
    const { workflows, stepClasses } = this.parts.explorer.explore();
    const hasTransactions = 'dataSource' in this.parts.options.storage.database;
    for (const { classRef, instance } of workflows) {
      const definition = buildWorkflow(classRef, instance);
      if (!hasTransactions) refuseTransactions(classRef.name, definition.steps);
      this.#registry.add(definition);
    }
    for (const classRef of stepClasses) {
      const steps = buildSteps(classRef);
      if (!hasTransactions) refuseTransactions(classRef.name, steps);
    }
  }

  async #assemble(database: Database, schemaVersion: number): Promise<Running> {
    const { options, name } = this.parts;
    const schema = quoted(database.schema);
    const query: Query = (sql, parameters) => database.query(sql, parameters);
    const clock = new SystemClock();
    const databaseClock = new DatabaseClock(clock);
    const { serializer } = options;
    const ids = new Uuid7(databaseClock);
    const random = Math.random;
    const appDataSource = this.#appDataSource();

    const journal = new Journal({
      connection: new LaneConnection({
        connect: () => database.connect('journal'),
        schema,
        clock,
        flushTimeout: Math.max(5_000, options.dispatch.lease / 2),
      }),
      statements: new FlushStatements(schema),
      clock,
      databaseClock,
      random,
    });
    const events = new EventIntake({ query, schema, clock });
    const executor = new Executor({
      journal,
      serializer,
      clock,
      databaseClock,
      random,
      ids,
      mail: new MailReader(query, schema),
      events,
      lease: options.dispatch.lease,
      timezone: options.timezone,
      schema,
      query,
      transaction:
        appDataSource &&
        ((work) => {
          listenToClientsOf(appDataSource);
          return appDataSource.transaction(work);
        }),
    });
    const catalogue = new Catalogue(query, schema);
    const intake = new StartIntake({
      journal,
      catalogue,
      events,
      clock,
      databaseClock,
      ids,
      query,
      schema,
      transaction: (work) =>
        database.dataSource.transaction((manager) =>
          work((sql, parameters) => manager.query(sql, [...(parameters ?? [])])),
        ),
    });
    const waiters = new ResultWaiters({
      find: (executions) => endingsOf(query, schema, executions),
      runsHere: (id) => executor.get(id) !== undefined,
    });
    const notifier =
      database.kind === 'embedded'
        ? new SilentNotifier()
        : new PostgresNotifier({
            connect: () => database.connect('notifier'),
            // The name of a channel is as short as that of a schema.
            channel: `durable:${hash32(database.schema)}`,
            self: ids.next(),
            clock,
          });
    const dispatcher = new Dispatcher({
      options: options.dispatch,
      journal,
      executor,
      intake,
      events,
      catalogue,
      notifier,
      endings: waiters,
      registry: this.parts.scheduler(),
      clock,
      databaseClock,
      random,
      query,
      schema,
      name,
      alone: database.kind === 'embedded',
    });
    await dispatcher.prepare();

    const client: ClientServices = {
      registry: this.#registry,
      requests: new StartRequests(this.#registry, serializer, catalogue),
      intake,
      events,
      answers: new AnswerIntake({ query, schema, serializer, databaseClock, events }),
      reader: new ExecutionReader({ query, schema, serializer }),
      waiters,
      serializer,
      clock,
      database,
      query,
      schema,
      cancelled: (id, outcome, reason) => dispatcher.cancelled(id, outcome, reason),
    };
    this.#client = client;
    return { database, dispatcher, client, schemaVersion };
  }

  #source(): DatabaseSource {
    const { database } = this.parts.options.storage;
    if (!('dataSource' in database)) return database;
    return { dataSource: this.#appDataSource() ?? raise(database.dataSource) };
  }

  /** The application's own DataSource: the object itself, or what @nestjs/typeorm provides under the name. */
  #appDataSource(): DataSource | undefined {
    const { database } = this.parts.options.storage;
    if (!('dataSource' in database)) return undefined;
    const { dataSource } = database;
    if (typeof dataSource !== 'string') return dataSource;
    const token = dataSource === 'default' ? DataSource : `${dataSource}DataSource`;
    try {
      return this.parts.moduleRef.get<DataSource>(token, { strict: false });
    } catch {
      return raise(dataSource);
    }
  }
}

function raise(dataSource: unknown): never {
  throw new InvalidOptions([
    `database.dataSource: the application has no DataSource named '${String(dataSource)}' (TypeOrmModule.forRoot() provides 'default')`,
  ]);
}

function refuseTransactions(
  className: string,
  steps: readonly { readonly name: string; readonly transactional: boolean }[],
): void {
  const step = steps.find(({ transactional }) => transactional);
  if (step !== undefined) throw new TransactionalStepUnavailable(className, step.name);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
