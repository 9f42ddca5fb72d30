import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const LOOK_AGAIN_MS = 2;

/** The harness's own connection to an engine's database, named so that it is not taken for the engine's. */
export class Observer {
  static readonly applicationName = 'durable_bench_observer';

  private constructor(
    private readonly client: pg.Client,
    private readonly unfinished: string,
  ) {}

  static async of(url: string, unfinished: string): Promise<Observer> {
    const client = new pg.Client({ connectionString: url, application_name: Observer.applicationName });
    await client.connect();
    return new Observer(client, unfinished);
  }

  /** Resolves when nothing is left to be recorded as finished. */
  async settled(): Promise<void> {
    while ((await this.count()) > 0) await pause(LOOK_AGAIN_MS);
  }

  async leave(): Promise<void> {
    await this.client.end();
  }

  private async count(): Promise<number> {
    const found = await this.client.query<{ count: string }>(this.unfinished);
    return Number(found.rows[0]?.count ?? Number.NaN);
  }
}
