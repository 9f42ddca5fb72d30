import {
  Compensate,
  execution,
  ForEach,
  Parallel,
  Pipeline,
  Step,
  type Undo,
  Workflow,
} from '../../../lib/index.js';
import { leaveEffect } from './effects.js';

export interface TripOrder {
  readonly n: number;
  /** How long each body takes. */
  readonly bodyMs: number;
  /** How long each undo takes. */
  readonly undoMs: number;
  /** Whether the last step fails, or waits for its signal. */
  readonly end: 'fails' | 'waits';
}

interface Trip extends TripOrder {
  readonly token: string;
  readonly flight: string;
  readonly hotel: string;
  readonly seats: string[];
}

interface Booked {
  readonly token: string;
}

async function act(ms: number, args?: unknown): Promise<Booked> {
  const token = leaveEffect(args);
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  return { token };
}

/**
 * Books a car, a flight beside a hotel, and two seats; then it fails, or waits to be stopped. Every booking is undone
 * with the token of that very booking; the undo of a seat succeeds with its second attempt.
 */
@Workflow({ name: 'trip' })
export class TripWorkflow extends Pipeline<TripOrder, Trip> {
  @Step()
  async reserveCar({ bodyMs }: TripOrder) {
    return await act(bodyMs);
  }

  @Compensate('reserveCar')
  async freeCar({ undoMs }: TripOrder, { result }: Undo<Booked>) {
    await act(undoMs, result.token);
  }

  @Parallel(['bookFlight', 'bookHotel'])
  book() {}

  @Step({ in: 'book' })
  async bookFlight({ bodyMs }: TripOrder) {
    return { flight: (await act(bodyMs)).token };
  }

  @Step({ in: 'book' })
  async bookHotel({ bodyMs }: TripOrder) {
    return { hotel: (await act(bodyMs)).token };
  }

  @Compensate('bookFlight')
  async cancelFlight({ undoMs }: TripOrder, { result }: Undo<{ flight: string }>) {
    await act(undoMs, result.flight);
  }

  @Compensate('bookHotel')
  async cancelHotel({ undoMs }: TripOrder, { result }: Undo<{ hotel: string }>) {
    await act(undoMs, result.hotel);
  }

  @ForEach({ do: 'bookSeat', concurrency: 1 })
  eachSeat(_data: TripOrder) {
    return ['12A', '12B'];
  }

  @Step({ in: 'eachSeat' })
  async bookSeat({ bodyMs }: TripOrder, _seat: string) {
    return await act(bodyMs);
  }

  @Compensate('bookSeat', { retry: { maxAttempts: 3, base: 1 } })
  async freeSeat({ undoMs }: TripOrder, { result }: Undo<Booked, string>) {
    await act(undoMs, result.token);
    if (execution().attempt === 1) throw new Error('The first attempt stumbles.');
  }

  @Step({ retry: { maxAttempts: 1 } })
  async charge({ end }: TripOrder) {
    leaveEffect();
    const { signal } = execution();
    if (end === 'waits' && !signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    throw new Error('The card was refused.');
  }
}

/** The same, with little time. */
@Workflow({ name: 'hasty_trip', timeout: '1s' })
export class HastyTripWorkflow extends TripWorkflow {}

/** Two steps side by side, of which one fails while the other is at work; that one then takes its time to stop. */
@Workflow({ name: 'torn' })
export class TornWorkflow extends Pipeline<TripOrder, Trip> {
  #isAtWork: () => void = () => undefined;
  readonly #atWork = new Promise<void>((resolve) => (this.#isAtWork = resolve));

  @Step()
  async reserveCar({ bodyMs }: TripOrder) {
    return await act(bodyMs);
  }

  @Compensate('reserveCar')
  async freeCar({ undoMs }: TripOrder, { result }: Undo<Booked>) {
    await act(undoMs, result.token);
  }

  @Parallel(['fail', 'work'])
  tear() {}

  @Step({ in: 'tear', retry: { maxAttempts: 1 } })
  async fail() {
    leaveEffect();
    await this.#atWork;
    throw new Error('One part fails.');
  }

  @Step({ in: 'tear' })
  async work({ bodyMs }: TripOrder) {
    const { signal } = execution();
    this.#isAtWork();
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return { flight: (await act(bodyMs)).token };
  }

  @Compensate('work')
  async unwork({ undoMs }: TripOrder, { result }: Undo<{ flight: string }>) {
    await act(undoMs, result.flight);
  }
}

export const sagaWorkflows = [TripWorkflow, HastyTripWorkflow, TornWorkflow] as const;
