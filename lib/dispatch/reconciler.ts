import { Logger } from '@nestjs/common';
import type { Executor } from '../execution/executor.js';
import type { Journal } from '../journal/journal.js';
import { ISOLATION_FROM_LOSSES } from '../journal/statements/claim.statement.js';
import { ownedBy, queuesWithSuspects, unknownWorkflows } from '../storage/queries/owned.queries.js';
import type { Query } from '../storage/queries/query.js';
import { countPeers } from '../storage/queries/workers.queries.js';

export interface ReconcilerOptions {
  readonly journal: Journal;
  readonly executor: Executor;
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  readonly kinds: () => readonly number[];
  /** Whether the execution is on its way into the executor. */
  isArriving(id: string): boolean;
  isolate(queueId: number): void;
  peers(count: number): void;
}

/**
 * Compares what the database says this worker runs with what it does run. A claim whose answer was lost would
 * otherwise be nobody's for ever: it is given back. What others said to its executions without a hint is found here
 * too, and what else only a look can tell.
 */
export class Reconciler {
  readonly #logger = new Logger('DurableReconciler');
  /** Strangers of the last round: one round of grace, because a claim may be on its way into the executor. */
  #suspects = new Set<string>();
  readonly #reported = new Set<string>();

  constructor(private readonly options: ReconcilerOptions) {}

  async reconcile(): Promise<void> {
    const { journal, executor, query, schema } = this.options;
    const { workerId } = journal;
    if (workerId === undefined) return;
    const strangers = new Set<string>();
    for (const owned of await ownedBy(query, schema, workerId)) {
      const stranger = `${owned.id} ${owned.epoch}`;
      const execution = executor.get(owned.id);
      if (execution !== undefined) {
        if (execution.ownership.signals !== owned.signals) void execution.look();
      } else if (this.options.isArriving(owned.id)) {
        continue;
      } else if (this.#suspects.has(stranger)) {
        this.#giveBack(owned.id, owned.epoch);
      } else {
        strangers.add(stranger);
      }
    }
    this.#suspects = strangers;
  }

  async lookAround(): Promise<void> {
    const { journal, query, schema } = this.options;
    const { workerId } = journal;
    if (workerId === undefined) return;
    this.options.peers(await countPeers(query, schema, workerId));
    const kinds = this.options.kinds();
    if (kinds.length === 0) return;
    for (const queueId of await queuesWithSuspects(query, schema, ISOLATION_FROM_LOSSES, kinds)) {
      this.options.isolate(queueId);
    }
    for (const { workflow, version, count } of await unknownWorkflows(query, schema, kinds)) {
      const name = `${workflow} v${version}`;
      if (this.#reported.has(name)) continue;
      this.#reported.add(name);
      this.#logger.warn(
        `${count} executions of the workflow "${workflow}" (version ${version}) wait for a worker that knows it; ` +
          'this process does not. If no other worker does, add its class to the `providers` of a module.',
      );
    }
  }

  #giveBack(executionId: string, epoch: number): void {
    this.#logger.warn(
      `Execution ${executionId} was claimed, but the answer was lost: it goes back to its queue.`,
    );
    this.options.journal.append({
      type: 'release',
      executionId,
      epoch,
      watcher: { durable: () => undefined, refused: () => undefined },
    });
  }
}
