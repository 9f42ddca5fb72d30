import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { DurableClient, DurableModule } from '../../../lib/index.js';
import { PostgresServer } from '../../support/postgres-server.js';
import { type Effect, readEffects } from './effects.js';
import { installWatch } from './audit.js';
import type { SeededRandom } from './random.js';
import type { Failpoint, WorkerSettings } from './settings.js';
import { WorkerProcess } from './worker-process.js';

export type ArenaSettings = Partial<Omit<WorkerSettings, 'effects' | 'failpoint'>>;

const PATIENCE_MS = 25_000;

/**
 * Where a scenario takes place: a cluster of its own, worker processes that may die, a client in the test's own
 * process, and the files in which they leave what they did.
 */
export class Arena {
  readonly directory = mkdtempSync(join(tmpdir(), 'durable-crash-'));
  readonly effects = join(this.directory, 'effects');
  /** Ids of the starts that were acknowledged. */
  readonly acknowledged = new Set<string>();
  /** Why others were not. */
  readonly refusals: string[] = [];
  readonly workers: WorkerProcess[] = [];
  readonly #log = join(this.directory, 'log');
  #apps: INestApplicationContext[] = [];
  #watcher: pg.Client | undefined;
  #onDeath: () => void = () => undefined;

  private constructor(
    readonly server: PostgresServer,
    private readonly settings: ArenaSettings,
  ) {
    writeFileSync(this.effects, '');
    writeFileSync(this.#log, '');
  }

  static async open(settings: ArenaSettings = {}): Promise<Arena> {
    const server = await new PostgresServer().start();
    const arena = new Arena(server, settings);
    await arena.#prepare();
    return arena;
  }

  get url(): string {
    return this.server.url();
  }

  /** A connection of the test's own, anew after the server was away. */
  async query<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    this.#watcher ??= await this.connect();
    try {
      return (await this.#watcher.query<Row>(sql, parameters)).rows;
    } catch (error) {
      this.#watcher = undefined;
      throw error;
    }
  }

  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, application_name: 'the test itself' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** An engine without workers in this process, and its client. */
  async client(url = this.url): Promise<DurableClient> {
    @Module({
      imports: [
        DurableModule.forRoot({
          database: { url },
          worker: false,
          lease: this.settings.lease ?? '2s',
          pollInterval: 100,
        }),
      ],
    })
    class ClientModule {}
    const app = await NestFactory.createApplicationContext(ClientModule, { logger: false });
    this.#apps.push(app);
    return app.get(DurableClient);
  }

  /** Every engine is a reaper, one without workers too: for scenarios in which only the workers are to act. */
  async closeClients(): Promise<void> {
    await Promise.all(this.#apps.splice(0).map((app) => app.close()));
  }

  /** A worker process; `await worker.ready` before counting on it. */
  worker(failpoint?: Failpoint, others: Partial<WorkerSettings> = {}): WorkerProcess {
    const worker = new WorkerProcess(
      { database: { url: this.url }, effects: this.effects, ...this.settings, ...others, failpoint },
      this.#log,
    );
    this.workers.push(worker);
    void worker.exited.then(() => this.#onDeath());
    return worker;
  }

  async readyWorkers(count: number, others: Partial<WorkerSettings> = {}): Promise<WorkerProcess[]> {
    const workers = Array.from({ length: count }, () => this.worker(undefined, others));
    await Promise.all(workers.map((worker) => worker.ready));
    return workers;
  }

  /** From now on a worker that dies is replaced. Returns how many there were, as it changes. */
  replaceTheDead(): { readonly count: number } {
    const deaths = { count: 0 };
    this.#onDeath = () => {
      deaths.count += 1;
      this.worker();
    };
    return deaths;
  }

  /** Starts ordinary executions, mixed, in the given processes. Resolves when each was answered or never will be. */
  async load(
    count: number,
    random: SeededRandom,
    through: readonly (WorkerProcess | DurableClient)[],
  ): Promise<void> {
    const starts = Array.from({ length: count }, async (_, n) => {
      const input = { n, bodyMs: random.between(0, 15) };
      const workflow = NAMES[random.between(0, NAMES.length - 1)] ?? 'order';
      const place = through[n % through.length];
      try {
        const id =
          place instanceof WorkerProcess
            ? await place.start(workflow, input)
            : (await place?.start(workflow, input))?.id;
        if (id !== undefined) this.acknowledged.add(id);
      } catch (error) {
        // A start that throws promises nothing.
        this.refusals.push(String(error));
      }
    });
    await Promise.all(starts);
  }

  /** Resolves when every execution has ended. */
  async allEnded(): Promise<void> {
    await this.until('every execution has ended', async () => {
      const [row] = await this.query<{ living: string }>(
        'SELECT count(*) AS living FROM durable.workflow_executions WHERE outcome IS NULL',
      );
      return row?.living === '0';
    });
  }

  /** Looks again and again. What fails meanwhile counts as no. */
  async until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      if (await Promise.resolve(condition()).catch(() => false)) return;
      if (performance.now() > end)
        throw new Error(`It never came to this: ${what}.\n${await this.#situation()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Every run of a body until now. */
  ranSoFar(): Effect[] {
    return readEffects(this.effects);
  }

  log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  async close(): Promise<void> {
    this.#onDeath = () => undefined;
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.closeClients();
    await this.#watcher?.end().catch(() => undefined);
    await this.server.dispose();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    await this.client();
    await this.closeClients();
    const client = await this.connect();
    await installWatch(client);
    await client.query('CREATE TABLE bookings (execution uuid, token text)');
    await client.end();
  }

  async #situation(): Promise<string> {
    const queue = await this.query(
      `SELECT q.*, k.workflow FROM durable.workflow_queue q JOIN durable.workflow_kinds k ON k.id = q.kind LIMIT 3`,
    ).catch((error: unknown) => [String(error)]);
    const workers = await this.query('SELECT * FROM durable.workers').catch(() => []);
    const sessions = await this.query(
      `SELECT pid, application_name, state, wait_event, pg_blocking_pids(pid) AS blockers, xact_start, left(query, 120) AS query
       FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid()`,
    ).catch(() => []);
    return [
      ...sessions.map((row) => JSON.stringify(row)),
      ...queue.map((row) => JSON.stringify(row)),
      ...workers.map((row) => JSON.stringify(row)),
      this.log().slice(-4_000),
    ].join('\n');
  }
}

/** What a load is mixed of. */
const NAMES = ['order', 'order', 'fan_out', 'nap', 'stumble', 'booking'];
