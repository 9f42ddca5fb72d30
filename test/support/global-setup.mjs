// Jest imports this file as it is, without its transform.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compile } from './compile.mjs';

/** One PostgreSQL for the whole run; see test-server.ts. */
export default async function setup() {
  const output = await compile();
  process.env.DURABLE_TEST_COMPILED = output; // see test-environment.ts
  const { startTestServer } = await import(pathToFileURL(join(output, 'test/support/test-server.js')).href);
  globalThis.durableTestServer = await startTestServer();
}
