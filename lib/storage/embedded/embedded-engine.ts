import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import type { PGlite } from '@electric-sql/pglite';
import { EmbeddedUnavailable } from '../../errors/database.error.js';
import { DirectoryLock, type LockOptions } from './directory-lock.js';
import { WireHub } from './wire-hub.js';

/** For tests: a database that lives and dies with its engine. */
export const IN_MEMORY = ':memory:';

/** PostgreSQL in this process. */
export interface EmbeddedEngine {
  /** A socket to it, for the `stream` option of the driver's clients. */
  openSocket(): Duplex;
  close(): Promise<void>;
}

/**
 * Opens PGlite on a directory, or in memory. Its files survive a crash of the process, a power failure they may
 * not: PGlite does not sync them to the disk.
 *
 * @throws EmbeddedUnavailable, EmbeddedInUse
 */
export async function openEmbeddedEngine(location: string, lock: LockOptions): Promise<EmbeddedEngine> {
  const start = await loadPGlite();
  if (location === IN_MEMORY) return new RunningEngine(await start('memory://'));

  const directory = resolve(location);
  await mkdir(directory, { recursive: true });
  const held = await DirectoryLock.acquire(directory, lock);
  try {
    // Nobody wants these files in a commit.
    await writeFile(join(directory, '.gitignore'), '*\n');
    return new RunningEngine(await startOn(directory, start), held);
  } catch (error) {
    await held.release();
    throw error;
  }
}

class RunningEngine implements EmbeddedEngine {
  readonly #hub: WireHub;

  constructor(
    private readonly pglite: PGlite,
    private readonly lock?: DirectoryLock,
  ) {
    this.#hub = new WireHub(pglite);
  }

  openSocket(): Duplex {
    return this.#hub.open();
  }

  async close(): Promise<void> {
    this.#hub.stop(new Error('The embedded database is closed.'));
    try {
      await this.pglite.close();
    } finally {
      await this.lock?.release();
    }
  }
}

/** Zeroing what PostgreSQL reserves by itself, 128 MB, takes most of a start. */
const SHARED_BUFFERS = '16MB';

type StartPGlite = (dataDir: string) => Promise<PGlite>;

async function loadPGlite(): Promise<StartPGlite> {
  const { PGlite } = await import('@electric-sql/pglite').catch((cause: unknown) => {
    throw new EmbeddedUnavailable(cause);
  });
  return async (dataDir) => {
    const complaints: string[] = [];
    const listen = (line: string): boolean => complaints.push(line) > 0;
    try {
      const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`];
      return await PGlite.create({ dataDir, startParams, onStderr: listen });
    } catch (cause) {
      // What went wrong is in PostgreSQL's log; the error itself only says that the program has ended.
      throw new Error(complaints.slice(-3).join(' ') || 'PGlite did not start.', { cause });
    }
  };
}

/**
 * A process that is killed while it makes the files leaves some of them behind. The file `created` says that
 * they are complete; without it nothing of value can be in them.
 */
async function startOn(directory: string, start: StartPGlite): Promise<PGlite> {
  const data = join(directory, 'data');
  const created = join(directory, 'created');
  const isComplete = await access(created).then(
    () => true,
    () => false,
  );
  if (!isComplete) await rm(data, { recursive: true, force: true });
  const pglite = await start(data);
  if (!isComplete) await writeFile(created, 'The files in data/ are complete.\n');
  return pglite;
}
