import { ActiveExecution } from '../active-execution.js';
import { type Judgement, judgementOf } from '../ending.js';
import { runOutside } from '../operation-context.js';
import type { UndoCause } from './undo-cause.js';
import { Undoing, type UndoingOptions } from './undoing.js';
import { unwind } from './unwinding.js';

/** Who runs executions, as the way back needs it. */
export interface WayBackHost {
  /** The execution goes on as this one, in the same slot. */
  replace(execution: ActiveExecution): void;
  end(execution: ActiveExecution, judgement: Judgement): Promise<void>;
}

/**
 * What comes between the last line of code and the end of an execution that failed: undoing what it did, if there is
 * something to undo. In the process that ran it, that is known; in any other it is found out by a replay first.
 */
export class WayBack {
  readonly #undoings = new WeakMap<ActiveExecution, Undoing>();
  /** Executions of which not everything could be found out. */
  readonly #torn = new WeakSet<ActiveExecution>();

  constructor(private readonly host: WayBackHost) {}

  /** The code of an execution is over, and has failed: undoes its work, then ends it. */
  async take(execution: ActiveExecution, cause: UndoCause): Promise<void> {
    const steps = execution.undoLog.toUndo(execution.history.committedAt);
    if (steps.length === 0) return await this.host.end(execution, judgementOf(cause));
    await this.#undo(execution, { steps, cause, isBegun: false, isPartial: false });
  }

  /** Goes on with an execution that was run elsewhere: finds out what it did, undoes that, then ends it. */
  async find(
    execution: ActiveExecution,
    { cause, isBegun }: { readonly cause: UndoCause; readonly isBegun: boolean },
  ): Promise<void> {
    await unwind(execution);
    if (execution.isOver) return;
    const isPartial = this.#torn.has(execution);
    if (!isBegun && !isPartial) return await this.take(execution, cause);
    const steps = execution.undoLog.toUndo(execution.history.committedAt);
    await this.#undo(execution, { steps, cause, isBegun, isPartial });
  }

  /** It cannot go on as it did; what is done by then is the end of its way. */
  broken(execution: ActiveExecution): void {
    const undoing = this.#undoings.get(execution);
    if (undoing === undefined) this.#torn.add(execution);
    else void this.#end(undoing);
  }

  async #undo(forward: ActiveExecution, options: UndoingOptions): Promise<void> {
    const { ownership, facts, history, id } = forward;
    const { epoch, signals } = ownership;
    forward.supersede(new Error(`Execution ${id} is being undone.`));
    const execution = new ActiveExecution(
      { ...facts, epoch, signals, deadlineAt: null },
      history,
      forward.services,
      forward.observer,
      'undoing',
    );
    const undoing = new Undoing(execution, options);
    this.#undoings.set(execution, undoing);
    this.host.replace(execution);
    await runOutside(() => undoing.run());
    if (!execution.isOver && (await execution.ownership.ensure())) await this.#end(undoing);
  }

  async #end(undoing: Undoing): Promise<void> {
    const { execution, outcome, cause } = undoing;
    if (execution.isOver) return;
    execution.stop({ handOver: false });
    undoing.recordResults();
    const isRetried = cause.isRetried && outcome === 'compensated';
    await this.host.end(execution, { outcome, output: null, error: cause.error, isRetried });
  }
}
