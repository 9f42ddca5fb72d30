import { beforeEach, describe, expect, it } from '@jest/globals';
import { type OwnedExecution, Ownership } from '../../../lib/execution/ownership.js';
import { Waits } from '../../../lib/execution/waits.js';
import { DatabaseClock } from '../../../lib/time/database-clock.js';
import { Deferred } from '../../support/gate.js';
import { drained, HeldClock } from '../../support/held-clock.js';
import { keepLogs, logs } from '../../support/log-book.js';

type Asked = readonly [what: 'suspension' | 'reclaim' | 'release', epoch: number];

/** An execution whose changes of hands the test answers. */
class Owned implements OwnedExecution {
  readonly id = 'an execution';
  readonly clock = new HeldClock();
  readonly databaseClock = new DatabaseClock(this.clock);
  readonly waits = new Waits(this.clock, this.databaseClock);
  readonly services = { journal: { workerId: '7' }, databaseClock: this.databaseClock };
  readonly asked: Asked[] = [];
  readonly told: string[] = [];
  readonly answers: Deferred<boolean>[] = [];
  isAbandoned = false;
  hasEnded = false;
  mayPark = true;
  readonly mail = { isListening: false };
  nextDue = this.clock.now() + 60_000;
  onlyWaits = true;
  readonly ownership = new Ownership(
    this,
    {
      parked: () => this.told.push('parked'),
      reclaimed: () => this.told.push('reclaimed'),
      signalled: () => this.told.push('signalled'),
      refused: () => this.told.push('refused'),
    },
    3,
    0,
  );

  get root(): NonNullable<OwnedExecution['root']> {
    return { onlyWaits: this.onlyWaits, nextDue: this.nextDue };
  }

  readonly records: OwnedExecution['records'] = {
    suspension: ({ epoch }) => this.#ask('suspension', epoch),
    reclaim: (epoch) => this.#ask('reclaim', epoch),
    release: (epoch) => this.#ask('release', epoch),
  };

  operationsChanged(): void {
    this.told.push('changed');
  }

  recordOpenBodies(): void {
    this.told.push('bodies shown');
  }

  abandon(): void {
    this.isAbandoned = true;
    this.told.push('abandoned');
  }

  async answer(accepted: boolean): Promise<void> {
    this.answers.shift()?.resolve(accepted);
    await drained();
  }

  async fail(error: Error): Promise<void> {
    this.answers.shift()?.reject(error);
    await drained();
  }

  async park(): Promise<void> {
    this.ownership.considerParking();
    await drained();
    await this.answer(true);
  }

  #ask(what: Asked[0], epoch: number): Promise<boolean> {
    this.asked.push([what, epoch]);
    const answer = new Deferred<boolean>();
    this.answers.push(answer);
    return answer.promise;
  }
}

describe('Ownership', () => {
  let owned: Owned;

  beforeEach(() => {
    keepLogs();
    logs.clear();
    owned = new Owned();
  });

  it('is given up when there is nothing to do but wait, for longer than a moment', async () => {
    owned.ownership.considerParking();
    owned.ownership.considerParking();
    expect(owned.asked).toEqual([]);
    await drained();
    expect(owned.asked).toEqual([['suspension', 3]]);
    expect(owned.ownership.isHeld).toBe(false);
    await owned.answer(true);
    expect(owned.ownership.isParked).toBe(true);
    expect(owned.told).toEqual(['bodies shown', 'parked']);
  });

  it.each([
    ['something runs', (it: Owned) => (it.onlyWaits = false)],
    ['the wait is short', (it: Owned) => (it.nextDue = it.clock.now() + 1_000)],
    ['it is over', (it: Owned) => (it.mayPark = false)],
  ])('is kept while %s', async (_, change) => {
    owned.ownership.considerParking();
    change(owned);
    await drained();
    expect(owned.asked).toEqual([]);
    expect(owned.ownership.isHeld).toBe(true);
  });

  it('has seen a signal once, also where word of an earlier one comes later', () => {
    owned.ownership.sawSignals(3);
    owned.ownership.sawSignals(2);
    expect(owned.ownership.signals).toBe(3);
  });

  it('is kept where a signal came meanwhile', async () => {
    owned.ownership.considerParking();
    await drained();
    await owned.answer(false);
    expect(owned.ownership.isHeld).toBe(true);
    expect(owned.told).toEqual(['bodies shown', 'signalled']);
  });

  it('is lost with the lease', async () => {
    owned.ownership.considerParking();
    await drained();
    await owned.fail(new Error('The lease is lost.'));
    expect(owned.isAbandoned).toBe(true);
    expect(await owned.ownership.ensure()).toBe(false);
  });

  it('comes back with a claim of this worker, one epoch on', async () => {
    await owned.park();
    owned.ownership.resume(4, 2);
    expect(owned.ownership.isHeld).toBe(true);
    expect(owned.ownership.epoch).toBe(4);
    expect(await owned.ownership.ensure()).toBe(true);
    expect(owned.asked).toHaveLength(1);
  });

  it('is taken back by code that goes on by itself, with a warning', async () => {
    await owned.park();
    const [first, second] = [owned.ownership.ensure(), owned.ownership.ensure()];
    await drained();
    await owned.answer(true);
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(owned.asked).toEqual([
      ['suspension', 3],
      ['reclaim', 3],
    ]);
    expect(owned.ownership.epoch).toBe(4);
    expect(owned.told).toContain('reclaimed');
    expect(logs.lines('warn')).toHaveLength(1);
  });

  it('is not taken back where somebody else has had it', async () => {
    await owned.park();
    const ensured = owned.ownership.ensure();
    await drained();
    await owned.answer(false);
    expect(await ensured).toBe(false);
    expect(owned.isAbandoned).toBe(true);
  });

  it('is given back at once where the code was dropped while it was taken back', async () => {
    await owned.park();
    const ensured = owned.ownership.ensure();
    await drained();
    owned.abandon();
    await owned.answer(true);
    await owned.answer(true);
    expect(await ensured).toBe(false);
    expect(owned.asked.at(-1)).toEqual(['release', 4]);
    expect(owned.told).not.toContain('reclaimed');
  });

  it('may come back through a claim that is faster than taking it back', async () => {
    await owned.park();
    const ensured = owned.ownership.ensure();
    await drained();
    owned.ownership.resume(4, 0);
    await owned.answer(false);
    expect(await ensured).toBe(true);
    expect(owned.isAbandoned).toBe(false);
    expect(owned.ownership.epoch).toBe(4);
  });

  it('waits for a suspension that is on its way before code acts', async () => {
    owned.ownership.considerParking();
    await drained();
    const ensured = owned.ownership.ensure();
    await owned.answer(false);
    expect(await ensured).toBe(true);
  });

  it('keeps the worker in whose name it was taken, whatever the process is by now', async () => {
    expect(owned.ownership.workerId).toBe('7');
    owned.services.journal.workerId = '8';
    expect(owned.ownership.workerId).toBe('7');
    await owned.park();
    owned.ownership.resume(4, 0);
    expect(owned.ownership.workerId).toBe('8');
  });
});
