import type { Client, QueryResult, QueryResultRow } from 'pg';
import type { Clock, Timer } from '../time/clock.js';
import { DISCARD_PLANS, Replanning } from './replanning.js';
import { type BoundStatement, StatementPipeline, type StatementResult } from './statement-pipeline.js';

/** What the database knows of this worker: the answer to "was my last flush committed?". */
export interface WorkerState {
  readonly flushNo: number;
  readonly alive: boolean;
}

export interface LaneConnectionOptions {
  readonly connect: () => Promise<Client>;
  /** The quoted name of the schema. */
  readonly schema: string;
  readonly clock: Clock;
  /** A flush without an answer for so long is given up together with its connection. */
  readonly flushTimeout: number;
}

/** The one connection of the lane. It carries one flush at a time and never guesses what became of it. */
export class LaneConnection {
  #client: Client | undefined;
  #previousBackend: number | undefined;
  #named = true;
  readonly #replanning: Replanning;
  #forgotten = false;
  #lost: (error: Error) => void = () => undefined;

  constructor(private readonly options: LaneConnectionOptions) {
    this.#replanning = new Replanning(options.clock);
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  async send(statements: readonly BoundStatement[]): Promise<StatementResult[]> {
    const client = this.#client;
    if (client === undefined) throw new Error('The journal has no connection.');
    const replan = this.#replanning.isDue();
    const pipeline = new StatementPipeline(replan ? [DISCARD_PLANS, ...statements] : statements, {
      named: this.#named,
    });
    // The driver tells a lost connection to the query in flight, but a connection that just hangs tells nobody.
    const timer = this.options.clock.setTimer(this.options.flushTimeout, () =>
      this.drop(new Error(`The database did not answer a flush within ${this.options.flushTimeout} ms.`)),
    );
    const lost = new Promise<never>((_, reject) => (this.#lost = reject));
    lost.catch(() => undefined);
    try {
      client.query(pipeline);
      const results = await Promise.race([pipeline.outcome, lost]);
      this.#forgotten = false;
      return replan ? results.slice(1) : results;
    } finally {
      timer.cancel();
      this.#lost = () => undefined;
    }
  }

  /**
   * Connects and asks what the database knows of the worker. The UPDATE waits for the row lock of a flush
   * whose backend is still at work, so its answer is final.
   */
  async open(workerId: string): Promise<WorkerState | undefined> {
    this.drop(new Error('The journal opens a new connection.'));
    const client = await this.options.connect();
    const lost = (error: Error): void => {
      if (this.#client === client) this.drop(error);
    };
    client.on('error', lost);
    client.on('end', () => lost(new Error('The connection of the journal ended.')));
    try {
      const state = await this.#inTime(client, this.#introduce(client, workerId));
      this.#client = client;
      this.#replanning.restart();
      return state;
    } catch (error) {
      destroy(client);
      throw error;
    }
  }

  /** The state again, on the connection as it is. */
  async state(workerId: string): Promise<WorkerState | undefined> {
    const { rows } = await this.#ask<{ flush_no: string; alive: boolean }>(
      `SELECT flush_no, alive FROM ${this.options.schema}.workers WHERE id = $1`,
      [workerId],
    );
    const row = rows[0];
    return row === undefined ? undefined : { flushNo: Number(row.flush_no), alive: row.alive };
  }

  /** Which of these executions the worker still owns: what a flush did whose answer was lost. */
  async ownedAmong(workerId: string, ids: readonly string[]): Promise<Set<string>> {
    const { rows } = await this.#ask<{ id: string }>(
      `SELECT id FROM ${this.options.schema}.workflow_queue WHERE id = ANY($1::uuid[]) AND worker = $2`,
      [ids, workerId],
    );
    return new Set(rows.map((row) => row.id));
  }

  /**
   * The server does not know our prepared statements any more. Once, somebody has discarded them: prepare them
   * again. Twice, a pooler gives us another server each time: parse every statement anew from now on.
   */
  forgetNames(): void {
    const client = this.#client;
    if (this.#forgotten || client === undefined) this.#named = false;
    else forgetStatements(client);
    this.#forgotten = true;
  }

  drop(reason: Error): void {
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    destroy(client);
    this.#lost(reason);
  }

  async close(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    await client.end().catch(() => undefined);
  }

  /** Tells the database on which backend the worker is now, and ends the one before, which may still be at work. */
  async #introduce(client: Client, workerId: string): Promise<WorkerState | undefined> {
    if (this.#previousBackend !== undefined) {
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE pid = $1 AND pid <> pg_backend_pid() AND application_name = current_setting('application_name')`,
        [this.#previousBackend],
      );
    }
    // seen_at moves along, because a reaper spares backends that are younger than it.
    const { rows } = await client.query<{ flush_no: string; alive: boolean; backend: number }>(
      `UPDATE ${this.options.schema}.workers
       SET backend_pids = ARRAY[pg_backend_pid()], seen_at = CASE WHEN alive THEN now() ELSE seen_at END
       WHERE id = $1 RETURNING flush_no, alive, pg_backend_pid() AS backend`,
      [workerId],
    );
    const row = rows[0];
    this.#previousBackend = row?.backend;
    return row === undefined ? undefined : { flushNo: Number(row.flush_no), alive: row.alive };
  }

  async #ask<Row extends QueryResultRow>(sql: string, parameters: unknown[]): Promise<QueryResult<Row>> {
    const client = this.#client;
    if (client === undefined) throw new Error('The journal has no connection.');
    return await this.#inTime(client, client.query<Row>(sql, parameters));
  }

  /** A connection that takes a question and never answers it is given up, like one that breaks. */
  async #inTime<Answer>(client: Client, answer: Promise<Answer>): Promise<Answer> {
    const { clock, flushTimeout } = this.options;
    let timer: Timer | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = clock.setTimer(flushTimeout, () => {
        const reason = new Error(`The database did not answer within ${flushTimeout} ms.`);
        if (this.#client === client) this.drop(reason);
        reject(reason);
      });
    });
    try {
      return await Promise.race([answer, silence]);
    } finally {
      timer?.cancel();
    }
  }
}

function forgetStatements(client: Client): void {
  const { connection } = client as unknown as { connection: { submittedNamedStatements: object } };
  connection.submittedNamedStatements = {};
}

/** Without a goodbye, which would wait behind what hangs. */
function destroy(client: Client): void {
  client.on('error', () => undefined);
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
