import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';

export interface PostgresServerOptions {
  /**
   * Whether commits reach the disk: only for tests that ask what survives.
   *
   * @default false
   */
  readonly fsync?: boolean;
  /** Further settings of the server. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** @default those found on this machine */
  readonly binaries?: PostgresBinaries | undefined;
}

/** How PostgreSQL stops: when its clients have gone, after throwing them out, or as if it had crashed. */
export type StopMode = 'smart' | 'fast' | 'immediate';

const stopSignals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

const READY_WITHIN_MS = 30_000;
/** PostgreSQL refuses to run as root. This is nobody on every system. */
const UNPRIVILEGED = { uid: 65534, gid: 65534 };

/**
 * A throw-away PostgreSQL cluster of the tests' own, in a temporary directory. It stops, and its files go, when
 * this process ends, however it ends.
 */
export class PostgresServer {
  readonly #directory: string;
  readonly #binaries: PostgresBinaries;
  readonly #identity = process.getuid?.() === 0 ? UNPRIVILEGED : {};
  #port: number | undefined;
  #postmaster: ChildProcess | undefined;
  #watchdog: ChildProcess | undefined;

  constructor(private readonly options: PostgresServerOptions = {}) {
    const binaries = options.binaries ?? findPostgresBinaries();
    if (binaries === undefined) {
      throw new Error(
        'No PostgreSQL for the tests: set TEST_DATABASE_URL, install PostgreSQL, or run npm install with optional packages.',
      );
    }
    this.#binaries = binaries;
    // Short: the path of a unix socket has some 100 bytes.
    this.#directory = mkdtempSync(join(tmpdir(), 'durable-pg-'));
  }

  get port(): number {
    if (this.#port === undefined) throw new Error('This server has not been started yet.');
    return this.#port;
  }

  url(database = 'postgres'): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  /** Starts the server; after a stop or a kill with the same data on the same port. */
  async start(): Promise<this> {
    if (this.#postmaster !== undefined) return this;
    if (!existsSync(this.#data)) this.#makeCluster();
    this.#watchdog ??= this.#startWatchdog();
    const end = performance.now() + READY_WITHIN_MS;
    // Its port may be taken by the time it starts, and processes of a killed one may linger.
    while (!(await this.#launch(end))) {
      if (performance.now() > end) throw new Error(`PostgreSQL did not start:\n${this.log()}`);
      await pause(50);
    }
    return this;
  }

  async stop(mode: StopMode = 'fast'): Promise<void> {
    await this.#end((postmaster) => postmaster.kill(stopSignals[mode]));
  }

  /** SIGKILL for all of it, as when the machine is gone. */
  async kill(): Promise<void> {
    await this.#end((postmaster) => {
      const backends = childrenOf(postmaster.pid);
      postmaster.kill('SIGKILL');
      for (const pid of backends) signal(pid, 'SIGKILL');
    });
  }

  async restart(mode: StopMode = 'fast'): Promise<void> {
    await this.stop(mode);
    await this.start();
  }

  /** Stops the server and deletes its files. */
  async dispose(): Promise<void> {
    await this.stop('immediate');
    rmSync(this.#directory, { recursive: true, force: true });
    const watchdog = this.#watchdog;
    this.#watchdog = undefined;
    if (watchdog === undefined) return;
    await new Promise<void>((resolve) => {
      watchdog.once('exit', () => resolve());
      watchdog.ref();
      watchdog.stdin?.end();
    });
  }

  /** What the server has written to its log. */
  log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : '';
  }

  get #data(): string {
    return join(this.#directory, 'data');
  }

  get #logFile(): string {
    return join(this.#directory, 'log');
  }

  #makeCluster(): void {
    const { uid, gid } = { uid: -1, gid: -1, ...this.#identity };
    chownSync(this.#directory, uid, gid);
    mkdirSync(this.#data, { mode: 0o700 });
    chownSync(this.#data, uid, gid);
    execFileSync(
      this.#binaries.initdb,
      ['-D', this.#data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync'],
      { ...this.#identity, cwd: this.#directory, stdio: 'pipe' },
    );
  }

  /** True once it takes connections, false when it ended before. */
  async #launch(end: number): Promise<boolean> {
    const port = this.#port ?? (await freePort());
    const log = openSync(this.#logFile, 'a');
    const postmaster = spawn(this.#binaries.postgres, ['-D', this.#data, ...this.#settings(port)], {
      ...this.#identity,
      cwd: this.#directory,
      // A group of its own: an interrupt at the terminal reaches us, and we stop it in order.
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    postmaster.unref();
    let hasEnded = false;
    const ended = (): void => {
      hasEnded = true;
      if (this.#postmaster === postmaster) this.#postmaster = undefined;
    };
    postmaster.once('exit', ended).once('error', ended);
    while (!hasEnded && performance.now() < end) {
      if (this.#isReady(postmaster)) {
        this.#postmaster = postmaster;
        this.#port = port;
        return true;
      }
      await pause(10);
    }
    return false;
  }

  /** The server says so itself, in the file that names its process. */
  #isReady({ pid }: ChildProcess): boolean {
    try {
      const lines = readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n');
      return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
    } catch {
      return false;
    }
  }

  #settings(port: number): string[] {
    const { fsync = false, settings = {} } = this.options;
    const all = {
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: this.#directory,
      max_connections: 300,
      shared_buffers: '64MB',
      max_wal_size: '1GB',
      jit: 'off',
      fsync: fsync ? 'on' : 'off',
      full_page_writes: fsync ? 'on' : 'off',
      ...settings,
    };
    return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  }

  async #end(how: (postmaster: ChildProcess) => void): Promise<void> {
    const postmaster = this.#postmaster;
    if (postmaster === undefined) return;
    this.#postmaster = undefined;
    const exited = new Promise<void>((resolve) => postmaster.once('exit', () => resolve()));
    postmaster.ref();
    how(postmaster);
    await exited;
  }

  /** A shell that waits for its input to end, as it does when this process is gone, and then clears up. */
  #startWatchdog(): ChildProcess {
    const watchdog = spawn('sh', ['-c', WATCHDOG, 'sh', this.#directory], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    watchdog.unref();
    // The pipe is a socket to Node, and would keep this process alive.
    (watchdog.stdin as Socket | null)?.unref();
    return watchdog;
  }
}

const WATCHDOG = `
  cat > /dev/null
  pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null)
  if [ -n "$pid" ] && { cat "/proc/$pid/cmdline" 2> /dev/null || ps -p "$pid" -o args=; } | grep -q "$1"; then
    kill -QUIT "$pid"
    for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2> /dev/null && sleep 0.5; done
    kill -KILL "$pid" 2> /dev/null
  fi
  rm -rf "$1"
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function childrenOf(parent: number | undefined): number[] {
  if (existsSync('/proc/self/stat')) {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && parentInProc(pid) === parent);
  }
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .map(([pid = 0]) => pid);
}

function parentInProc(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
