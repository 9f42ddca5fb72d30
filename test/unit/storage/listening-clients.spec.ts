import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { listenToClientsOf } from '../../../lib/storage/listening-clients.js';

describe("The clients of an application's pool", () => {
  let pool: EventEmitter;
  let client: EventEmitter;

  beforeEach(() => {
    pool = new EventEmitter();
    client = new EventEmitter();
    listenToClientsOf({ driver: { master: pool } } as unknown as DataSource);
  });

  it('take no process down with an error that comes before anybody listens', () => {
    expect(() => client.emit('error', new Error('going down'))).toThrow('going down');
    pool.emit('acquire', client);
    expect(client.emit('error', new Error('going down'))).toBe(true);
  });

  it('are listened to once, however often they are handed out', () => {
    for (let time = 0; time < 3; time += 1) pool.emit('acquire', client);
    expect(client.listenerCount('error')).toBe(1);
  });

  it('are told of to others as before', () => {
    const heard: unknown[] = [];
    pool.emit('acquire', client);
    client.on('error', (error) => heard.push(error));
    client.emit('error', 'going down');
    expect(heard).toEqual(['going down']);
  });

  it('are left alone where there is no pool that we know', () => {
    expect(() => listenToClientsOf({ driver: {} } as unknown as DataSource)).not.toThrow();
  });
});
