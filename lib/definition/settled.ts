/**
 * What came of one of several: its value, or the error that it failed with.
 *
 * @publicApi
 */
export type Settled<Value> =
  | { readonly status: 'fulfilled'; readonly value: Value }
  | { readonly status: 'rejected'; readonly reason: Error };
