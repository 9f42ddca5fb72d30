import type { Connection, Submittable } from 'pg';

/** A prepared statement of a flush. The name is unique on its connection. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

export interface BoundStatement {
  readonly statement: PreparedStatement;
  readonly values: readonly (Buffer | string | null)[];
}

/** What one statement of a pipeline answered: each row as its raw text fields. */
export interface StatementResult {
  readonly rows: (string | null)[][];
}

/** The part of the driver's connection that is not in its published types. */
interface WireConnection {
  submittedNamedStatements: Record<string, string>;
  readonly stream: NodeJS.WritableStream & { cork(): void; uncork(): void };
  close(target: { type: 'S'; name: string }): void;
  parse(query: { name: string; text: string }): void;
  bind(config: { statement: string; values: readonly (Buffer | string | null)[] }): void;
  execute(config: object): void;
  sync(): void;
}

/** Which statement of a pipeline the server refused; the server's own error is the cause. */
export class StatementFailed extends Error {
  /** The server's SQLSTATE. */
  readonly code: unknown;

  constructor(
    readonly statement: string | undefined,
    override readonly cause: Error,
  ) {
    super(cause.message);
    this.code = 'code' in cause ? cause.code : undefined;
  }
}

export interface PipelineOptions {
  /** Named statements stay prepared; behind a pooler that forgets them every statement is parsed anew. */
  readonly named: boolean;
}

/**
 * Several prepared statements, bound and executed with a single Sync: one implicit transaction in one round
 * trip. It is committed when the server says ReadyForQuery, and not a moment earlier.
 */
export class StatementPipeline implements Submittable {
  readonly outcome: Promise<StatementResult[]>;
  readonly #results: StatementResult[];
  #answered = 0;
  /** Names sent with a Parse in this round trip. */
  readonly #parsing: string[] = [];
  #wire: WireConnection | undefined;
  #resolve!: (results: StatementResult[]) => void;
  #reject!: (error: Error) => void;

  constructor(
    private readonly statements: readonly BoundStatement[],
    private readonly options: PipelineOptions,
  ) {
    this.#results = statements.map(() => ({ rows: [] }));
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as WireConnection;
    this.#wire = wire;
    wire.stream.cork();
    for (const { statement, values } of this.statements) {
      const name = this.options.named ? statement.name : '';
      if (!this.options.named || wire.submittedNamedStatements[name] === undefined) {
        if (this.options.named) {
          // After an error nobody knows whether the server has the name. Closing one that is unknown is no error.
          wire.close({ type: 'S', name });
          wire.submittedNamedStatements[name] = statement.text;
          this.#parsing.push(name);
        }
        wire.parse({ name, text: statement.text });
      }
      wire.bind({ statement: name, values });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    this.#results[this.#answered]?.rows.push(message.fields);
  }

  handleCommandComplete(): void {
    this.#answered += 1;
  }

  /** The driver lets go of a query at its first error and never says "ready" to it: this is its last word. */
  handleError(error: Error): void {
    // The server skips from the error to the Sync, and does not say what it had parsed by then.
    for (const name of this.#parsing) delete this.#wire?.submittedNamedStatements[name];
    this.#reject(new StatementFailed(this.statements[this.#answered]?.statement.name, error));
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#results);
  }

  handleRowDescription(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
}
