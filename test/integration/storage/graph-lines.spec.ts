import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstIdAt } from '../../../lib/identity/uuid7.js';
import { TaggedSerializer } from '../../../lib/serialization/tagged-serializer.js';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import { graphLinesOf } from '../../../lib/storage/queries/graph.query.js';
import { createEmbeddedDirectory } from '../../support/embedded-template.js';
import { createTestDatabase } from '../../support/test-database.js';

const id = firstIdAt(Date.UTC(2026, 0, 1));
const serializer = new TaggedSerializer();
const large = 'x'.repeat(1_000);
const recorded: readonly { readonly path: string; readonly kind: string; readonly output: unknown }[] = [
  { path: 'price', kind: 'step', output: { large } },
  { path: 'byKind', kind: 'branch', output: 'digital' },
  { path: 'poll', kind: 'while', output: true },
  { path: 'mail', kind: 'foreach', output: [large, new Date(0), [large]] },
  { path: 'nobody', kind: 'foreach', output: [] },
  { path: 'review', kind: 'decision', output: { goto: 'ship', additions: { large } } },
  { path: 'report', kind: 'parallel', output: { additions: { large } } },
  { path: 'quiet', kind: 'parallel', output: null },
];

describe.each([
  [
    'PostgreSQL',
    async () => {
      const { url, drop } = await createTestDatabase();
      return { options: { url }, drop };
    },
  ],
  [
    'PGlite',
    async () => {
      const { directory, drop } = await createEmbeddedDirectory();
      return { options: { embedded: directory }, drop };
    },
  ],
])('What a graph reads of a history on %s', (_, create) => {
  let database: Database;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const created = await create();
    ({ drop } = created);
    database = await openDatabase(created.options);
    for (const [index, { path, kind, output }] of recorded.entries()) {
      await database.query(
        `INSERT INTO durable.step_executions (execution_id, seq, path, kind, outcome, ended_at, output, worker)
         VALUES ($1, $2, $3, $4, 'completed', now(), $5, 7)`,
        [id, index + 1, path, kind, output === null ? null : serializer.stringify(output)],
      );
    }
  }, 60_000);

  afterAll(async () => {
    await database.close();
    await drop();
  });

  const read = async (isPlainJson: boolean) => {
    const lines = await graphLinesOf((sql, parameters) => database.query(sql, parameters), '"durable"', id, {
      isPlainJson,
    });
    return new Map(lines.map((line) => [line.path, line]));
  };

  it('is where the execution went on, without items, additions and results', async () => {
    const lines = await read(true);
    const outputOf = (path: string): unknown => JSON.parse(lines.get(path)?.output ?? 'null');

    expect(outputOf('byKind')).toBe('digital');
    expect(outputOf('poll')).toBe(true);
    expect(outputOf('review')).toEqual({ goto: 'ship' });
    expect(outputOf('report')).toEqual({ goto: null });
    expect(lines.get('mail')).toMatchObject({ itemCount: 3, output: null });
    expect(lines.get('nobody')).toMatchObject({ itemCount: 0, output: null });
    expect(lines.get('price')).toMatchObject({ itemCount: null, output: null });
    expect(JSON.stringify([...lines.values()])).not.toContain(large);
  });

  it('is the whole answer of each block where another serializer wrote it', async () => {
    const lines = await read(false);

    for (const { path, kind, output } of recorded) {
      const expected = kind === 'step' || output === null ? null : serializer.stringify(output);
      expect(lines.get(path)).toMatchObject({ itemCount: null, output: expected });
    }
  });
});
