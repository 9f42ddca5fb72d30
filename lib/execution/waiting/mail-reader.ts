import { AsyncResource } from 'node:async_hooks';
import { broadcastsFor } from '../../storage/queries/broadcast.queries.js';
import { readMailboxes, type StoredReading } from '../../storage/queries/mailbox.queries.js';
import type { Query } from '../../storage/queries/query.js';
import type { Letter } from './letter.js';

/** What others have said to a living execution so far. */
export interface Reading {
  readonly signals: number;
  readonly cancelRequested: boolean;
  /** Whoever asked for its end wants what it did to be undone. */
  readonly compensate: boolean;
  readonly cancelReason: string | null;
  /** In the order in which they are taken. */
  readonly letters: readonly Letter[];
}

export interface ReadingRequest {
  readonly id: string;
  /** Whether it waits for what others send; the reading has no letters otherwise. */
  readonly letters: boolean;
  /** Whether it waits for broadcasts, which lie in no mailbox. */
  readonly broadcasts: boolean;
}

interface Asked extends ReadingRequest {
  readonly resolve: (reading: Reading | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** How many are read in one query. */
const BATCH = 500;

/** Reads the signals and mailboxes of executions: those that are asked for while one query is under way, in the next. */
export class MailReader {
  #asked: Asked[] = [];
  #isReading = false;
  /** Not in the context of whichever execution asks first. */
  readonly #outside = new AsyncResource('DurableMail');

  constructor(
    private readonly query: Query,
    private readonly schema: string,
  ) {}

  /** Undefined where the execution does not live any more. What is committed before the call is in it. */
  read(request: ReadingRequest): Promise<Reading | undefined> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ ...request, resolve, reject });
      if (!this.#isReading) this.#outside.runInAsyncScope(() => void this.#work());
    });
  }

  async #work(): Promise<void> {
    this.#isReading = true;
    // Executions that are claimed together ask in one turn of the event loop.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#asked.length > 0) await this.#readSome(this.#asked.splice(0, BATCH));
    this.#isReading = false;
  }

  async #readSome(asked: readonly Asked[]): Promise<void> {
    try {
      const readings = readingsOf(await readMailboxes(this.query, this.schema, onceEach(asked)));
      const listeners = asked.filter(({ broadcasts }) => broadcasts).map(({ id }) => id);
      const heard = listeners.length === 0 ? new Map<string, Letter[]>() : await this.#heardBy(listeners);
      for (const { id, resolve } of asked) {
        const reading = readings.get(id);
        resolve(reading && { ...reading, letters: inOrder(reading.letters, heard.get(id) ?? []) });
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }

  async #heardBy(ids: readonly string[]): Promise<Map<string, Letter[]>> {
    const heard = new Map<string, Letter[]>();
    for (const { executionId, seq, payload, at } of await broadcastsFor(this.query, this.schema, ids)) {
      const letters = heard.get(executionId) ?? [];
      letters.push({ id: `broadcast ${seq}`, type: 'broadcast', name: '', payload, waitSeq: seq, at });
      heard.set(executionId, letters);
    }
    return heard;
  }
}

/** Events stay in the order of their numbers; a broadcast stands before what came after it. */
function inOrder(letters: readonly Letter[], heard: readonly Letter[]): readonly Letter[] {
  if (heard.length === 0) return letters;
  const all = [...letters];
  for (const broadcast of heard) {
    const next = all.findIndex(({ at }) => at > broadcast.at);
    all.splice(next === -1 ? all.length : next, 0, broadcast);
  }
  return all;
}

/** Each execution once, also where it asks for two things. */
function onceEach(asked: readonly ReadingRequest[]): { readonly id: string; readonly letters: boolean }[] {
  const wanted = new Map<string, boolean>();
  for (const { id, letters } of asked) wanted.set(id, letters || wanted.get(id) === true);
  return [...wanted].map(([id, letters]) => ({ id, letters }));
}

function readingsOf(rows: readonly StoredReading[]): Map<string, Reading & { readonly letters: Letter[] }> {
  const readings = new Map<string, Reading & { readonly letters: Letter[] }>();
  for (const row of rows) {
    const { executionId, signals, cancelRequested, compensate, cancelReason, letterId } = row;
    let reading = readings.get(executionId);
    if (reading === undefined) {
      reading = { signals, cancelRequested, compensate, cancelReason, letters: [] };
      readings.set(executionId, reading);
    }
    const { type, name, payload, waitSeq, at } = row;
    if (letterId !== null) reading.letters.push({ id: letterId, type, name, payload, waitSeq, at });
  }
  return readings;
}
