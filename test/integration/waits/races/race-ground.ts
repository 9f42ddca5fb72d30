import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Provider } from '@nestjs/common';
import {
  type DurableClient,
  type DurableOptions,
  type ExecutionHandle,
  Run,
  type StartOptions,
  Workflow,
} from 'nest-durable';
import { DataSource, type QueryRunner } from 'typeorm';
import { ParkedExecutions } from '../../../../lib/execution/parked-executions.js';
import { SeededRandom } from '../../../crash/support/random.js';
import { ApiDatabase } from '../../../support/api-database.js';
import { eventually } from '../../../support/eventually.js';
import { auditMail } from './mail-audit.js';
import { contradictions, runsOf, seenBy, witness } from './witness.js';

/** Other numbers give other races: for looking longer than a run of all tests does. */
const SHIFT = Number(process.env['DURABLE_RACE_SEED'] ?? 0);

export type Saw = ReturnType<typeof witness>;
type Code = (saw: Saw, input: never) => unknown;

const codes = new Map<string, Code>();

/** A workflow whose code stands in the test. Every run of it, from its top, leaves what it saw. */
@Workflow({ name: 'raced' })
export class Raced {
  @Run()
  async run(call: { readonly code: string; readonly input?: unknown }): Promise<unknown> {
    return await codes.get(call.code)?.(witness(), call.input as never);
  }
}

/** Gives the code a name, under which executions may be started with it. */
export function callOf(code: Code, input?: unknown): { code: string; input?: unknown } {
  const known = [...codes].find(([, each]) => each === code)?.[0];
  const name = known ?? `code ${codes.size + 1}`;
  codes.set(name, code);
  return input === undefined ? { code: name } : { code: name, input };
}

export interface GroundOptions {
  readonly seed: number;
  /** Applications on the one database. */
  readonly workers?: number;
  /** How often a worker has forgotten the code of an execution that comes back to it, and replays it. */
  readonly forgetting?: number;
  readonly providers?: readonly Provider[];
  readonly options?: Omit<DurableOptions, 'database'>;
}

/** Where races are run: one database with several workers on it, whose memory of what is parked is bad. */
export class RaceGround {
  readonly random: SeededRandom;
  readonly #database = new ApiDatabase('PostgreSQL');
  readonly #begun: string[] = [];
  readonly #reported = new Set<string>();
  #clients: DurableClient[] = [];
  #source: DataSource | undefined;
  #remember: () => void = () => undefined;

  constructor(private readonly ground: GroundOptions) {
    this.random = new SeededRandom(ground.seed + SHIFT);
  }

  async open(): Promise<void> {
    await this.#database.create();
    this.#remember = forgetful(new SeededRandom(this.ground.seed + SHIFT + 1), this.ground.forgetting ?? 0.3);
    await this.#startWorkers();
    const { url } = this.#database.options as { url: string };
    this.#source = await new DataSource({ type: 'postgres', url, extra: { max: 40 } }).initialize();
  }

  /** Others take the place of all workers. Meanwhile somebody may send, and nobody works. */
  async replaceWorkers(meanwhile: (sender: DurableClient) => Promise<unknown>): Promise<void> {
    await this.#database.closeApps();
    const sender = await this.#database.start([Raced], { worker: false });
    await meanwhile(sender.client);
    await sender.close();
    await this.#startWorkers();
  }

