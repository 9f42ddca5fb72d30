import type { InvalidField } from '../errors/start.error.js';

/** What comes of checking something from outside: the value to go on with, or all that is wrong with it. */
export type Verdict<Value = unknown> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fields: InvalidField[] };

/** The value as a whole, as the path of what is wrong with it. */
export const WHOLE = '$';
