/** What the processes around one database tell each other. Hints only: losing one costs time, never work. */
export interface Hint {
  readonly topic: 'work' | 'ended' | 'signal';
  /** A queue's name, or the id of an execution. */
  readonly subject: string;
}

export interface Notifier {
  /** Hints from other processes. */
  onHint(listener: (hint: Hint) => void): void;
  start(): Promise<void>;
  /** To the other processes, soon, together with others. */
  publish(hint: Hint): void;
  stop(): Promise<void>;
}

/** An embedded database has one process: there is nobody to tell. */
export class SilentNotifier implements Notifier {
  onHint(): void {}
  async start(): Promise<void> {}
  publish(): void {}
  async stop(): Promise<void> {}
}
