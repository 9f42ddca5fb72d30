import { commit, Compensate, execution, Run, sleep, Step, step, type Undo, Workflow } from 'nest-durable';
import { Airline, CarRental, Hotels } from './booking-offices.js';
import type { Trip, TripData } from './trip.js';

/** The same trip as a run method: the order is that of the code, and so is every choice that may come. */
@Workflow({ name: 'book_trip_as_code' })
export class TripAsCodeWorkflow {
  constructor(
    private readonly cars: CarRental,
    private readonly hotels: Hotels,
    private readonly airline: Airline,
  ) {}

  @Run()
  async run(trip: Trip): Promise<TripData> {
    const car = await this.bookCar(trip);
    const hotel = await step(
      'bookHotel',
      { compensate: ({ result }) => this.hotels.takeBack(trip, result) },
      () => this.hotels.reserve(trip, execution().idempotencyKey),
    );
    const flight = await this.bookFlight(trip);
    await sleep(trip.thinkFor);
    await commit();
    await this.issueTicket(trip, flight);
    return { ...trip, car, hotel, flight };
  }

  @Step()
  async bookCar(trip: Trip): Promise<string> {
    return await this.cars.reserve(trip, execution().idempotencyKey);
  }

  @Compensate('bookCar')
  async returnCar({ result }: Undo<string>, trip: Trip) {
    await this.cars.takeBack(trip, result);
  }

  @Step({ retry: { maxAttempts: 3, base: '100ms' } })
  async bookFlight(trip: Trip): Promise<string> {
    return await this.airline.reserve(trip, execution().idempotencyKey);
  }

  @Compensate('bookFlight')
  async cancelFlight({ result }: Undo<string>, trip: Trip) {
    await this.airline.takeBack(trip, result);
  }

  @Step()
  async issueTicket(trip: Trip, flight: string): Promise<void> {
    await this.airline.issueTicket(trip, flight);
  }
}
