import type { DurableClient } from '../../../lib/index.js';
import { auditMail } from '../../integration/waits/races/mail-audit.js';
import { ChildScript } from '../../support/child-script.js';
import type { Arena } from './arena.js';
import type { SeededRandom } from './random.js';
import type { WaitFailpoint } from './wait-failpoints.js';
import type { WaitOrder, WaitWorkerSettings } from './wait-worker.js';
import type { WaitingOrder } from './wait-workflows.js';

export const LEASE = '1s';

const script = new URL('./wait-worker.ts', import.meta.url);

/** A process that dies some time: by its own hand at a failpoint, or by the test's. */
export class DoomedProcess {
  readonly #child: ChildScript;
  #isDead = false;

  private constructor(settings: WaitWorkerSettings) {
    this.#child = new ChildScript(script, JSON.stringify(settings));
  }

  static async ready(
    { url }: Arena,
    { failpoint, worker = true }: { readonly failpoint?: WaitFailpoint; readonly worker?: boolean } = {},
  ): Promise<DoomedProcess> {
    const process = new DoomedProcess({
      url,
      lease: LEASE,
      worker,
      ...(failpoint !== undefined && { failpoint }),
    });
    await process.#child.line();
    return process;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Whether the process is there: one that has killed itself is not. */
  get isAlive(): boolean {
    if (this.#isDead) return false;
    try {
      return process.kill(this.pid, 0);
    } catch {
      this.#isDead = true;
      return false;
    }
  }

  tell(order: WaitOrder): void {
    this.#child.tell(JSON.stringify(order));
  }

  signal(name: NodeJS.Signals): void {
    if (this.isAlive) process.kill(this.pid, name);
  }

  async kill(): Promise<void> {
    this.#isDead = true;
    await this.#child.kill();
  }
}

/** What an execution is expected to give. */
interface Expected {
  readonly workflow: string;
  readonly output: readonly unknown[];
}

/** People and systems that deal with executions which wait: what they were told counts is what has to come out. */
export class Correspondents {
  readonly #expected = new Map<string, Expected>();

  constructor(
    private readonly arena: Arena,
    private readonly clients: readonly [DurableClient, ...DurableClient[]],
    private readonly random: SeededRandom,
  ) {}

  /** Sends one event after the other to a new collector, or to one that lets two kinds race. */
  async sendTo(workflow: 'collector' | 'racer', { count, pause }: WaitingOrder): Promise<void> {
    const { id } = await this.#client.start(workflow, { count, pause });
    const sent: number[] = [];
    this.#expected.set(id, { workflow, output: sent });
    for (let number = 0; number < count; number += 1) {
      await this.#breath();
      const name = workflow === 'racer' && this.random.next() < 0.5 ? 'other' : 'number';
      await this.#client.sendEvent(id, name, number);
      sent.push(number);
    }
  }

  /** Answers every question of a new asker: again and again, until it is told that the answer counts. */
  async answerTo({ count, pause }: WaitingOrder): Promise<void> {
    const { id } = await this.#client.start('asker', { count, pause });
    const counted: string[] = [];
    this.#expected.set(id, { workflow: 'asker', output: counted });
    while (counted.length < count) {
      await this.#breath();
      const answer = `answer ${counted.length}`;
      if (await this.#counts(id, answer)) counted.push(answer);
    }
  }

  /** Some answers come in time, and others do not: what counted comes out, in order. */
  async hurryTo({ count, pause }: WaitingOrder): Promise<void> {
    const { id } = await this.#client.start('impatient', { count, pause });
    const counted: string[] = [];
    this.#expected.set(id, { workflow: 'impatient', output: counted });
    for (;;) {
      await this.#breath();
      const answer = `answer ${counted.length}`;
      const counts = await this.#counts(id, answer);
      if (counts === undefined) return;
      if (counts) counted.push(answer);
    }
  }

  /** What does not fit, in sentences. */
  async audit(): Promise<string[]> {
    const { arena } = this;
    const rows = await arena.query<{
      id: string;
      outcome: string | null;
      output: unknown;
      error: string | null;
    }>('SELECT id, outcome, output, error::text AS error FROM durable.workflow_executions');
    const ends = new Map(rows.map((row) => [row.id, row]));
    const faults = [...this.#expected].flatMap(([id, { workflow, output }]) => {
      const end = ends.get(id);
      if (end?.outcome !== 'completed') return [`${workflow} ${id} is ${end?.outcome}: ${end?.error}`];
      const got =
        workflow === 'impatient' ? (end.output as unknown[]).filter((each) => each !== 'nobody') : end.output;
      if (JSON.stringify(got) === JSON.stringify(output)) return [];
      return [`${workflow} ${id} gave ${JSON.stringify(got)}, and was sent ${JSON.stringify(output)}`];
    });
    const watched = await arena.query('SELECT at, what, details FROM audit.violations LIMIT 20');
    return [
      ...faults,
      ...(await auditMail(arena)),
      ...watched.map((row) => `watched: ${JSON.stringify(row)}`),
    ];
  }

  get #client(): DurableClient {
    return this.random.pick(this.clients);
  }

  /** Whether the answer counts; undefined where the execution has ended. */
  async #counts(id: string, answer: string): Promise<boolean | undefined> {
    try {
      await this.#client.provideInput(id, 'question', answer, { by: answer });
      return true;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'DURABLE_EXECUTION_FINISHED') return undefined;
      // The last question stays what it was, also after the end of its execution.
      if (code === 'DURABLE_INPUT_SETTLED' && (await this.#hasEnded(id))) return undefined;
      if (code === 'DURABLE_INPUT_SETTLED' || code === 'DURABLE_WAIT_NOT_FOUND') return false;
      throw error;
    }
  }

  async #hasEnded(id: string): Promise<boolean> {
    const rows = await this.arena.query(
      'SELECT 1 FROM durable.workflow_executions WHERE id = $1 AND outcome IS NOT NULL',
      [id],
    );
    return rows.length > 0;
  }

  /** Some time passes in the database, or some turns of the event loop: senders come at all moments. */
  async #breath(): Promise<void> {
    if (this.random.next() < 0.5) {
      await this.arena.query('SELECT pg_sleep($1)', [this.random.between(1, 30) / 1_000]);
    }
    for (let turn = this.random.between(0, 10); turn > 0; turn -= 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
