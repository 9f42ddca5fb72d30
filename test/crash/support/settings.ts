/** Where a worker process is to be killed by its own hand; see failpoints.ts. */
export type FailpointName =
  /** A claim was answered, and nothing of it has been run. */
  | 'after-claim'
  /** A body has had its effect. */
  | 'inside-step'
  /** A flush with lines of history is about to be sent. */
  | 'before-flush'
  /** Such a flush has left the process, and its answer has not come. */
  | 'flush-sent'
  /** Such a flush was answered, and nobody in the process has been told. */
  | 'after-commit'
  /** A flush with an execution's end is about to be sent. */
  | 'before-completion'
  /** Something of an execution is durable: a line of its history, the beginning of its undoing, what came of that. */
  | 'recorded';

export interface Failpoint {
  readonly name: FailpointName;
  /** At which passing of the point it strikes, from 1. */
  readonly passing: number;
  /**
   * The only path that it looks at (of `inside-step` and `recorded`).
   *
   * @default any
   */
  readonly path?: string;
}

/** What is wrong with a record of the workflow `spoiled`; see spoil.ts. */
export type Spoil = 'overflow' | 'nul' | 'not-json' | 'not-encodable' | 'start';

/** What a worker process is told by its environment. */
export interface WorkerSettings {
  readonly database: { readonly url: string } | { readonly embedded: string };
  /** The file in which every run of a body leaves a line. */
  readonly effects: string;
  readonly lease?: string;
  readonly pollInterval?: number;
  readonly concurrency?: number;
  readonly shutdownTimeout?: string;
  /** How many connections the application's own DataSource has: what transactional steps share. */
  readonly ownConnections?: number;
  readonly failpoint?: Failpoint | undefined;
  readonly spoil?: Spoil;
  /** Which random pipelines it knows. */
  readonly seeds?: readonly number[];
}

/** The variable that carries the settings, as JSON. */
export const SETTINGS = 'DURABLE_CRASH_WORKER';

/** What a worker process says, one JSON text a line. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  /** A start has returned in that process, or a result is there. */
  | { readonly type: 'acknowledged'; readonly id: string; readonly ask: number }
  | { readonly type: 'refused'; readonly error: string; readonly ask: number }
  /** The signal of a body of the workflow `long` was aborted. */
  | { readonly type: 'aborted'; readonly id: string };

/** What it is told, one JSON text a line: to start an execution, or to wait for the end of one. */
export type WorkerOrder =
  | {
      readonly type: 'start';
      readonly workflow: string;
      readonly input: unknown;
      readonly key?: string | undefined;
      readonly ask: number;
    }
  | { readonly type: 'result'; readonly id: string; readonly ask: number };
