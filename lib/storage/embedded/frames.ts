/** Messages of the PostgreSQL wire protocol: a type byte, a length that counts itself, a body. */

const HEADER_BYTES = 5;

export function frame(type: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const message = Buffer.alloc(HEADER_BYTES + body.length);
  message.write(type, 0, 'latin1');
  message.writeInt32BE(4 + body.length, 1);
  body.copy(message, HEADER_BYTES);
  return message;
}

/** Texts as the protocol writes them: each ends with a zero byte. */
export function cStrings(...texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\0`).join(''));
}

export function typeOf(message: Buffer): string {
  return String.fromCharCode(message[0] ?? 0);
}

export function bodyOf(message: Buffer): Buffer {
  return message.subarray(HEADER_BYTES);
}

/** What ReadyForQuery says about the session: idle, in a transaction, or in one that has failed. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** The status in the last ReadyForQuery of an answer, and undefined when it holds none. */
export function statusIn(answer: Buffer): TransactionStatus | undefined {
  let status: TransactionStatus | undefined;
  for (const message of framesIn(answer)) {
    if (typeOf(message) !== 'Z') continue;
    const letter = String.fromCharCode(bodyOf(message)[0] ?? 0);
    if (letter === 'I' || letter === 'T' || letter === 'E') status = letter;
  }
  return status;
}

function* framesIn(bytes: Buffer): Iterable<Buffer> {
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** Cuts a client's bytes into messages. The first message of a connection has no type byte. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #typed = false;

  /** From here on messages have a type byte. */
  startupIsOver(): void {
    this.#typed = true;
  }

  *read(chunk: Buffer): Iterable<Buffer> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let message = this.#take(); message !== undefined; message = this.#take()) yield message;
  }

  #take(): Buffer | undefined {
    const before = this.#typed ? 1 : 0;
    if (this.#rest.length < before + 4) return undefined;
    const length = before + this.#rest.readInt32BE(before);
    if (this.#rest.length < length) return undefined;
    const message = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return message;
  }
}
