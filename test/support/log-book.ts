import { Logger, type LoggerService, type LogLevel } from '@nestjs/common';

interface Line {
  readonly level: LogLevel;
  readonly text: string;
}

/** What Nest's loggers write, kept for tests to read, and out of their output. Nest has one logger per process. */
class LogBook implements LoggerService {
  #lines: Line[] = [];

  log = (message: unknown): void => this.#write('log', message);
  warn = (message: unknown): void => this.#write('warn', message);
  error = (message: unknown): void => this.#write('error', message);
  debug = (message: unknown): void => this.#write('debug', message);
  verbose = (message: unknown): void => this.#write('verbose', message);
  fatal = (message: unknown): void => this.#write('fatal', message);

  /** Begins a new page: what was written before is forgotten. */
  clear(): void {
    this.#lines = [];
  }

  lines(level: LogLevel): string[] {
    return this.#lines.filter((line) => line.level === level).map(({ text }) => text);
  }

  #write(level: LogLevel, message: unknown): void {
    this.#lines.push({ level, text: message instanceof Error ? message.message : String(message) });
  }
}

export const logs = new LogBook();

export function keepLogs(): void {
  Logger.overrideLogger(logs);
}
