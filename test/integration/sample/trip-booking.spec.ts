import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  CompensationFailed,
  type DurableClient,
  ExecutionCancelled,
  type ExecutionHandle,
} from 'nest-durable';
import { Airline } from '../../../sample/trip-booking/booking-offices.js';
import { TravelBook } from '../../../sample/trip-booking/travel-book.js';
import { TripAsCodeWorkflow } from '../../../sample/trip-booking/trip-as-code.workflow.js';
import { TripModule } from '../../../sample/trip-booking/trip.module.js';
import type { Trip, TripData } from '../../../sample/trip-booking/trip.js';
import { TripWorkflow } from '../../../sample/trip-booking/trip.workflow.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { runSample } from './sample-process.js';
import { startSample } from './start-sample.js';

let app: DurableApp;
let client: DurableClient;
let book: TravelBook;

beforeAll(async () => {
  app = await startSample(TripModule);
  client = app.client;
  book = app.module.get(TravelBook, { strict: false });
}, 60_000);

afterAll(async () => {
  await app.close();
});

interface Style {
  readonly style: string;
  start(trip: Trip): Promise<ExecutionHandle<TripData>>;
}

const styles: readonly Style[] = [
  { style: 'pipeline', start: (trip) => client.start(TripWorkflow, trip) },
  { style: 'run method', start: (trip) => client.start(TripAsCodeWorkflow, trip) },
];

describe.each(styles)('A trip of the sample, as a $style', ({ style, start }) => {
  const tripOf = (name: string, to: string, thinkFor: Trip['thinkFor'] = 10): Trip => ({
    traveller: `${name}, ${style}`,
    to,
    nights: 3,
    thinkFor,
  });
  const undone = async ({ id }: ExecutionHandle<TripData>): Promise<string[] | undefined> => {
    const { compensationResults } = await client.getExecution(id);
    return compensationResults?.map(({ step, status }) => `${step} ${status}`);
  };

  it('is booked, and nothing is taken back', async () => {
    const trip = tripOf('Ada', 'Lisbon');
    const handle = await start(trip);

    const { car, hotel, flight } = await handle.result();

    expect([car, hotel, flight].map((reference) => reference.replace(/\d+$/, ''))).toEqual([
      'car-',
      'hotel-',
      'flight-',
    ]);
    expect(book.of(trip.traveller)).toEqual(['car booked', 'hotel booked', 'flight booked', 'ticket issued']);
    expect(await undone(handle)).toBeUndefined();
  });

  it('is taken back from its end where there is no flight', async () => {
    const trip = tripOf('Ben', 'Atlantis');
    const handle = await start(trip);

    const error = await causeOf(handle, Error);

    expect(error.message).toBe('No airport in Atlantis');
    expect(await handle.status()).toBe('compensated');
    expect(book.of(trip.traveller)).toEqual([
      'car booked',
      'hotel booked',
      'hotel taken back',
      'car taken back',
    ]);
    expect(await undone(handle)).toEqual(['bookHotel completed', 'bookCar completed']);
  });

  it('gives the car back though the hotel is not', async () => {
    const trip = tripOf('Cleo', 'El Dorado');
    const handle = await start(trip);

    const error = await failureOf(handle.result(), CompensationFailed);

    expect(error).toMatchObject({ cause: { message: 'No airport in El Dorado' } });
    expect(await handle.status()).toBe('compensation_failed');
    expect(book.of(trip.traveller)).toEqual(['car booked', 'hotel booked', 'car taken back']);
    expect(await undone(handle)).toEqual(['bookHotel failed', 'bookCar completed']);
  });

  it('is taken back where the traveller cancels it and says so', async () => {
    const trip = tripOf('Dan', 'Rome', '1d');
    const handle = await start(trip);
    await eventually(async () => (await handle.status()) === 'waiting');

    await handle.cancel('too warm', { compensate: true });

    await failureOf(handle.result(), ExecutionCancelled);
    expect(await handle.status()).toBe('compensated');
    expect(book.of(trip.traveller).slice(3)).toEqual([
      'flight taken back',
      'hotel taken back',
      'car taken back',
    ]);
  });

  it('stays booked where it is cancelled and nothing else is said', async () => {
    const trip = tripOf('Eve', 'Rome', '1d');
    const handle = await start(trip);
    await eventually(async () => (await handle.status()) === 'waiting');

    await handle.cancel('found a better one');

    await failureOf(handle.result(), ExecutionCancelled);
    expect(await handle.status()).toBe('cancelled');
    expect(book.of(trip.traveller)).toEqual(['car booked', 'hotel booked', 'flight booked']);
  });

  it('stays booked where the ticket cannot be issued: that is behind the point of no return', async () => {
    const trip = tripOf('Finn', 'Lisbon');
    const issuing = jest
      .spyOn(app.module.get(Airline, { strict: false }), 'issueTicket')
      .mockRejectedValue(new TypeError('The printer is on fire'));

    const handle = await start(trip);
    const error = await causeOf(handle, TypeError);
    issuing.mockRestore();

    expect(error.message).toBe('The printer is on fire');
    expect(await handle.status()).toBe('failed');
    expect(book.of(trip.traveller)).toEqual(['car booked', 'hotel booked', 'flight booked']);
  });
});

describe('npm run sample:trip-booking', () => {
  it('tells of five trips, and of what was taken back', async () => {
    const { exitCode, printed, complaints } = await runSample('trip-booking');

    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
    expect(
      printed.match(/^book_trip\S* v1 .*$/gm)?.map((line) => line.split('  ')[2]?.split(' ')[0]),
    ).toEqual(['completed', 'compensated', 'compensation_failed', 'compensated', 'compensated']);
    expect(printed.match(/^✓ ↩ \w+/gm)).toEqual([
      ...['✓ ↩ bookHotel', '✓ ↩ bookCar'],
      ...['✓ ↩ bookCar'],
      ...['✓ ↩ bookFlight', '✓ ↩ bookHotel', '✓ ↩ bookCar'],
      ...['✓ ↩ bookHotel', '✓ ↩ bookCar'],
    ]);
    expect(printed).toContain('undo      bookHotel by cancelHotel: failed after 3 attempts');
  }, 60_000);
});
