import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Engine } from '../engines/engine.js';
import { DatabaseClock } from './database-clock.js';

const LOOK_AGAIN_MS = 2;

/** The harness's own connection to an engine's database, named so that it is not taken for the engine's. */
export class Observer {
  static readonly applicationName = 'durable_bench_observer';

  private constructor(
    private readonly client: pg.Client,
    private readonly engine: Engine,
  ) {}

  static async of(url: string, engine: Engine): Promise<Observer> {
    const client = new pg.Client({ connectionString: url, application_name: Observer.applicationName });
    await client.connect();
    return new Observer(client, engine);
  }

  /** Resolves when nothing is left to be recorded as finished. */
  async settled(): Promise<void> {
    while ((await this.count(this.engine.unfinished)) > 0) await pause(LOOK_AGAIN_MS);
  }

  /** How many executions are recorded as asleep. */
  async asleep(): Promise<number> {
    const { asleep } = this.engine;
    if (asleep === undefined) throw new Error('This engine has no sleepers.');
    return this.count(asleep);
  }

  clock(): Promise<DatabaseClock> {
    return DatabaseClock.read(this.client);
  }

  async leave(): Promise<void> {
    await this.client.end();
  }

  private async count(statement: string): Promise<number> {
    const found = await this.client.query<{ count: string }>(statement);
    return Number(found.rows[0]?.count ?? Number.NaN);
  }
}
