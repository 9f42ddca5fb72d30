import { execution } from 'nest-durable';
import { type Effect, Ledger } from '../ledger.js';

/** A world outside that has a bad day: the courier does not answer when he is first called about one order. */
export class StormyLedger extends Ledger {
  constructor(
    file: string,
    travel: { readonly request: number; readonly answer: number },
    private readonly stormyOrder: string,
  ) {
    super(file, travel);
  }

  override async perform(effect: Effect): Promise<string> {
    if (effect.action === 'ship' && effect.order === this.stormyOrder && execution().attempt === 1) {
      throw new Error('503: the courier does not answer');
    }
    return await super.perform(effect);
  }
}
