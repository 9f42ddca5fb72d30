import { commit, Compensate, execution, Pipeline, sleep, Step, type Undo, Workflow } from 'nest-durable';
import { Airline, CarRental, Hotels } from './booking-offices.js';
import type { Trip, TripData } from './trip.js';

/**
 * A saga. Each booking stands with what takes it back; where a later one fails, or the traveller cancels, everything
 * that was booked is taken back, the last first, and not a line of code says so.
 */
@Workflow({ name: 'book_trip' })
export class TripWorkflow extends Pipeline<Trip, TripData> {
  constructor(
    private readonly cars: CarRental,
    private readonly hotels: Hotels,
    private readonly airline: Airline,
  ) {
    super();
  }

  @Step()
  async bookCar(trip: Trip) {
    return { car: await this.cars.reserve(trip, execution().idempotencyKey) };
  }

  @Compensate('bookCar')
  async returnCar(trip: Trip, { result }: Undo<{ car: string }>) {
    await this.cars.takeBack(trip, result.car);
  }

  @Step()
  async bookHotel(trip: Trip) {
    return { hotel: await this.hotels.reserve(trip, execution().idempotencyKey) };
  }

  // An undo is a step: it is tried again where it fails, and so it may run twice and must not mind.
  @Compensate('bookHotel', { retry: { maxAttempts: 3, base: '100ms' } })
  async cancelHotel(trip: Trip, { result }: Undo<{ hotel: string }>) {
    await this.hotels.takeBack(trip, result.hotel);
  }

  @Step({ retry: { maxAttempts: 3, base: '100ms' } })
  async bookFlight(trip: Trip) {
    return { flight: await this.airline.reserve(trip, execution().idempotencyKey) };
  }

  @Compensate('bookFlight')
  async cancelFlight(trip: Trip, { result }: Undo<{ flight: string }>) {
    await this.airline.takeBack(trip, result.flight);
  }

  @Step()
  async letThemThink({ thinkFor }: Trip) {
    await sleep(thinkFor);
  }

  // A ticket cannot be taken back, so from here on nothing is: what fails now is for a human to put right.
  @Step()
  async issueTicket(data: TripData) {
    await commit();
    await this.airline.issueTicket(data, data.flight);
  }
}
