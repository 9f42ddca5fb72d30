import { Decoder } from './decoder.js';
import { Encoder } from './encoder.js';
import { errorOfRecord } from './error-revival.js';
import { RegisteredClasses } from './registered-classes.js';

/** Users' classes in the fields of an error are dropped: an error must be readable in every process. */
const noClasses = new RegisteredClasses();
const decoder = new Decoder(noClasses);

/**
 * The text under which something thrown is stored: `{ name, message, code?, stack?, fields?, cause? … }`, at
 * most about 32 kB. Never throws, whatever was thrown; what cannot be stored is left out.
 */
export function serializeError(thrown: unknown): string {
  return JSON.stringify(new Encoder(noClasses).recordOfThrown(thrown));
}

/** The error that was stored. Never throws. */
export function reviveError(text: string): Error {
  try {
    return errorOfRecord(JSON.parse(text), decoder.decode);
  } catch (cause) {
    return new Error(`An error was stored that cannot be read: ${text}`, { cause });
  }
}
