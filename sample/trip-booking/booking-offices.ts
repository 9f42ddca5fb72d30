import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { TravelBook } from './travel-book.js';
import type { Trip } from './trip.js';

// The world outside, made up: each of these would be somebody else's service.

/** Books once per idempotency key, however often it is asked, and takes back once per reference. */
@Injectable()
export abstract class BookingOffice {
  protected abstract readonly sells: string;
  readonly #bookings = new Map<string, string>();
  readonly #takenBack = new Set<string>();

  constructor(protected readonly book: TravelBook) {}

  async reserve(trip: Trip, idempotencyKey: string): Promise<string> {
    await pause(80);
    this.refuse(trip);
    const known = this.#bookings.get(idempotencyKey);
    if (known !== undefined) return known;
    const reference = `${this.sells}-${this.#bookings.size + 1}`;
    this.#bookings.set(idempotencyKey, reference);
    this.book.write({ traveller: trip.traveller, what: `${this.sells} booked` });
    return reference;
  }

  async takeBack(trip: Trip, reference: string): Promise<void> {
    await pause(60);
    this.refuseToTakeBack(trip);
    if (this.#takenBack.has(reference)) return;
    this.#takenBack.add(reference);
    this.book.write({ traveller: trip.traveller, what: `${this.sells} taken back` });
  }

  protected refuse(_trip: Trip): void {}

  protected refuseToTakeBack(_trip: Trip): void {}
}

@Injectable()
export class CarRental extends BookingOffice {
  protected readonly sells = 'car';
}

@Injectable()
export class Hotels extends BookingOffice {
  protected readonly sells = 'hotel';

  protected override refuseToTakeBack({ to }: Trip): void {
    if (to === 'El Dorado') throw new Error(`The hotels of ${to} take nothing back`);
  }
}

@Injectable()
export class Airline extends BookingOffice {
  protected readonly sells = 'flight';

  protected override refuse({ to }: Trip): void {
    if (to === 'Atlantis' || to === 'El Dorado') throw new Error(`No airport in ${to}`);
  }

  async issueTicket({ traveller }: Trip, _flight: string): Promise<void> {
    await pause(40);
    this.book.write({ traveller, what: 'ticket issued' });
  }
}
