import type { Client } from 'pg';
import { Batch } from '../../../lib/journal/batch.js';
import type { ClaimRequest } from '../../../lib/journal/claims.js';
import { FlushStatements } from '../../../lib/journal/flush-statements.js';
import { LaneConnection } from '../../../lib/journal/lane-connection.js';
import type { JournalRecord } from '../../../lib/journal/records.js';
import { FenceStatement } from '../../../lib/journal/statements/fence.statement.js';
import type { BoundStatement } from '../../../lib/journal/statement-pipeline.js';
import type { Database } from '../../../lib/storage/database.js';
import { registerWorker } from '../../../lib/storage/queries/workers.queries.js';
import { SystemClock } from '../../../lib/time/system-clock.js';
import {
  annotation,
  compensation,
  ending,
  line,
  reclaim,
  release,
  start,
  suspension,
} from '../../support/records.js';
import { idOf, large } from './large-tables.js';
import { PlanExplorer, type Plans } from './plan-explorer.js';

/** What each statement of a flush may touch, and through which index: nothing else. */
export const flushIndexes: Readonly<Record<string, readonly string[]>> = {
  durable_start_execution: [],
  durable_start_queue: [],
  durable_history: [],
  durable_annotate: ['index workflow_executions id'],
  durable_compensate: ['index workflow_queue id'],
  durable_compensated: ['index workflow_executions id'],
  durable_suspend: ['index workflow_queue id'],
  durable_release: ['index workflow_queue id'],
  durable_reclaim: ['index workflow_queue id'],
  durable_end: ['index workflow_executions id', 'index workflow_queue id'],
  durable_claim: [
    'index workflow_executions id',
    'index workflow_queue id',
    'index workflow_queue queue, kind, rank',
  ],
  // The few that are suspected have an index of their own, which is shorter still.
  durable_claim_isolated: [
    'index workflow_executions id',
    'index workflow_queue id',
    'index workflow_queue lost',
  ],
};

function several<R extends JournalRecord>(make: (executionId: string) => R, from = 1, count = 200): R[] {
  return Array.from({ length: count }, (_, place) => make(idOf(from + place)));
}

/** Some of everything that a batch may hold. */
function aLittleOfAll(): JournalRecord[] {
  return [
    ...several((executionId) => start({ executionId }), 1_000_000),
    ...several((executionId) => line({ executionId, seq: 9 })),
    ...several((executionId) => annotation({ executionId, attributes: { customer: 'acme' } })),
    ...several((executionId) => compensation({ executionId })),
    ...several((executionId) => compensation({ executionId, results: '[]' })),
    ...several((executionId) => suspension({ executionId })),
    ...several((executionId) => release({ executionId })),
    ...several((executionId) => reclaim({ executionId }), large.running + large.ready + 1),
    ...several((executionId) => ending({ executionId })),
  ];
}

const claim: ClaimRequest = {
  demands: [1, 2, 3].map((queueId) => ({ queueId, slots: 10, from: undefined })),
  kinds: Array.from({ length: 20 }, (_, place) => 1 + place),
  isolated: false,
};

/** The statements of a flush as the lane's own connection plans them, after the fence of the same flush. */
export class FlushPlans {
  readonly #sent = new Map<string, BoundStatement>();

  private constructor(
    private readonly client: Client,
    private readonly explorer: PlanExplorer,
    bound: readonly BoundStatement[],
  ) {
    for (const each of bound) this.#sent.set(each.statement.name, each);
  }

  static async open(database: Database): Promise<FlushPlans> {
    const schema = '"durable"';
    const workerId = await registerWorker((sql, parameters) => database.query(sql, parameters), schema, {
      name: 'planner',
      host: 'here',
      pid: 1,
      lease: 30_000,
    });
    let client: Client | undefined;
    const lane = new LaneConnection({
      connect: async () => (client = await database.connect('journal')),
      schema,
      clock: new SystemClock(),
      flushTimeout: 10_000,
    });
    await lane.open(workerId);
    if (client === undefined) throw new Error('The lane did not connect.');
    const statements = new FlushStatements(schema);
    const bound = [false, true].flatMap(
      (isolated) =>
        statements.compose(new Batch(aLittleOfAll(), { ...claim, isolated }), workerId, 1).statements,
    );
    // What a flush sets for itself rides in its fence.
    const fence = new FenceStatement(schema).bind(workerId, 1);
    await client.query('BEGIN');
    await client.query(fence.statement.text, [...fence.values]);
    return new FlushPlans(client, new PlanExplorer(client), bound);
  }

  get names(): string[] {
    return [...this.#sent.keys()];
  }

  async of(name: string): Promise<Plans> {
    const bound = this.#sent.get(name);
    if (bound === undefined) throw new Error(`No statement ${name} was sent.`);
    return await this.explorer.plansOf({ text: bound.statement.text, values: bound.values });
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
