import type { WorkflowDefinition } from '../../../lib/definition/workflow-definition.js';
import type { JournalRecord } from '../../../lib/journal/records.js';
import { QueueState } from '../../../lib/storage/queue-state.js';
import { buryWorker, freeExecutions } from '../../../lib/storage/queries/workers.queries.js';
import { eventually } from '../../support/eventually.js';
import { type JournalRig, schema } from '../../support/journal-rig.js';
import { type RiggedWorker, workerOn } from '../../support/worker-rig.js';

const LEASE_MS = 30_000;
/** How long a batch of executions may take, on a machine that does other things as well. */
const WITHIN_MS = 40_000;

/** What a life of an execution was: from a claim to the death of its worker, or to the end. */
export interface Life {
  /** Attempts of bodies whose outcome is durable: `path@attempt`. */
  readonly recorded: ReadonlySet<string>;
  /** Paths whose failure is durable. */
  readonly failed: ReadonlySet<string>;
  /** How many records became durable. */
  readonly records: number;
}

interface Passage {
  readonly recorded: Set<string>;
  readonly failed: Set<string>;
  passed: number;
  durable: number;
  isCut: boolean;
}

/**
 * A worker that is cut off from the world in the middle of its work: of each execution its journal takes the first so
 * many records, and nothing after them. What the process had in mind beyond that is lost with it.
 */
export class MortalWorker {
  readonly #passages = new Map<string, Passage>();

  private constructor(
    private readonly rig: JournalRig,
    private readonly worker: RiggedWorker,
    private readonly cuts: ReadonlyMap<string, number>,
  ) {
    const { journal } = worker;
    const append = journal.append.bind(journal);
    journal.append = (record) => {
      const passage = this.#passageOf(record.executionId);
      if (passage.isCut || passage.passed === cuts.get(record.executionId)) {
        passage.isCut = true;
        return;
      }
      passage.passed += 1;
      append({ ...record, watcher: watched(record, passage) });
    };
  }

  /** @param cuts after how many records each execution is cut off; those that are not named come to their end */
  static async start(
    rig: JournalRig,
    definition: WorkflowDefinition,
    cuts: ReadonlyMap<string, number>,
  ): Promise<MortalWorker> {
    // Executions come with the claimer's next look: by then the journal is ours.
    const slots = await livingCount(rig);
    await rig.query('UPDATE durable.workflow_queue SET state = $1', [QueueState.waiting]);
    const worker = await workerOn(rig, definition, { slots: slots + 1, lease: LEASE_MS });
    const mortal = new MortalWorker(rig, worker, cuts);
    await rig.query('UPDATE durable.workflow_queue SET state = $1', [QueueState.ready]);
    worker.claimer.look();
    return mortal;
  }

  /** Resolves when every execution has been cut off or has ended, as far as all that it was given to record. */
  async worked(): Promise<void> {
    await eventually(
      async () => {
        const stuck = await this.#atWork();
        if (stuck.length > 0) throw new Error(`These come to no end: ${stuck.slice(0, 5).join(', ')}`);
        return true;
      },
      { within: WITHIN_MS },
    );
  }

  async #atWork(): Promise<string[]> {
    const living = await this.rig.query<{ id: string }>('SELECT id FROM durable.workflow_queue');
    return living.flatMap(({ id }) => {
      const { isCut, durable, passed } = this.#passageOf(id);
      const cut = this.cuts.get(id);
      if (isCut && durable === cut) return [];
      return [`${id} (cut off after ${cut ?? 'none'}, ${passed} records given, ${durable} durable)`];
    });
  }

  /** Dies without a word, and is buried as a reaper does it. Returns what it has left of each execution. */
  async die(): Promise<ReadonlyMap<string, Life>> {
    const { worker, executor, journal } = this.worker;
    await this.rig.silence(worker, LEASE_MS + 1_000);
    await buryWorker(this.rig.query, schema, worker.id);
    await freeExecutions(this.rig.query, schema, worker.id);
    // How often in a row a process may die of one execution is told by other tests.
    await this.rig.query('UPDATE durable.workflow_queue SET lost = 0');
    // What is left of its code must not go on in this process.
    executor.abandonAll(new Error('The process is gone.'));
    await journal.close();
    return new Map(
      [...this.#passages].map(([id, { recorded, failed, durable }]) => [
        id,
        { recorded, failed, records: durable },
      ]),
    );
  }

  #passageOf(id: string): Passage {
    const known = this.#passages.get(id);
    if (known !== undefined) return known;
    const passage: Passage = { recorded: new Set(), failed: new Set(), passed: 0, durable: 0, isCut: false };
    this.#passages.set(id, passage);
    return passage;
  }
}

function watched(record: JournalRecord, passage: Passage): JournalRecord['watcher'] {
  const { watcher } = record;
  return {
    refused: (error) => watcher.refused(error),
    durable: (accepted) => {
      passage.durable += 1;
      if (record.type === 'history' && record.outcome !== 'opened') {
        passage.recorded.add(`${record.path}@${record.attempt}`);
        if (record.outcome === 'failed') passage.failed.add(record.path);
      }
      watcher.durable(accepted);
    },
  };
}

async function livingCount(rig: JournalRig): Promise<number> {
  const [row] = await rig.query<{ count: string }>('SELECT count(*) FROM durable.workflow_queue');
  return Number(row?.count);
}
