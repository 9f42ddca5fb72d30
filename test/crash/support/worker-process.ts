import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { compiled } from '../../support/compiled.js';
import { SETTINGS, type WorkerMessage, type WorkerOrder, type WorkerSettings } from './settings.js';

const app = new URL('./worker-app.ts', import.meta.url);

interface Answer {
  resolve(id: string | undefined): void;
  reject(error: Error): void;
}

/** A worker in a process of its own: worker-app.ts, from outside. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #asks = new Map<number, Answer>();
  readonly #listeners: ((message: WorkerMessage) => void)[] = [];
  readonly ready: Promise<void>;
  /** Resolves with the exit code, or null where a signal ended it. */
  readonly exited: Promise<number | null>;
  #hasExited = false;
  #nextAsk = 0;

  /** @param log the file that takes what the process logs */
  constructor(
    readonly settings: WorkerSettings,
    log: string,
  ) {
    const stderr = openSync(log, 'a');
    this.#child = spawn(process.execPath, [compiled(app)], {
      stdio: ['pipe', 'pipe', stderr],
      env: { ...process.env, [SETTINGS]: JSON.stringify(settings), NODE_ENV: 'test', NODE_OPTIONS: '' },
    });
    closeSync(stderr);
    // Orders to a process that has just died.
    this.#child.stdin?.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code) => {
        this.#hasExited = true;
        for (const { resolve: never } of this.#asks.values()) never(undefined);
        this.#asks.clear();
        resolve(code);
      });
    });
    if (this.#child.stdout !== null) {
      createInterface(this.#child.stdout).on('line', (line) => this.#hear(JSON.parse(line) as WorkerMessage));
    }
    this.ready = Promise.race([
      new Promise<void>((resolve) => this.onMessage(({ type }) => type === 'ready' && resolve())),
      this.exited.then(() => undefined),
    ]);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    return !this.#hasExited;
  }

  onMessage(listener: (message: WorkerMessage) => void): void {
    this.#listeners.push(listener);
  }

  /** Starts an execution in that process. Resolves with its id, or with undefined if it died before. */
  start(workflow: string, input: unknown, key?: string): Promise<string | undefined> {
    return this.#order({ type: 'start', workflow, input, key, ask: this.#nextAsk++ });
  }

  /** Waits in that process for the end of an execution. Resolves with its id when it has completed. */
  result(id: string): Promise<string | undefined> {
    return this.#order({ type: 'result', id, ask: this.#nextAsk++ });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #order(order: WorkerOrder): Promise<string | undefined> {
    if (this.#hasExited) return Promise.resolve(undefined);
    const answer = new Promise<string | undefined>((resolve, reject) =>
      this.#asks.set(order.ask, { resolve, reject }),
    );
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    return answer;
  }

  #hear(message: WorkerMessage): void {
    if (message.type === 'acknowledged' || message.type === 'refused') {
      const answer = this.#asks.get(message.ask);
      if (message.type === 'acknowledged') answer?.resolve(message.id);
      else answer?.reject(new Error(message.error));
      this.#asks.delete(message.ask);
    }
    for (const listener of this.#listeners) listener(message);
  }
}
