import { UnusableMatch } from '../../errors/pending.error.js';
import type { Serializer } from '../../serialization/serializer.js';
import { serializeError } from '../../serialization/serialized-error.js';
import { asError } from '../thrown-error.js';
import type { Letter } from './letter.js';
import type { Collector, Taken } from './wait-terms.js';

/** Whether an event is one that the wait is for; others stay in the mailbox. */
export type Match = (payload: never, event: string) => boolean;

export interface Wanted {
  readonly executionId: string;
  /** The name of the wait. */
  readonly wait: string;
  readonly names: readonly string[];
  readonly match: Match | undefined;
  readonly serializer: Serializer;
}

/** Looks at events by their names, and where the code wants more than a name, asks it once for each. */
abstract class EventCollector implements Collector {
  /** Whether the code wants a letter, for those that it was asked about. */
  readonly #verdicts = new Map<string, boolean>();
  readonly #names: ReadonlySet<string>;

  constructor(protected readonly wanted: Wanted) {
    this.#names = new Set(wanted.names);
  }

  lookAnew(): void {}

  offer(letter: Letter): Taken | 'kept' | undefined {
    if (letter.type !== 'event' || !this.#names.has(letter.name)) return undefined;
    try {
      return this.#isWanted(letter) ? this.accept(letter) : undefined;
    } catch (error) {
      // What the code cannot judge ends its wait, and stays in the mailbox.
      return { takes: [], output: null, error: serializeError(asError(error)) };
    }
  }

  protected abstract accept(letter: Letter): Taken | 'kept' | undefined;

  protected payloadOf({ payload }: Letter): unknown {
    return payload === null ? undefined : this.wanted.serializer.parse(payload);
  }

  #isWanted(letter: Letter): boolean {
    const { match } = this.wanted;
    if (match === undefined) return true;
    const known = this.#verdicts.get(letter.id);
    if (known !== undefined) return known;
    const verdict = this.#ask(match, letter);
    this.#verdicts.set(letter.id, verdict);
    return verdict;
  }

  #ask(match: Match, letter: Letter): boolean {
    const { executionId, wait } = this.wanted;
    const answer: unknown = match(this.payloadOf(letter) as never, letter.name);
    if (typeof answer === 'boolean') return answer;
    const isPromise = typeof answer === 'object' && answer !== null && 'then' in answer;
    // Nobody will look at it any more: should it be rejected, that must not take the host process down.
    if (isPromise) Promise.resolve(answer).catch(() => undefined);
    throw new UnusableMatch(executionId, wait, isPromise ? 'a promise' : typeof answer);
  }
}

/** The first event of one name: what was sent is what the code gets. */
export class OneEvent extends EventCollector {
  protected override accept({ id, payload }: Letter): Taken {
    return { takes: [id], output: payload };
  }
}

/** The first event of several names, with its name. */
export class AnyEvent extends EventCollector {
  protected override accept(letter: Letter): Taken {
    const told = { event: letter.name, payload: this.payloadOf(letter) };
    return { takes: [letter.id], output: this.wanted.serializer.stringify(told) };
  }
}

/** One event of each name: they are kept for this wait until all are there, and taken together. */
export class AllEvents extends EventCollector {
  #kept = new Map<string, Letter>();

  override lookAnew(): void {
    this.#kept = new Map();
  }

  protected override accept(letter: Letter): Taken | 'kept' | undefined {
    if (this.#kept.has(letter.name)) return undefined;
    this.#kept.set(letter.name, letter);
    const letters = this.wanted.names.map((name) => this.#kept.get(name));
    if (!letters.every((each) => each !== undefined)) return 'kept';
    const told = Object.fromEntries(letters.map((each) => [each.name, this.payloadOf(each)]));
    return { takes: letters.map(({ id }) => id), output: this.wanted.serializer.stringify(told) };
  }
}
