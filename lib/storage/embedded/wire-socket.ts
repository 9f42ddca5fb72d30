import { Duplex } from 'node:stream';
import { cStrings, frame, FrameReader, statusIn, typeOf, type TransactionStatus } from './frames.js';
import { StatementNames } from './statement-names.js';
import type { Turns } from './turns.js';

const SSL_REQUEST = 80877103;
const CANCEL_REQUEST = 80877102;

/** These end a batch: the client waits for an answer after them. */
const BATCH_ENDS: ReadonlySet<string> = new Set(['Q', 'S', 'H']);

/** The engine as a socket sees it: one session that it shares with others. */
export interface SharedSession {
  readonly turns: Turns;
  /** Why nothing can be had from it any more. */
  readonly stopped: Error | undefined;
  /** One message or several, and all that the engine answers to them. Only for whoever has the turn. */
  exchange(message: Buffer): Promise<Buffer>;
  /** What a server says once a client has introduced itself. */
  greeting(client: number): Buffer;
  forget(socket: WireSocket): void;
}

/**
 * A socket to the engine in this process, for the `stream` option of the ordinary driver.
 *
 * Messages gather until one that the client expects an answer to, and go to the engine in one call. PostgreSQL's
 * own rules then hold for the batch: after an error it skips to the Sync.
 */
export class WireSocket extends Duplex {
  readonly #reader = new FrameReader();
  readonly #names: StatementNames;
  #started = false;
  #batch: Buffer[] = [];
  #work: Promise<void> = Promise.resolve();
  #status: TransactionStatus | undefined = 'I';
  #left: Promise<void> | undefined;

  constructor(
    private readonly session: SharedSession,
    private readonly client: number,
  ) {
    super();
    this.#names = new StatementNames(client);
  }

  // The part of a net.Socket that the driver calls.

  connect(): this {
    if (this.session.stopped === undefined) queueMicrotask(() => this.emit('connect'));
    else this.destroy(this.session.stopped);
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    for (const message of this.#reader.read(chunk)) this.#receive(message);
    done();
  }

  /** The client is gone, with or without a word: what it left open in the engine goes with it. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    void this.#leave();
    done(error);
  }

  #receive(message: Buffer): void {
    if (!this.#started) {
      this.#start(message);
      return;
    }
    const type = typeOf(message);
    if (type === 'X') {
      void this.#leave().then(() => this.destroy());
      return;
    }
    this.#batch.push(this.#names.rewrite(message));
    if (!BATCH_ENDS.has(type)) return;
    const batch = Buffer.concat(this.#batch);
    this.#batch = [];
    this.#work = this.#work
      .then(() => this.#exchange(batch, type))
      .catch((error: unknown) => {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      });
  }

  #start(message: Buffer): void {
    const code = message.readInt32BE(4);
    if (code === SSL_REQUEST) {
      this.push('N');
    } else if (code === CANCEL_REQUEST) {
      // The engine runs on this thread: by now there is nothing left to cancel.
      this.destroy();
    } else {
      this.#started = true;
      this.#reader.startupIsOver();
      this.push(this.session.greeting(this.client));
    }
  }

  async #exchange(batch: Buffer, end: string): Promise<void> {
    // A client that vanished gets nothing more done: it may already be sending the same again elsewhere.
    if (this.destroyed) return;
    await this.session.turns.take(this);
    if (this.destroyed) return;
    const answer = await this.session.exchange(batch);
    // After a Flush there is no ReadyForQuery, and the turn goes on with the next batch.
    this.#status = statusIn(answer);
    if (this.#status === undefined && end !== 'H')
      throw new Error('The embedded database did not get ready.');
    if (this.#status === 'I') this.session.turns.pass(this);
    if (!this.destroyed) this.push(answer);
  }

  #leave(): Promise<void> {
    this.#left ??= this.#work.then(() => this.#cleanUp());
    return this.#left;
  }

  async #cleanUp(): Promise<void> {
    this.session.forget(this);
    try {
      if (this.#status === undefined) await this.session.exchange(frame('S'));
      if (this.#status !== 'I') await this.session.exchange(frame('Q', cStrings('ROLLBACK')));
    } catch {
      // The engine has stopped, and with it every transaction and statement.
    } finally {
      this.session.turns.pass(this);
    }
    void this.#closeStatements();
  }

  /** Not waited for: another client's transaction may take its time, and nobody can see these any more. */
  async #closeStatements(): Promise<void> {
    const closing = this.#names.closing();
    if (closing === undefined) return;
    await this.session.turns.take(this);
    try {
      await this.session.exchange(closing);
    } catch {
      // As above.
    } finally {
      this.session.turns.pass(this);
    }
  }
}
