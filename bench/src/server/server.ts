import { startOwnServer } from './own-server.js';

/** Where the benchmark runs, and how to leave it. */
export interface Server {
  readonly url: string;
  /** Who started it: figures of a shared server are only as quiet as the others on it. */
  readonly origin: 'given' | 'started';
  stop(): Promise<void>;
}

/** The server of `DATABASE_URL`, else one of our own for the time of the benchmark. */
export async function openServer(databaseUrl: string | undefined): Promise<Server> {
  if (databaseUrl !== undefined && databaseUrl !== '') {
    return { url: databaseUrl, origin: 'given', stop: async () => {} };
  }
  return startOwnServer();
}
