import { beforeEach, describe, expect, it } from '@jest/globals';
import { BroadcastHeld, EventKeyHeld } from 'nest-durable';
import { EventIntake } from '../../../lib/intake/event-intake.js';
import { unhindered } from '../../../lib/intake/unhindered.js';
import type { Query } from '../../../lib/storage/queries/query.js';
import { drained, HeldClock } from '../../support/held-clock.js';

/** As the driver says it, and as TypeORM hands it on. */
const held = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
const handedOn = Object.assign(new Error('query failed'), { driverError: held });

describe('What somebody’s open transaction holds', () => {
  let clock: HeldClock;
  let tries: number;
  let outcome: unknown;

  beforeEach(() => {
    clock = new HeldClock();
    tries = 0;
    outcome = undefined;
  });

  /** Begins it, and tells when it has come to its end. */
  function begin(work: () => Promise<unknown>): void {
    void work().then(
      (value) => (outcome = value),
      (error: unknown) => (outcome = error),
    );
  }

  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000);
      await drained();
    }
  }

  it.each([
    ['by the driver', held],
    ['by TypeORM', handedOn],
  ])('is asked for again until it is free, said %s, with pauses in between', async (_, error) => {
    begin(() =>
      unhindered(
        clock,
        async () => {
          tries += 1;
          if (tries < 4) throw error;
          return 'free';
        },
        () => new Error('never'),
      ),
    );
    await drained();
    expect(tries).toBe(1);
    expect(clock.timers).toEqual([250]);
    await pass(2);
    expect(tries).toBe(3);
    expect(outcome).toBeUndefined();
    await pass(2);
    expect(outcome).toBe('free');
    expect(clock.timers).toEqual([]);
  });

  it('is no matter for what fails for another reason', async () => {
    const other = Object.assign(new Error('no'), { code: '23505' });
    begin(() =>
      unhindered(
        clock,
        async () => {
          throw other;
        },
        () => new Error('never'),
      ),
    );
    await drained();
    expect(outcome).toBe(other);
  });

  describe('for a minute', () => {
    /** The receiver lives; whatever is written is held. */
    const query: Query = async <Row>(sql: string): Promise<Row[]> => {
      if (sql.trimStart().startsWith('SELECT')) return [{ outcome: null, state: 1 }] as Row[];
      tries += 1;
      throw handedOn;
    };

    it('is an EventKeyHeld for a sender with a key', async () => {
      const events = new EventIntake({ query, schema: '"durable"', clock });
      const event = { executionId: 'e-1', name: 'paid', payload: null, idempotencyKey: 'delivery-1' };
      begin(() => events.send({ ...event, fn: 'sendEvent()', manager: undefined }));
      await pass(59);
      expect(outcome).toBeUndefined();
      await pass(4);
      expect(outcome).toBeInstanceOf(EventKeyHeld);
      expect(outcome).toMatchObject({ event: 'paid', idempotencyKey: 'delivery-1', cause: handedOn });
      expect(tries).toBeGreaterThan(10);
    });

    it('is a BroadcastHeld for a second sender of a broadcast', async () => {
      const events = new EventIntake({ query, schema: '"durable"', clock });
      const broadcast = { name: 'rates', scope: 'EUR', payload: '1', expiresIn: null };
      begin(() => events.broadcast({ ...broadcast, manager: undefined }));
      await pass(63);
      expect(outcome).toBeInstanceOf(BroadcastHeld);
      expect(outcome).toMatchObject({ event: 'rates', scope: 'EUR', cause: handedOn });
    });
  });
});
