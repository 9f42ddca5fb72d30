import { bodyOf, cStrings, frame, typeOf } from './frames.js';

/**
 * The prepared statements of one client. The engine has a single session for all of them, so two clients that
 * prepare the same name would meet: each name is replaced by one of the client's own. The new name is short,
 * because PostgreSQL cuts names at 63 bytes.
 *
 * The unnamed statement needs nothing: a client uses it within one turn.
 */
export class StatementNames {
  readonly #replacements = new Map<string, string>();
  #count = 0;

  constructor(private readonly client: number) {}

  /** The same message under the client's own name. */
  rewrite(message: Buffer): Buffer {
    switch (typeOf(message)) {
      case 'P':
        return this.#parse(message);
      case 'B':
        return this.#bind(message);
      case 'D':
      case 'C':
        return this.#describeOrClose(message);
      default:
        return message;
    }
  }

  /** What takes everything that the client prepared out of the session, or undefined when there is nothing. */
  closing(): Buffer | undefined {
    if (this.#replacements.size === 0) return undefined;
    const closes = [...this.#replacements.values()].map((name) => frame('C', cStrings(`S${name}`)));
    this.#replacements.clear();
    return Buffer.concat([...closes, frame('S')]);
  }

  #parse(message: Buffer): Buffer {
    const [name, rest] = textAt(bodyOf(message));
    return name === '' ? message : frame('P', Buffer.concat([cStrings(this.#replacement(name)), rest]));
  }

  #bind(message: Buffer): Buffer {
    const [portal, afterPortal] = textAt(bodyOf(message));
    const [name, rest] = textAt(afterPortal);
    return name === ''
      ? message
      : frame('B', Buffer.concat([cStrings(portal, this.#replacement(name)), rest]));
  }

  #describeOrClose(message: Buffer): Buffer {
    const [kindAndName] = textAt(bodyOf(message));
    const name = kindAndName.slice(1);
    if (!kindAndName.startsWith('S') || name === '') return message;
    return frame(typeOf(message), cStrings(`S${this.#replacement(name)}`));
  }

  #replacement(name: string): string {
    const known = this.#replacements.get(name);
    if (known !== undefined) return known;
    this.#count += 1;
    const replacement = `c${this.client}s${this.#count}`;
    this.#replacements.set(name, replacement);
    return replacement;
  }
}

/** The text that starts the body, and what follows it. */
function textAt(body: Buffer): [text: string, rest: Buffer] {
  const end = body.indexOf(0);
  return [body.toString('utf8', 0, end), body.subarray(end + 1)];
}
