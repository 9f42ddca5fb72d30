import { clearScreenDown, moveCursor } from 'node:readline';
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const LEAST_WIDTH = 80;

/** Lines that stay, and under them, on a terminal, a board that is drawn again and again in one place. */
export class Screen {
  /** Lines that a narrow terminal breaks in two cannot be found again. */
  readonly isLive =
    process.stdout.isTTY === true && process.env['TERM'] !== 'dumb' && this.width >= LEAST_WIDTH;
  readonly hasColours = this.isLive && (process.env['NO_COLOR'] ?? '') === '';
  #board: readonly string[] = [];

  get width(): number {
    return Math.min(process.stdout.columns ?? 100, 110);
  }

  readonly paint = (style: Style, text: string): string =>
    this.hasColours ? styleText(style, text, { validateStream: false }) : text;

  say(...lines: readonly string[]): void {
    this.#wipe();
    process.stdout.write([...lines, ...this.#board].map((line) => `${line}\n`).join(''));
  }

  /** Without a terminal there is nothing to draw again on. */
  draw(board: readonly string[]): void {
    if (!this.isLive) return;
    this.#wipe();
    this.#board = board;
    process.stdout.write(board.map((line) => `${line}\n`).join(''));
  }

  /** What the board shows now stays. */
  keep(): void {
    this.#board = [];
  }

  #wipe(): void {
    if (this.#board.length === 0) return;
    moveCursor(process.stdout, 0, -this.#board.length);
    clearScreenDown(process.stdout);
  }
}
