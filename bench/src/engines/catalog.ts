import { readFileSync } from 'node:fs';
import type { Bodies } from './bodies.js';
import type { Engine } from './engine.js';

export type EngineName = 'ours' | 'dbos' | 'openworkflow' | 'graphile-worker' | 'pg-boss';

interface CatalogEntry {
  /** Records every step (all workloads), or a plain job queue (W1 only). */
  readonly kind: 'durable' | 'queue';
  /** The oldest Node that the engine's own `engines` field admits. */
  readonly node: readonly [major: number, minor: number];
  /** Where its package.json lies, seen from here. */
  readonly manifest: string;
  /** Imported on demand: a peer's import may fail on a Node that another peer runs on. */
  load(bodies: Bodies): Promise<Engine>;
}

export const catalog: Readonly<Record<EngineName, CatalogEntry>> = {
  ours: {
    kind: 'durable',
    node: [20, 19],
    manifest: '../../../package.json',
    load: async (bodies) => new (await import('./ours/ours.engine.js')).OursEngine(bodies),
  },
  dbos: {
    kind: 'durable',
    node: [20, 0],
    manifest: '../../node_modules/@dbos-inc/dbos-sdk/package.json',
    load: async (bodies) => new (await import('./dbos.engine.js')).DbosEngine(bodies),
  },
  openworkflow: {
    kind: 'durable',
    node: [20, 0],
    manifest: '../../node_modules/openworkflow/package.json',
    load: async (bodies) => new (await import('./openworkflow.engine.js')).OpenWorkflowEngine(bodies),
  },
  'graphile-worker': {
    kind: 'queue',
    node: [22, 18],
    manifest: '../../node_modules/graphile-worker/package.json',
    load: async (bodies) => new (await import('./graphile-worker.engine.js')).GraphileWorkerEngine(bodies),
  },
  'pg-boss': {
    kind: 'queue',
    node: [22, 12],
    manifest: '../../node_modules/pg-boss/package.json',
    load: async (bodies) => new (await import('./pg-boss.engine.js')).PgBossEngine(bodies),
  },
};

export const engineNames = Object.keys(catalog) as EngineName[];

export function versionOf(engine: EngineName): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL(catalog[engine].manifest, import.meta.url), 'utf8'),
  );
  const found = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return found ? String(manifest.version) : 'unknown';
}
