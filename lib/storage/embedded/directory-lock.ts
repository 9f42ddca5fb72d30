import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { EmbeddedInUse } from '../../errors/database.error.js';
import type { Clock } from '../../time/clock.js';
import { birthOf, isAlive } from './process-identity.js';

const RETRY_MS = 50;
/** A lock that cannot be read is being written at this moment, unless it is older than this. */
const WRITING_MS = 2_000;
const HEARTBEAT_MS = 5_000;
/** Of a process on another machine, or in another container, only the heartbeat can be seen. */
const FOREIGN_STALE_MS = 30_000;

interface Owner {
  readonly token: string;
  readonly pid: number;
  readonly birth?: string | undefined;
  readonly host: string;
}

export interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for an owner that is about to leave, as under a watch-mode restart. */
  readonly waitMs: number;
}

/**
 * Keeps other processes out of a directory. Two engines on the same files would destroy them.
 *
 * The lock is a file that names its owner. One whose owner has died is taken over at once: that the process is
 * gone is seen from its pid and its time of birth, as a pid alone may have been given to somebody else.
 */
export class DirectoryLock {
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(
    private readonly file: string,
    private readonly token: string,
  ) {
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS).unref();
  }

  /** @throws EmbeddedInUse */
  static async acquire(directory: string, { clock, waitMs }: LockOptions): Promise<DirectoryLock> {
    const file = join(directory, 'lock');
    const owner = {
      token: randomUUID(),
      pid: process.pid,
      birth: await birthOf(process.pid),
      host: hostname(),
    };
    const end = clock.monotonic() + waitMs;
    for (;;) {
      if (await written(file, owner)) return new DirectoryLock(file, owner.token);
      const other = await readOwner(file);
      if (await isStale(file, other)) {
        await removeStale(file, other);
      } else if (clock.monotonic() >= end) {
        throw new EmbeddedInUse(directory, other?.pid ?? 0);
      } else {
        await new Promise<void>((resolve) => clock.setTimer(RETRY_MS, resolve));
      }
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    if ((await readOwner(this.file))?.token === this.token) await rm(this.file, { force: true });
  }

  async #beat(): Promise<void> {
    const now = new Date();
    // Somebody who deletes the file takes the lock away; there is nothing to do about it here.
    await utimes(this.file, now, now).catch(() => undefined);
  }
}

/** False when the file is there already: creating it is what takes the lock. */
async function written(file: string, owner: Owner): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    const owner: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isOwner(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}

async function isStale(file: string, owner: Owner | undefined): Promise<boolean> {
  if (owner === undefined) return (await ageOf(file)) > WRITING_MS;
  if (owner.host !== hostname()) return (await ageOf(file)) > FOREIGN_STALE_MS;
  if (!isAlive(owner.pid)) return true;
  const birth = await birthOf(owner.pid);
  return owner.birth !== undefined && birth !== undefined && owner.birth !== birth;
}

/**
 * Of several processes that find the same dead owner, one may remove its file; otherwise the second would remove
 * the lock that the first has taken by then. Making a directory is the arbiter.
 */
async function removeStale(file: string, owner: Owner | undefined): Promise<void> {
  const arbiter = `${file}.takeover`;
  try {
    await mkdir(arbiter);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    if ((await ageOf(arbiter)) > WRITING_MS) await rmdir(arbiter).catch(() => undefined);
    return;
  }
  try {
    const now = await readOwner(file);
    if (now?.token === owner?.token && (await isStale(file, now))) await rm(file, { force: true });
  } finally {
    await rmdir(arbiter).catch(() => undefined);
  }
}

/** Milliseconds since the last change; a file that is gone by now is not old. */
async function ageOf(file: string): Promise<number> {
  try {
    return Date.now() - (await stat(file)).mtimeMs;
  } catch {
    return 0;
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false;
  return 'token' in value && 'host' in value && 'pid' in value && typeof value.pid === 'number';
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
