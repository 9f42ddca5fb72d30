import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Report, Request } from './messages.js';

type ReportOf<Type extends Report['type']> = Extract<Report, { readonly type: Type }>;

const script = fileURLToPath(new URL('shop-process.js', import.meta.url));

/** The shop as the demo sees it: a process that it starts, talks to, and kills. */
export class ShopRunner {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #errors = '';

  constructor(args: readonly string[], onReport: (report: Report) => void) {
    this.#child = fork(script, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#exited = once(this.#child, 'exit');
    this.#child.on('message', onReport);
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask(request: Request): void {
    this.#child.send(request);
  }

  /** The next report of a kind that fits. Fails if an order fails or the shop ends before that, or if it takes too long. */
  next<Type extends Report['type']>(
    type: Type,
    fits: (report: ReportOf<Type>) => boolean = () => true,
  ): Promise<ReportOf<Type>> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', listen).off('exit', gone);
        act();
      };
      const listen = (report: Report): void => {
        if (report.type === 'failed') {
          settle(() => reject(new Error(`${report.order} failed: ${report.reason}`)));
        } else if (report.type === type && fits(report as ReportOf<Type>)) {
          settle(() => resolve(report as ReportOf<Type>));
        }
      };
      const gone = (): void => settle(() => reject(new Error(`The shop ended by itself.\n${this.#errors}`)));
      const timer = setTimeout(
        () => settle(() => reject(new Error(`The shop said nothing of '${type}' in time.\n${this.#errors}`))),
        PATIENCE_MS,
      );
      this.#child.on('message', listen).on('exit', gone);
    });
  }

  /** As the power cord does it: nothing in the process gets a chance to clean up. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Politely. Gives the exit code. */
  async close(): Promise<number | null> {
    this.ask({ type: 'close' });
    await this.#exited;
    return this.#child.exitCode;
  }

  get signal(): NodeJS.Signals | null {
    return this.#child.signalCode;
  }
}

const PATIENCE_MS = 45_000;
