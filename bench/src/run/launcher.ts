import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Order, Outcome, Reply } from './order.js';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
const PATIENCE_MS = 10 * 60_000;
const TAIL = 4_000;

/** Gives orders to child processes, one at a time, and can be stopped in the middle. */
export class Launcher {
  private readonly stopping = new AbortController();

  constructor(private readonly node: string) {}

  get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  stop(): void {
    this.stopping.abort();
  }

  carryOut(order: Order): Promise<Outcome | undefined> {
    const { signal } = this.stopping;
    return new Promise((resolve, reject) => {
      // DATABASE_URL stays behind: some peers connect to it by themselves.
      const { DATABASE_URL: _, ...env } = process.env;
      const child = fork(CHILD, [], {
        execPath: this.node,
        execArgv: [],
        env: { ...env, NO_LOG_SUCCESS: '1' },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      let said = '';
      const listen = (chunk: Buffer): void => {
        said = (said + chunk.toString()).slice(-TAIL);
      };
      child.stdout?.on('data', listen);
      child.stderr?.on('data', listen);

      let reply: Reply | undefined;
      const kill = (): void => {
        child.kill('SIGKILL');
      };
      const patience = setTimeout(kill, PATIENCE_MS);
      signal.addEventListener('abort', kill);
      child.once('message', (message: Reply) => {
        reply = message;
      });
      child.once('error', reject);
      child.once('close', (code, ended) => {
        clearTimeout(patience);
        signal.removeEventListener('abort', kill);
        if (reply === undefined)
          reject(new Error(`The run ended with ${ended ?? code} and no answer.\n${said}`));
        else if ('failure' in reply) reject(new Error(`${reply.failure}\n${said}`));
        else resolve(reply.outcome);
      });
      child.send(order);
    });
  }
}
