import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { ClaimedExecution, ClaimRequest, ClaimSource } from '../../lib/journal/claims.js';
import { FlushStatements } from '../../lib/journal/flush-statements.js';
import { Journal } from '../../lib/journal/journal.js';
import type { JournalWorker } from '../../lib/journal/lane.js';
import { LaneConnection } from '../../lib/journal/lane-connection.js';
import type { JournalRecord } from '../../lib/journal/records.js';
import type { Database } from '../../lib/storage/database.js';
import { openDatabase } from '../../lib/storage/open-database.js';
import type { Query } from '../../lib/storage/queries/query.js';
import { registerWorker } from '../../lib/storage/queries/workers.queries.js';
import type { Clock } from '../../lib/time/clock.js';
import { DatabaseClock } from '../../lib/time/database-clock.js';
import { SystemClock } from '../../lib/time/system-clock.js';
import { eventually } from './eventually.js';
import { keepLogs } from './log-book.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

export const schema = '"durable"';

/** A row of the queue as tests look at it. */
export interface QueueRow {
  readonly state: number;
  readonly worker: string | null;
  readonly epoch: number;
  readonly signals: number;
  readonly lost: number;
}

/** A claimer that asks for what the test says, and keeps what it gets. */
export class HeldClaims implements ClaimSource {
  readonly taken: ClaimedExecution[] = [];
  failures = 0;
  answers = 0;
  #wanted: ClaimRequest | undefined;
  #waiting: (() => void)[] = [];

  get wantsClaim(): boolean {
    return this.#wanted !== undefined;
  }

