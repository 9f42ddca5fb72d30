import type { Duration } from 'nest-durable';

export interface Trip {
  traveller: string;
  to: string;
  nights: number;
  /** How long the traveller may still think better of it. */
  thinkFor: Duration;
}

/** The trip as it passes through the workflow: each booking adds its reference. */
export interface TripData extends Trip {
  car: string;
  hotel: string;
  flight: string;
}
