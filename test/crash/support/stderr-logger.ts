import { ConsoleLogger } from '@nestjs/common';

/** Keeps the output free for what the process has to say. */
export class StderrLogger extends ConsoleLogger {
  constructor() {
    super({ colors: false });
  }

  protected override printMessages(messages: unknown[], context = '', level = 'log'): void {
    for (const message of messages) {
      process.stderr.write(
        `${new Date().toISOString()} ${process.pid} ${level} [${context}] ${String(message)}\n`,
      );
    }
  }
}
