/** Resolves when everything that could go on without the event loop has gone on. */
export function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
