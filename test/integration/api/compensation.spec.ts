import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Branch,
  commit,
  Compensate,
  type DurableClient,
  ForEach,
  Parallel,
  Pipeline,
  Step,
  type Undo,
  While,
  Workflow,
} from 'nest-durable';
import { onEachDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';

let undone: unknown[] = [];
let gate = new Gate();

interface Trip {
  city: string;
  seats?: (string | { spare: string })[];
  car?: string;
  hotel?: string;
  kind?: 'train' | 'plane';
  ticket?: string;
  left?: number;
  spare?: string | undefined;
}

class NoRoom extends Error {}

function note(step: string, data: Trip, extra: object = {}): void {
  undone.push({ step, data: { ...data }, ...extra });
}

@Workflow()
class Booking extends Pipeline<Trip, Trip> {
  @Step()
  async bookCar(data: Trip) {
    return { car: `car in ${data.city}` };
  }

  @Step()
  look(data: Trip) {
    data.city = 'nowhere';
    data.seats?.push('of nobody');
  }

  @Step({ name: 'hotel' })
  bookHotel(data: Trip) {
    return { hotel: `hotel for ${data.car}`, spare: undefined };
  }

  @Compensate(['bookCar', 'bookHotel'])
  async cancelBooking(
    data: Trip,
    { step, result }: Undo<{ car: string } | { hotel: string; spare?: undefined }>,
  ) {
    note(step, data, { result });
    data.city = 'nowhere';
  }

  @Compensate('look')
  lookAway(data: Trip, { step, result, ...others }: Undo) {
    note(step, data, { result, others });
  }

  @Step({ retry: { maxAttempts: 2, base: 0 } })
  pay() {
    throw new NoRoom('no room');
  }

  @Compensate('pay')
  payBack(data: Trip) {
    note('pay', data);
  }

  @Step()
  confirm() {}

  @Compensate('confirm')
  unconfirm(data: Trip) {
    note('confirm', data);
  }
}

@Workflow()
class Blocks extends Pipeline<Trip, Trip> {
  @Branch({ train: ['byTrain', 'reserve'], plane: 'byPlane' })
  kind(data: Trip) {
    return data.kind ?? 'plane';
  }
  @Step({ in: 'kind' }) byTrain() {
    return { ticket: 'train' };
  }
  @Step({ in: 'kind' }) reserve() {
    return { left: 2 };
  }
  @Step({ in: 'kind' }) byPlane() {
    return { ticket: 'plane' };
  }

  @Parallel(['slow', 'fast'])
  together() {}
  @Step({ in: 'together' }) async slow() {
    await gate.pass();
    return { car: 'slow' };
  }
  @Step({ in: 'together' }) fast() {
    return { hotel: 'fast' };
  }
  @Compensate(['slow', 'fast'])
  async undoTogether(data: Trip, { step }: Undo) {
    note(step, data);
  }

  @ForEach({ do: 'pack', concurrency: 1, into: 'seats' })
  each(data: Trip) {
    gate.open();
    return data.seats ?? [];
  }
  @Step({ in: 'each' }) pack(_data: Trip, seat: string | { spare: string }, index: number) {
    return { spare: `${typeof seat === 'string' ? seat : seat.spare} at ${index}` };
  }

  @While({ do: 'tick', max: 3 })
  again(data: Trip) {
    return (data.left ?? 0) > 0;
  }
  @Step({ in: 'again' }) tick(data: Trip) {
    return { left: (data.left ?? 0) - 1 };
  }

  @Compensate(['byTrain', 'reserve', 'byPlane', 'tick'])
  undo(data: Trip, { step }: Undo) {
    note(step, data);
  }
  @Compensate('pack')
  unpack(data: Trip, { step, item, index, result }: Undo<{ spare: string }, string | { spare: string }>) {
    note(step, data, { item, index, result });
  }

  @Step({ retry: { maxAttempts: 1 } })
  fail() {
    throw new NoRoom('no room');
  }
}

@Workflow()
class PointOfNoReturn extends Pipeline<Trip, Trip> {
  @Step() before() {}
  @Step()
  async turn() {
    await commit();
  }
  @Step() after() {}
  @Compensate(['before', 'turn', 'after'])
  undo(data: Trip, { step }: Undo) {
    note(step, data);
  }
  @Step({ retry: { maxAttempts: 1 } })
  fail() {
    throw new NoRoom('no room');
  }
}

const PROVIDERS = [Booking, Blocks, PointOfNoReturn];

async function undos(client: DurableClient, id: string): Promise<string[] | undefined> {
  const { compensationResults } = await client.getExecution(id);
  return compensationResults?.map(({ path, undo, status }) => `${undo} ${path} ${status}`);
}

onEachDatabase((database) => {
  beforeEach(() => {
    undone = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('A pipeline that fails', () => {
    it('is undone from the last step to the first, each with its own result and the data of that moment', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Booking, { city: 'Rome', seats: ['1a'], spare: 'tyre' });
      expect((await causeOf(handle, Error)).message).toBe('no room');
      const trip = { city: 'Rome', seats: ['1a'], spare: 'tyre' };
      expect(undone).toEqual([
        {
          step: 'hotel',
          data: { city: 'Rome', seats: ['1a'], car: 'car in Rome', hotel: 'hotel for car in Rome' },
          result: { hotel: 'hotel for car in Rome', spare: undefined },
        },
        { step: 'look', data: { ...trip, car: 'car in Rome' }, result: undefined, others: {} },
        { step: 'bookCar', data: { ...trip, car: 'car in Rome' }, result: { car: 'car in Rome' } },
      ]);
    });

    it('leaves alone what failed and what never ran', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Booking, { city: 'Rome' });
      await causeOf(handle, Error);
      expect(await undos(client, handle.id)).toEqual([
        'cancelBooking hotel completed',
        'lookAway look completed',
        'cancelBooking bookCar completed',
      ]);
    });

    it('shows each undo in its history, with the step that it undoes', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Booking, { city: 'Rome' });
      await causeOf(handle, Error);
      const execution = await client.getExecution(handle.id, { steps: true });
      expect(execution).toMatchObject({ status: 'compensated', error: { message: 'no room' } });
      expect(execution.compensatedAt).toBeInstanceOf(Date);
      expect(execution.steps?.filter(({ kind }) => kind === 'undo')).toMatchObject(
        ['hotel', 'look', 'bookCar'].map((name) => ({
          name,
          compensates: name,
          status: 'completed',
          attempt: 1,
          output: undefined,
        })),
      );
      expect(execution.steps?.filter(({ kind }) => kind !== 'undo').map(({ path }) => path)).toEqual([
        'bookCar',
        'look',
        'hotel',
        'pay',
        'pay',
      ]);
    });

    it('is undone in every block, once for each run of a step', async () => {
      const { client } = await database.start(PROVIDERS);
      const trip = { city: 'Rome', seats: ['1a', '2b'], kind: 'train' as const };
      const handle = await client.start(Blocks, trip);
      await gate.reached();
      gate.open();
      await causeOf(handle, Error);
      expect(await undos(client, handle.id)).toEqual([
        'undo again#2/tick completed',
        'undo again/tick completed',
        'unpack each/1/pack completed',
        'unpack each/0/pack completed',
        'undoTogether together/slow completed',
        'undoTogether together/fast completed',
        'undo kind/reserve completed',
        'undo kind/byTrain completed',
      ]);
      const ticket = { ...trip, ticket: 'train' };
      const booked = { ...ticket, car: 'slow', hotel: 'fast' };
      const packed = { ...booked, left: 2, seats: [{ spare: '1a at 0' }, { spare: '2b at 1' }] };
      expect(undone).toEqual([
        { step: 'tick', data: { ...packed, left: 0 } },
        { step: 'tick', data: { ...packed, left: 1 } },
        {
          step: 'pack',
          data: { ...booked, left: 2, spare: '2b at 1' },
          item: '2b',
          index: 1,
          result: { spare: '2b at 1' },
        },
        {
          step: 'pack',
          data: { ...booked, left: 2, spare: '1a at 0' },
          item: '1a',
          index: 0,
          result: { spare: '1a at 0' },
        },
        { step: 'slow', data: { ...ticket, left: 2, car: 'slow' } },
        { step: 'fast', data: { ...ticket, left: 2, hotel: 'fast' } },
        { step: 'reserve', data: { ...ticket, left: 2 } },
        { step: 'byTrain', data: ticket },
      ]);
    });

    it('keeps what completed before the point of no return', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(PointOfNoReturn, { city: 'Rome' });
      await causeOf(handle, Error);
      expect(await undos(client, handle.id)).toEqual(['undo after completed', 'undo turn completed']);
    });
  });
});
