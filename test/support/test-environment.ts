/** What the global setup tells the test files: the environment is all that reaches Jest's workers. */
export const ADMIN_URL = 'DURABLE_TEST_ADMIN_URL';
export const TEMPLATE = 'DURABLE_TEST_TEMPLATE';
export const COMPILED = 'DURABLE_TEST_COMPILED';

export function fromSetup(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: run the tests through Jest, whose setup sets it.`);
  return value;
}

/** The URL of another database on the same server. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}
