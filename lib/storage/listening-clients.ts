import { EventEmitter } from 'node:events';
import type { Client, ClientConfig } from 'pg';
import type { DataSource } from 'typeorm';

/*
 * A server that shuts down may say so in the same breath as its welcome, before anybody can listen, and an 'error' that
 * nobody listens to ends the process. What is to be done about it is up to others: the query that follows fails.
 */
const ignore = (): void => undefined;

/** Clients that are never without a listener. */
export function listening(Base: typeof Client): typeof Client {
  return class ListeningClient extends Base {
    constructor(config?: string | ClientConfig) {
      super(config);
      this.on('error', ignore);
    }
  };
}

const pools = new WeakSet();

/**
 * Listens to every client that the application's own pool hands out from now on: the pool stops listening in that
 * moment, and TypeORM begins a little later. As often as wanted.
 */
export function listenToClientsOf({ driver }: DataSource): void {
  const pool = 'master' in driver ? driver.master : undefined;
  if (!(pool instanceof EventEmitter) || pools.has(pool)) return;
  pools.add(pool);
  pool.on('acquire', (client: unknown) => {
    if (client instanceof EventEmitter && !client.listeners('error').includes(ignore))
      client.on('error', ignore);
  });
}
