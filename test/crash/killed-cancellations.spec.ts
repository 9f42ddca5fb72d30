import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { auditSagas, undoOf } from './support/saga-audit.js';
import type { TripOrder } from './support/saga-workflows.js';

const order: TripOrder = { n: 1, bodyMs: 0, undoMs: 0, end: 'waits' };

describe('a saga that was stopped, and whose worker dies', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '1s' });
  });
  afterEach(() => arena.close());

  it.each([
    { where: 'at once', name: undefined, path: '' },
    { where: 'inside an undo', name: 'inside-step', path: undoOf('eachSeat/1/bookSeat') },
    { where: 'with half of it undone', name: 'recorded', path: undoOf('eachSeat/0/bookSeat') },
  ] as const)(
    '$where after a cancel with compensate is undone to the end',
    async ({ name, path }) => {
      const doomed = arena.worker(name === undefined ? undefined : { name, path, passing: 1 });
      await doomed.ready;
      const id = await doomed.start('trip', order);
      await arena.until('its last step runs', () =>
        arena.ranSoFar().some((effect) => effect.path === 'charge'),
      );
      const client = await arena.client();
      await client.cancel(id ?? '', 'not wanted', { compensate: true });
      if (name === undefined) await doomed.kill();
      await doomed.exited;
      await arena.readyWorkers(1);
      await arena.allEnded();

      expect(await auditSagas(arena)).toEqual([]);
      const { cancelReason, outcome } = await stored(id);
      expect({ cancelReason, outcome }).toEqual({ cancelReason: 'not wanted', outcome: 'compensated' });
    },
    180_000,
  );

  it.each([
    { where: 'inside an undo', name: 'inside-step', path: undoOf('eachSeat/1/bookSeat') },
    { where: 'with half of it undone', name: 'recorded', path: undoOf('eachSeat/0/bookSeat') },
  ] as const)(
    '$where after it ran out of time is undone to the end',
    async ({ name, path }) => {
      // Nobody else is there yet who could take it from the worker that is to die with it.
      const doomed = arena.worker({ name, path, passing: 1 });
      await doomed.ready;
      const id = await doomed.start('hasty_trip', order);
      await doomed.exited;
      await arena.readyWorkers(1);
      await arena.allEnded();

      expect(await auditSagas(arena)).toEqual([]);
      expect((await stored(id)).error).toContain('DURABLE_WORKFLOW_TIMEOUT');
    },
    180_000,
  );

  it('and whose time runs out while nobody owns it is undone by the next one', async () => {
    const doomed = arena.worker({ name: 'inside-step', path: 'charge', passing: 1 });
    await doomed.ready;
    const id = await doomed.start('hasty_trip', order);
    await doomed.exited;
    await arena.until('its time is over', async () => {
      const rows = await arena.query('SELECT 1 FROM durable.workflow_queue WHERE deadline_at < now()');
      return rows.length === 1;
    });
    await arena.readyWorkers(1);
    await arena.allEnded();

    expect(await auditSagas(arena)).toEqual([]);
    expect((await stored(id)).error).toContain('DURABLE_WORKFLOW_TIMEOUT');
  }, 180_000);

  async function stored(
    id: string | undefined,
  ): Promise<{ outcome: string | null; error: string | null; cancelReason: string | null }> {
    const [row] = await arena.query<{ outcome: string; error: string | null; cancelReason: string | null }>(
      `SELECT outcome, error::text AS error, cancel_reason AS "cancelReason"
       FROM durable.workflow_executions WHERE id = $1`,
      [id],
    );
    return row ?? { outcome: null, error: null, cancelReason: null };
  }
});
