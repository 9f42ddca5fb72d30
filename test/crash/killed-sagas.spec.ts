import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena } from './support/arena.js';
import { auditSagas, undoOf } from './support/saga-audit.js';
import type { TripOrder } from './support/saga-workflows.js';
import type { Failpoint } from './support/settings.js';

const order: TripOrder = { n: 1, bodyMs: 0, undoMs: 0, end: 'fails' };

/** Undone are, in this order: seat 12B, seat 12A, the hotel and the flight as they came, the car. */
const points: readonly (Failpoint & { readonly where: string })[] = [
  { where: 'with the beginning of its undoing recorded', name: 'recorded', path: '#undo', passing: 1 },
  { where: 'inside the first undo', name: 'inside-step', path: undoOf('eachSeat/1/bookSeat'), passing: 1 },
  {
    where: 'with a failed attempt of the first undo',
    name: 'recorded',
    path: undoOf('eachSeat/1/bookSeat'),
    passing: 1,
  },
  {
    where: 'inside the second attempt of an undo',
    name: 'inside-step',
    path: undoOf('eachSeat/1/bookSeat'),
    passing: 2,
  },
  {
    where: 'with the first undo recorded',
    name: 'recorded',
    path: undoOf('eachSeat/1/bookSeat'),
    passing: 2,
  },
  { where: 'in the middle of undoing', name: 'recorded', path: undoOf('book/bookHotel'), passing: 1 },
  { where: 'inside the last undo', name: 'inside-step', path: undoOf('reserveCar'), passing: 1 },
  { where: 'with the last undo recorded', name: 'recorded', path: undoOf('reserveCar'), passing: 1 },
  { where: 'just before it would have ended', name: 'before-completion', passing: 1 },
  { where: 'with its last step failed, and nothing undone', name: 'recorded', path: 'charge', passing: 1 },
];

describe('a saga whose worker dies', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = await Arena.open({ lease: '2s' });
  });
  afterEach(() => arena.close());

  it('at any point of its undoing is undone to the end, each step once', async () => {
    // One after the other: nobody is there who could take a saga from the worker that is to die with it.
    for (const { name, passing, path } of points) {
      const point = { name, passing, ...(path !== undefined && { path }) };
      const doomed = arena.worker(point, { concurrency: 1 });
      await doomed.ready;
      await doomed.start('trip', order);
      await doomed.exited;
    }
    await arena.readyWorkers(1);
    await arena.allEnded();

    expect(await auditSagas(arena)).toEqual([]);
    const rows = await arena.query('SELECT 1 FROM durable.workflow_executions');
    expect(rows).toHaveLength(points.length);
  }, 120_000);

  it('while a sibling of the part that failed comes to its end undoes what is recorded', async () => {
    const doomed = arena.worker({ name: 'recorded', path: 'tear/fail', passing: 1 });
    await doomed.ready;
    const id = await doomed.start('torn', { ...order, bodyMs: 2_000 });
    await doomed.exited;
    await arena.readyWorkers(1);
    await arena.allEnded();

    // What became of the sibling nobody knows: it is neither run again nor undone.
    expect(await auditSagas(arena)).toEqual([]);
    const lines = await arena.query(
      `SELECT path FROM durable.step_executions WHERE execution_id = $1 AND kind = 'undo'`,
      [id],
    );
    expect(lines).toEqual([{ path: undoOf('reserveCar') }]);
  }, 180_000);

  it('with the failure and its sibling recorded undoes both', async () => {
    const doomed = arena.worker({ name: 'recorded', path: 'tear/work', passing: 1 });
    await doomed.ready;
    const id = await doomed.start('torn', { ...order, bodyMs: 50 });
    await doomed.exited;
    await arena.readyWorkers(1);
    await arena.allEnded();

    expect(await auditSagas(arena)).toEqual([]);
    const lines = await arena.query(
      `SELECT path FROM durable.step_executions WHERE execution_id = $1 AND kind = 'undo' ORDER BY seq`,
      [id],
    );
    expect(lines).toEqual([{ path: undoOf('tear/work') }, { path: undoOf('reserveCar') }]);
  }, 180_000);

  it('is undone by others while it is stopped beyond its lease, and says nothing more of it', async () => {
    const [stopped] = await arena.readyWorkers(1);
    if (stopped === undefined) throw new Error('There is a worker.');
    // The others' run of the undo has begun, and not ended, when the stopped one goes on.
    await stopped.start('trip', { ...order, undoMs: 700 });
    const first = undoOf('eachSeat/1/bookSeat');
    await arena.until('its first undo runs', () => runsOf(first) === 1);
    stopped.signal('SIGSTOP');
    await arena.readyWorkers(1);
    await arena.until('the other one has begun it', () => runsOf(first) === 2);
    stopped.signal('SIGCONT');
    await arena.allEnded();

    expect(stopped.isAlive).toBe(true);
    expect(await auditSagas(arena)).toEqual([]);
  }, 180_000);

  function runsOf(path: string): number {
    return arena.ranSoFar().filter((effect) => effect.path === path).length;
  }
});
