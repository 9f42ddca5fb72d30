import { execFileSync } from 'node:child_process';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import type pg from 'pg';
import { versionOf, type EngineName } from './engines/catalog.js';
import type { Server } from './server/server.js';

export interface Machine {
  readonly date: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  /** Of the minute before: work of others on this machine is in every figure. */
  readonly load: number;
  readonly node: string;
  readonly postgres: string;
  readonly server: Server['origin'];
  readonly settings: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

const SETTINGS = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
  'max_wal_size',
  'max_connections',
];

export interface Surroundings {
  readonly admin: pg.Client;
  readonly origin: Server['origin'];
  readonly node: string;
  readonly engines: readonly EngineName[];
}

export async function describeMachine({ admin, origin, node, engines }: Surroundings): Promise<Machine> {
  const settings = await admin.query<{ name: string; value: string }>(
    'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1) ORDER BY name',
    [SETTINGS],
  );
  const version = await admin.query<{ server_version: string }>('SHOW server_version');
  return {
    date: new Date().toISOString(),
    system: `${platform()} ${release()}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0] ?? 0,
    node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
    postgres: version.rows[0]?.server_version ?? 'unknown',
    server: origin,
    settings: Object.fromEntries(settings.rows.map(({ name, value }) => [name, value])),
    versions: Object.fromEntries(engines.map((engine) => [engine, versionOf(engine)])),
  };
}

/** A sentence for each setting that makes the figures worth nothing. */
export function faultsOf({ settings }: Machine): string[] {
  return ['fsync', 'synchronous_commit']
    .filter((name) => settings[name] === 'off')
    .map((name) => `${name} is off on this server: these are not the figures of a durable database.`);
}
