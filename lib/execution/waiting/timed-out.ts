import type { Serializer } from '../../serialization/serializer.js';
import { serializeError } from '../../serialization/serialized-error.js';
import { asError } from '../thrown-error.js';
import type { Expiry } from './wait-terms.js';

/** The end of a wait whose time was up: with the value that its code named for that. */
export function timedOutWith(value: unknown, serializer: Serializer): Expiry {
  try {
    return { outcome: 'timed_out', output: value === undefined ? null : serializer.stringify(value) };
  } catch (error) {
    return { outcome: 'failed', error: serializeError(asError(error)) };
  }
}
