import { setImmediate as nextRound } from 'node:timers/promises';
import { cStrings, frame } from './frames.js';
import { Turns } from './turns.js';
import { WireSocket, type SharedSession } from './wire-socket.js';

/** What the hub needs of PGlite: PostgreSQL in this process, spoken to in its wire protocol. */
export interface WireEngine {
  execProtocolRawStream(
    message: Uint8Array,
    options: { syncToFs?: boolean; onRawData: (data: Uint8Array) => void },
  ): Promise<void>;
}

/** The one session of the engine, shared by any number of sockets that each look like a server to the driver. */
export class WireHub implements SharedSession {
  readonly turns = new Turns();
  readonly #sockets = new Set<WireSocket>();
  #opened = 0;
  #stopped: Error | undefined;

  constructor(private readonly engine: WireEngine) {}

  get stopped(): Error | undefined {
    return this.#stopped;
  }

  /** For the `stream` option of a client. */
  open(): WireSocket {
    this.#opened += 1;
    const socket = new WireSocket(this, this.#opened);
    this.#sockets.add(socket);
    return socket;
  }

  forget(socket: WireSocket): void {
    this.#sockets.delete(socket);
  }

  async exchange(message: Buffer): Promise<Buffer> {
    // The engine works on this thread: without this a busy client would keep timers and sockets waiting.
    await nextRound();
    if (this.#stopped !== undefined) throw this.#stopped;
    const answer: Buffer[] = [];
    try {
      // The files are the process's own, there is nothing to sync them to.
      await this.engine.execProtocolRawStream(message, {
        syncToFs: false,
        onRawData: (data) => answer.push(Buffer.from(data)),
      });
    } catch (cause) {
      const stopped = new Error('The embedded database has stopped.', { cause });
      this.stop(stopped);
      throw stopped;
    }
    return Buffer.concat(answer);
  }

  /** Nothing reaches the engine from here on, and every client loses its connection. */
  stop(reason: Error): void {
    this.#stopped ??= reason;
    for (const socket of this.#sockets) socket.destroy(this.#stopped);
  }

  greeting(client: number): Buffer {
    const key = Buffer.alloc(8);
    key.writeInt32BE(client, 0);
    const parameters = {
      server_encoding: 'UTF8',
      client_encoding: 'UTF8',
      DateStyle: 'ISO, MDY',
      TimeZone: 'UTC',
      integer_datetimes: 'on',
      standard_conforming_strings: 'on',
    };
    return Buffer.concat([
      frame('R', Buffer.alloc(4)),
      ...Object.entries(parameters).map(([name, value]) => frame('S', cStrings(name, value))),
      frame('K', key),
      frame('Z', Buffer.from('I')),
    ]);
  }
}