  async #startWorkers(): Promise<void> {
    const { workers = 3, providers = [], options } = this.ground;
    const apps = await Promise.all(
      Array.from({ length: workers }, () =>
        this.#database.start([Raced, ...providers], {
          pollInterval: 100,
          queues: { default: { concurrency: 300 } },
          ...options,
        }),
      ),
    );
    this.#clients = apps.map(({ client }) => client);
  }

  async close(): Promise<void> {
    this.#remember();
    await this.#source?.destroy();
    await this.#database.drop();
  }

  /** That of any of the applications. */
  get client(): DurableClient {
    return this.random.pick(this.#clients as [DurableClient, ...DurableClient[]]);
  }

  get clients(): readonly DurableClient[] {
    return this.#clients;
  }

  async query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return await this.#app.query(sql, [...parameters]);
  }

  /** A transaction of the application's own, open until the test ends it. */
  async transaction(): Promise<QueryRunner> {
    const runner = this.#app.createQueryRunner();
    await runner.startTransaction();
    return runner;
  }

  async begin(code: Code, input?: unknown, options: StartOptions = {}): Promise<ExecutionHandle> {
    const handle = await this.client.start(Raced, callOf(code, input), options);
    this.#begun.push(handle.id);
    return handle;
  }

  /** Resolves when each of these executions has so many waits open that others can end. */
  async listening(ids: readonly string[], count = 1): Promise<void> {
    await this.until(async () => {
      const rows = await this.query<{ open: number }>(
        `SELECT count(*)::int AS open FROM (
           SELECT execution_id FROM durable.pending_events WHERE execution_id = ANY($1)
           UNION ALL
           SELECT execution_id FROM durable.pending_inputs WHERE execution_id = ANY($1) AND outcome IS NULL
         ) AS waits`,
        [ids],
      );
      return rows[0]?.open === ids.length * count;
    });
  }

  /** As `eventually`, for races in which much goes on at once. */
  async until<T>(ask: () => Promise<T>): Promise<Exclude<T, false | undefined>> {
    return await eventually(ask, { within: 20_000 });
  }

  /** What the code of an execution was given, as far as it came. */
  seen({ id }: { readonly id: string }, what?: string): unknown[] {
    return seenBy(id, what);
  }

  /** The numbers that were sent to an execution as events, in the order of the events' ids. */
  async sentTo(id: string): Promise<number[]> {
    const rows = await this.query<{ payload: number }>(
      `SELECT payload FROM durable.workflow_events WHERE execution_id = $1 AND type = 'event' ORDER BY id`,
      [id],
    );
    return rows.map(({ payload }) => payload);
  }

  /** Nothing in the tables, and nothing that any run of any code saw, speaks against another. */
  async expectPeace(): Promise<void> {
    // What nobody was told of before its receiver ended is swept soon after.
    await eventually(async () => (await this.#newFaults()).length === 0).catch(() => undefined);
    const faults = await this.#newFaults();
    // Each fault is one of the test that made it.
    for (const fault of faults) this.#reported.add(fault);
    expect(faults).toEqual([]);
  }

  async #newFaults(): Promise<string[]> {
    const faults = [...(await auditMail(this)), ...contradictions()];
    return faults.filter((fault) => !this.#reported.has(fault));
  }

  /** How often code was run again from its top. */
  get replays(): number {
    return this.#begun.reduce((sum, id) => sum + Math.max(0, runsOf(id) - 1), 0);
  }

  get #app(): DataSource {
    if (this.#source === undefined) throw new Error('The ground is opened before the first test.');
    return this.#source;
  }
}

/** Describes a suite on a ground of its own. */
export function onGround(options: GroundOptions, suite: (ground: RaceGround) => void): void {
  describe(`with ${options.workers ?? 3} workers`, () => {
    const ground = new RaceGround(options);
    beforeAll(() => ground.open());
    afterAll(() => ground.close());
    suite(ground);
  });
}

/** Some turns of the event loop, which move what comes after them against everything else. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Takes aim at a moment: not a wait for anything, but a shot that may come early or late. */
export async function at(moment: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - Date.now())));
}

/** In another order. */
export function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Makes the workers drop code that they have parked, as if it had made room for others'. */
function forgetful(random: SeededRandom, chance: number): () => void {
  const { take } = ParkedExecutions.prototype;
  ParkedExecutions.prototype.take = function (this: ParkedExecutions, id, epoch) {
    if (random.next() < chance) this.drop(id);
    return take.call(this, id, epoch);
  };
  return () => {
    ParkedExecutions.prototype.take = take;
  };
}
