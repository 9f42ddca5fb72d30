// Jest imports this file as it is, without its transform.
import './register-typescript.mjs';

/** One PostgreSQL for the whole run; see test-server.ts. */
export default async function setup() {
  const { startTestServer } = await import('./test-server.ts');
  globalThis.durableTestServer = await startTestServer();
}
