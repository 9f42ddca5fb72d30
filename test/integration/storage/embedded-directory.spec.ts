import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedInUse } from '../../../lib/errors/database.error.js';
import type { Database } from '../../../lib/storage/database.js';
import { openDatabase } from '../../../lib/storage/open-database.js';
import { ChildScript } from '../../support/child-script.js';

const script = new URL('./scripts/hold-embedded.ts', import.meta.url);

describe('The directory of an embedded database', () => {
  let parent: string;
  /** A database with one row, copied for each test: making one from nothing takes seconds. */
  let seed: string;
  let directory: string;
  const children: ChildScript[] = [];
  const opened: Database[] = [];

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'durable-embedded-'));
    seed = join(parent, 'seed');
    const database = await openDatabase({ embedded: seed });
    await database.query('CREATE TABLE t (a int)');
    await database.query('INSERT INTO t VALUES (1)');
    await database.close();
  });

  afterAll(() => rm(parent, { recursive: true, force: true }));

  beforeEach(async () => {
    directory = join(await mkdtemp(join(parent, 'test-')), '.durable');
    await cp(seed, directory, { recursive: true });
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    await Promise.all(children.splice(0).map((child) => child.kill()));
  });

  async function open(lockWaitMs = 0): Promise<Database> {
    const database = await openDatabase({ embedded: directory }, { lockWaitMs });
    opened.push(database);
    return database;
  }

  /** Another process that has it open, and has committed one row and begun another. */
  async function owner(): Promise<ChildScript> {
    const child = new ChildScript(script, directory);
    children.push(child);
    expect(await child.line()).toBe('open');
    for (const sql of ['INSERT INTO t VALUES (2)', 'BEGIN', 'INSERT INTO t VALUES (3)']) {
      child.tell(sql);
      expect(await child.line()).toBe('done');
    }
    return child;
  }

  async function lockOwner(): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(directory, 'lock'), 'utf8')) as Record<string, unknown>;
  }

  it('is made with all above it, keeps what was committed, and stays out of git', async () => {
    directory = join(parent, 'not', 'there', '.durable');
    const first = await open();
    expect(first.description).toBe(`embedded ${directory}`);
    await first.query('CREATE TABLE t (a int)');
    await first.query('INSERT INTO t VALUES (1)');
    await first.close();

    const second = await open();
    expect(await second.query('SELECT a FROM t')).toEqual([{ a: 1 }]);
    expect(await readFile(join(directory, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('is started anew when a process died while it made the files', async () => {
    await rm(join(directory, 'created'));
    await rm(join(directory, 'data', 'global'), { recursive: true });

    const database = await open();
    expect(await database.query(`SELECT to_regclass('t') AS t`)).toEqual([{ t: null }]);
  });

  it('is refused to a second process while the first lives', async () => {
    const child = await owner();
    const refusal = open();
    await expect(refusal).rejects.toBeInstanceOf(EmbeddedInUse);
    await expect(refusal).rejects.toMatchObject({ directory, ownerPid: child.pid });
    expect(await child.end()).toBe(0);
  });

  it('is refused to the process that has it open', async () => {
    await open();
    await expect(open()).rejects.toMatchObject({ code: 'DURABLE_EMBEDDED_IN_USE', ownerPid: process.pid });
  });

  it('is waited for while its owner is about to leave', async () => {
    const child = await owner();
    const opening = open(20_000);
    expect(await child.end()).toBe(0);
    expect(await (await opening).query('SELECT a FROM t')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('is free again once it was closed', async () => {
    const database = await open();
    expect(await lockOwner()).toMatchObject({ pid: process.pid });
    await database.close();
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });

  it('is taken over from a killed process at once, with what that had committed', async () => {
    const child = await owner();
    await child.kill();
    expect(await lockOwner()).toMatchObject({ pid: child.pid });

    const database = await open();
    expect(await database.query('SELECT a FROM t')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await lockOwner()).toMatchObject({ pid: process.pid });
  });

  it('is taken over when the pid now belongs to somebody else', async () => {
    const stale = { token: 'old', pid: process.ppid, birth: 'another boot 1', host: hostname() };
    await writeFile(join(directory, 'lock'), JSON.stringify(stale));
    await open();
    expect(await lockOwner()).toMatchObject({ pid: process.pid });
  });

  it('is taken over from another machine only when that has been silent for long', async () => {
    const lock = join(directory, 'lock');
    await writeFile(lock, JSON.stringify({ token: 'old', pid: 1, host: 'another-machine' }));
    await expect(open()).rejects.toMatchObject({ code: 'DURABLE_EMBEDDED_IN_USE', ownerPid: 1 });

    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    await open();
    expect(await lockOwner()).toMatchObject({ pid: process.pid });
  });

  it('goes to exactly one of three processes that find a dead owner', async () => {
    const dead = await owner();
    await dead.kill();

    const contenders = Array.from({ length: 3 }, () => new ChildScript(script, directory));
    children.push(...contenders);
    const answers = await Promise.all(contenders.map((child) => child.line()));

    expect(answers.sort()).toEqual(['DURABLE_EMBEDDED_IN_USE', 'DURABLE_EMBEDDED_IN_USE', 'open']);
  });
});
