import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { compiled } from './compiled.js';

/**
 * A TypeScript file run by a process of its own, for tests in which processes meet or die. They talk in lines.
 * A script that waits for its input to end goes away with this process.
 */
export class ChildScript {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #unread: string[] = [];
  readonly #exited: Promise<unknown>;

  constructor(script: URL, ...args: readonly string[]) {
    this.#child = spawn(process.execPath, [compiled(script), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#exited = once(this.#child, 'exit');
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('The script has no output.');
    this.#lines = createInterface(stdout);
    this.#lines.on('line', (line) => this.#unread.push(line));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next line that the script writes. */
  async line(): Promise<string> {
    if (this.#unread.length === 0) await once(this.#lines, 'line');
    const line = this.#unread.shift();
    if (line === undefined) throw new Error('The script ended without a line.');
    return line;
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Ends its input, and resolves with its exit code. */
  async end(): Promise<number | null> {
    this.#child.stdin?.end();
    await this.#exited;
    return this.#child.exitCode;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