  want(slots: number, facts: Partial<ClaimRequest> = {}): void {
    this.#wanted = {
      demands: [{ queueId: 1, slots, from: undefined }],
      kinds: [1],
      isolated: false,
      ...facts,
    };
  }

  next(): ClaimRequest | undefined {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    return wanted;
  }

  claimed(executions: readonly ClaimedExecution[]): void {
    this.taken.push(...executions);
    this.answers += 1;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  failed(): void {
    this.failures += 1;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Resolves with the next answer to a claim, good or bad. */
  async answer(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** A journal with a worker of its own, and the parts of it that a test takes in hand. */
export interface RiggedJournal {
  readonly journal: Journal;
  readonly connection: LaneConnection;
  readonly worker: JournalWorker;
  readonly claims: HeldClaims;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  /** Workers that the journal has given up. */
  readonly lost: JournalWorker[];
  /** The clients that the lane has had, the newest last. */
  readonly clients: readonly Client[];
}

export interface RigOptions {
  readonly clock?: Clock;
  readonly lease?: number;
  readonly flushTimeout?: number;
  readonly prepare?: (client: Client) => void;
}

/** A database of a test file's own, with journals on it. */
export class JournalRig {
  readonly #journals: Journal[] = [];

  private constructor(
    private readonly test: TestDatabase,
    readonly database: Database,
  ) {}

  static async create(): Promise<JournalRig> {
    keepLogs();
    const test = await createTestDatabase();
    const rig = new JournalRig(
      test,
      await openDatabase({ url: test.url }, { schema: 'durable', poolSize: 10 }),
    );
    await rig.query(`INSERT INTO durable.queues (name) VALUES ('default'), ('other')`);
    await rig.query(
      `INSERT INTO durable.workflow_kinds (workflow, version) VALUES ('order', 1), ('other', 1)`,
    );
    return rig;
  }

  readonly query: Query = (sql, parameters) => this.database.query(sql, parameters);

  async worker(lease = 30_000): Promise<JournalWorker> {
    const facts = { name: 'worker', host: 'here', pid: process.pid, lease };
    return { id: await registerWorker(this.query, schema, facts), lease };
  }

  async journal(options: RigOptions = {}): Promise<RiggedJournal> {
    const { clock = new SystemClock(), lease = 30_000, flushTimeout = 10_000, prepare } = options;
    const worker = await this.worker(lease);
    const clients: Client[] = [];
    const connection = new LaneConnection({
      connect: async () => {
        const client = await this.database.connect('journal');
        prepare?.(client);
        clients.push(client);
        return client;
      },
      schema,
      clock,
      flushTimeout,
    });
    const databaseClock = new DatabaseClock(clock);
    const statements = new FlushStatements(schema);
    const journal = new Journal({ connection, statements, clock, databaseClock, random: () => 0 });
    const claims = new HeldClaims();
    const lost: JournalWorker[] = [];
    journal.claimSource = claims;
    journal.onLeaseLost = (gone) => lost.push(gone);
    await journal.open(worker);
    this.#journals.push(journal);
    return { journal, connection, worker, claims, clock, databaseClock, lost, clients };
  }

  async closeJournals(): Promise<void> {
    await Promise.all(this.#journals.splice(0).map((journal) => journal.close()));
  }

  async dispose(): Promise<void> {
    await this.closeJournals();
    await this.database.close();
    await this.test.drop();
  }

  /** An execution with a row in the queue, as wanted: ready, unless it says otherwise. */
  async execution(facts: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const id = randomUUID();
    await this.query(
      `INSERT INTO durable.workflow_executions (id, workflow, version, queue, input) VALUES ($1, 'order', 1, 'default', '7')`,
      [id],
    );
    const row: Record<string, unknown> = { id, kind: 1, queue: 1, rank: 0, state: 0, ...facts };
    const columns = Object.keys(row);
    await this.query(
      `INSERT INTO durable.workflow_queue (${columns.join(', ')}) VALUES (${columns.map((_, n) => `$${n + 1}`).join(', ')})`,
      Object.values(row),
    );
    return id;
  }

  /** An execution that a worker runs. */
  async running(worker: JournalWorker, facts: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return await this.execution({ state: 1, worker: worker.id, epoch: 1, ...facts });
  }

  async queueRow(id: string): Promise<QueueRow | undefined> {
    const rows = await this.query<QueueRow>(
      `SELECT state, worker::text AS worker, epoch, signals, lost FROM durable.workflow_queue WHERE id = $1`,
      [id],
    );
    return rows[0];
  }

  async outcomeOf(id: string): Promise<string | null | undefined> {
    const rows = await this.query<{ outcome: string | null }>(
      `SELECT outcome FROM durable.workflow_executions WHERE id = $1`,
      [id],
    );
    return rows[0]?.outcome;
  }

  /** The numbers of the lines of an execution. */
  async seqs(id: string): Promise<number[]> {
    const rows = await this.query<{ seq: number }>(
      `SELECT seq FROM durable.step_executions WHERE execution_id = $1 ORDER BY seq`,
      [id],
    );
    return rows.map(({ seq }) => seq);
  }

  /** Declares a worker dead, as a reaper does. */
  async bury(worker: JournalWorker): Promise<void> {
    await this.query(`UPDATE durable.workers SET alive = false WHERE id = $1`, [worker.id]);
  }

  /** Makes a worker look as if it had been silent for this long. */
  async silence(worker: JournalWorker, ms: number): Promise<void> {
    await this.query(
      `UPDATE durable.workers SET seen_at = now() - $2 * interval '1 millisecond' WHERE id = $1`,
      [worker.id, ms],
    );
  }

  async flushNo(worker: JournalWorker): Promise<number> {
    const rows = await this.query<{ no: string }>(
      `SELECT flush_no AS no FROM durable.workers WHERE id = $1`,
      [worker.id],
    );
    return Number(rows[0]?.no);
  }

  /** Resolves when somebody in this database waits for a lock. */
  async lockAwaited(): Promise<void> {
    await eventually(async () => {
      const rows = await this.query<{ waits: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock') AS waits`,
      );
      return rows[0]?.waits;
    });
  }

  /** A transaction of somebody else, open until the test ends it. */
  async transaction(...statements: readonly (readonly [string, readonly unknown[]])[]): Promise<Client> {
    const client = await this.database.connect('stranger');
    await client.query('BEGIN');
    for (const [sql, values] of statements) await client.query(sql, [...values]);
    return client;
  }
}

/** Appends records and resolves when each has been told something: true, false, or the error. */
export function settle(journal: Journal, ...records: readonly JournalRecord[]): Promise<unknown[]> {
  return Promise.all(
    records.map(
      (record) =>
        new Promise((resolve) => {
          journal.append({ ...record, watcher: { durable: resolve, refused: resolve } });
        }),
    ),
  );
}
