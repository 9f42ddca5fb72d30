import { ExecutionFinished, ExecutionNotFound } from '../errors/execution.error.js';
import { AmbiguousWait, InputSettled, WaitCancelled, WaitNotFound } from '../errors/pending.error.js';
import { InvalidAnswer } from '../errors/wait.error.js';
import { serializeError } from '../serialization/serialized-error.js';
import type { Serializer } from '../serialization/serializer.js';
import { findStanding } from '../storage/queries/execution.queries.js';
import {
  inputsOf,
  settleInput,
  type Settlement,
  type StoredInput,
} from '../storage/queries/input.queries.js';
import { pendingEvents } from '../storage/queries/pending.queries.js';
import type { Query } from '../storage/queries/query.js';
import type { DatabaseClock } from '../time/database-clock.js';
import type { EventIntake } from './event-intake.js';
import { checkAnswer } from './forms/answer.checks.js';
import type { Question } from './forms/question.js';
import { waitIdOf } from './wait-id.js';

/** Which wait of an execution: the open one of a name, or the one of a number. */
export type WaitReference = { readonly name: string } | { readonly seq: number };

export interface Answer {
  readonly executionId: string;
  readonly which: WaitReference;
  readonly value: unknown;
  readonly by: string | undefined;
  readonly comment: string | undefined;
}

export interface AnswerIntakeOptions {
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  readonly serializer: Serializer;
  readonly databaseClock: DatabaseClock;
  readonly events: EventIntake;
}

/** Takes answers to questions in, and the word that a wait is cancelled. */
export class AnswerIntake {
  constructor(private readonly options: AnswerIntakeOptions) {}

  /**
   * Checks an answer against what was asked. The first valid one settles the question.
   *
   * @throws WaitNotFound, AmbiguousWait, InvalidAnswer, InputSettled, ExecutionNotFound, ExecutionFinished
   */
  async answer({ executionId, which, value, by, comment }: Answer): Promise<void> {
    const fn = 'provideInput()';
    const input = await this.#openInput(executionId, which, fn);
    const verdict = checkAnswer(JSON.parse(input.question) as Question, value);
    if (!verdict.ok) throw new InvalidAnswer(executionId, input.name, verdict.fields);
    const { serializer, databaseClock } = this.options;
    const at = new Date(databaseClock.now());
    await this.#settle(input, fn, {
      executionId,
      seq: input.seq,
      outcome: 'answered',
      by: by ?? null,
      payload: serializer.stringify({ value: verdict.value, comment, by, at }),
    });
  }

  /**
   * Ends a wait with an error. A wait for events may be given one that was sent before.
   *
   * @throws WaitNotFound, AmbiguousWait, InputSettled, ExecutionNotFound, ExecutionFinished
   */
  async cancel(executionId: string, which: WaitReference, reason: string | undefined): Promise<void> {
    const fn = 'cancelWait()';
    const inputs = await this.#inputs(executionId, which);
    const events = await this.#eventWaits(executionId, which);
    const open = inputs.filter(({ outcome }) => outcome === null);
    this.#requireOne(executionId, which, fn, [...open, ...events]);
    const [event] = events;
    if (event === undefined) {
      const input = open[0] ?? (await this.#none(executionId, which, fn, inputs));
      const payload = serializeError(new WaitCancelled(executionId, input.name, reason));
      const { seq } = input;
      return await this.#settle(input, fn, {
        executionId,
        seq,
        outcome: 'cancelled',
        by: null,
        payload,
      });
    }
    const payload = serializeError(new WaitCancelled(executionId, event.name, reason));
    const { name, seq } = event;
    await this.options.events.letter({ executionId, type: 'cancelled', name, payload, waitSeq: seq }, fn);
  }

  async #openInput(executionId: string, which: WaitReference, fn: string): Promise<StoredInput> {
    const inputs = await this.#inputs(executionId, which);
    const open = inputs.filter(({ outcome }) => outcome === null);
    this.#requireOne(executionId, which, fn, open);
    return open[0] ?? (await this.#none(executionId, which, fn, inputs));
  }

  #inputs(executionId: string, which: WaitReference): Promise<StoredInput[]> {
    return inputsOf(this.options.query, this.options.schema, executionId, which);
  }

  async #eventWaits(
    executionId: string,
    which: WaitReference,
  ): Promise<{ readonly seq: number; readonly name: string }[]> {
    const { query, schema } = this.options;
    const name = 'name' in which ? which.name : undefined;
    const seq = 'seq' in which ? which.seq : undefined;
    const waits = await pendingEvents(query, schema, { executionId, name, seq }, MOST_WAITS);
    return waits.map(({ seq, names }) => ({ seq, name: name ?? names.join(', ') }));
  }

  #requireOne(
    executionId: string,
    which: WaitReference,
    fn: string,
    open: readonly { readonly seq: number }[],
  ): void {
    if (open.length < 2) return;
    const ids = open.map(({ seq }) => waitIdOf({ executionId, seq }));
    throw new AmbiguousWait(executionId, nameOf(executionId, which), fn, ids);
  }

  /** Nothing is open: says what was, or why there is nothing. */
  async #none(
    executionId: string,
    which: WaitReference,
    fn: string,
    inputs: readonly StoredInput[],
  ): Promise<never> {
    const { query, schema } = this.options;
    const last = inputs.at(-1);
    // What was answered stays answered, also after the end of its execution.
    if (last?.outcome != null && last.outcome !== 'withdrawn') throw settled(executionId, last);
    const standing = await findStanding(query, schema, executionId);
    if (standing === undefined) throw new ExecutionNotFound(executionId);
    if (standing.outcome !== null) throw new ExecutionFinished(executionId, standing.outcome, fn);
    if (last !== undefined) throw settled(executionId, last);
    throw new WaitNotFound(executionId, nameOf(executionId, which), fn);
  }

  async #settle(input: StoredInput, fn: string, settlement: Settlement): Promise<void> {
    const { query, schema, events } = this.options;
    const { executionId, seq } = settlement;
    const signalled = await settleInput(query, schema, settlement);
    if (signalled !== undefined) events.signalled([signalled]);
    if (signalled?.isSettled === true) return;
    // Somebody was faster, or the execution has ended.
    const inputs = await this.#inputs(executionId, { seq });
    await this.#none(executionId, { seq: input.seq }, fn, inputs);
  }
}

/** Of one execution; more than are open at a time in one that is well. */
const MOST_WAITS = 1_000;

function nameOf(executionId: string, which: WaitReference): string {
  return 'name' in which ? which.name : waitIdOf({ executionId, seq: which.seq });
}

function settled(executionId: string, { name, outcome, settledBy, settledAt }: StoredInput): InputSettled {
  return new InputSettled(
    executionId,
    name,
    outcome ?? 'withdrawn',
    settledBy ?? undefined,
    settledAt === null ? undefined : new Date(settledAt).toISOString(),
  );
}
