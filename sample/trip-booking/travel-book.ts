import { Injectable } from '@nestjs/common';

export interface TravelEntry {
  readonly traveller: string;
  /** Such as `car booked`. */
  readonly what: string;
}

/** What really happened outside, in its order. The workflow does not know of this book. */
@Injectable()
export class TravelBook {
  readonly #entries: TravelEntry[] = [];

  write(entry: TravelEntry): void {
    this.#entries.push(entry);
  }

  of(traveller: string): string[] {
    return this.#entries.filter((entry) => entry.traveller === traveller).map(({ what }) => what);
  }
}
