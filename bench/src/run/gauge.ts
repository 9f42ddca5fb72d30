import { PostgresProcesses } from './postgres-processes.js';
import type pg from 'pg';

/** What went by between `begin` and `end`, for all items together. */
export interface Costs {
  readonly seconds: number;
  readonly nodeCpuMs: number;
  readonly postgresCpuMs: number | undefined;
  readonly walBytes: number;
}

interface Start {
  readonly at: number;
  readonly node: NodeJS.CpuUsage;
  readonly postgresMs: number | undefined;
}

/** Clock, CPU and WAL around the measured part of a run. WAL and CPU are those of the whole server. */
export class Gauge {
  private start: Start | undefined;
  private wal = '0/0';

  private constructor(
    private readonly admin: pg.Client,
    private readonly server: PostgresProcesses | undefined,
  ) {}

  static async on(admin: pg.Client): Promise<Gauge> {
    return new Gauge(admin, await PostgresProcesses.behind(admin));
  }

  /** Flushes what earlier runs left dirty, and notes where the WAL stands. */
  async ready(): Promise<void> {
    await this.admin.query('CHECKPOINT');
    const found = await this.admin.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn');
    this.wal = found.rows[0]?.lsn ?? '0/0';
  }

  /**
   * Synchronous, so that it can be called from inside the first body. The clock may be set to a moment that is
   * about to come.
   */
  begin(at?: number): void {
    this.start = {
      postgresMs: this.server?.cpuMs(),
      node: process.cpuUsage(),
      at: at ?? performance.now(),
    };
  }

  async end(): Promise<Costs> {
    const { start } = this;
    if (start === undefined) throw new Error('The gauge was read before anything had begun.');
    const seconds = (performance.now() - start.at) / 1_000;
    const node = process.cpuUsage(start.node);
    const postgresMs = this.server?.cpuMs();
    const found = await this.admin.query<{ bytes: string }>(
      'SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1) AS bytes',
      [this.wal],
    );
    return {
      seconds,
      nodeCpuMs: (node.user + node.system) / 1_000,
      postgresCpuMs:
        postgresMs === undefined || start.postgresMs === undefined
          ? undefined
          : postgresMs - start.postgresMs,
      walBytes: Number(found.rows[0]?.bytes ?? Number.NaN),
    };
  }
}
