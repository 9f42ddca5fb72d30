import type { DurableError } from '../../errors/durable.error.js';
import { RecordRefused } from '../../errors/execution.error.js';
import { ActiveExecution } from '../active-execution.js';
import type { Course } from '../course.js';
import { type Judgement, judgementOf } from '../ending.js';
import { runOutside } from '../operation-context.js';
import type { UndoBeginning, UndoCause } from './undo-cause.js';
import { Undoing } from './undoing.js';
import { isTorn, unwind } from './unwinding.js';

/** Who runs executions, as the way back needs it. */
export interface WayBackHost {
  /** Everything is being given back: what has not begun is left to others. */
  isClosing(): boolean;
  giveBack(execution: ActiveExecution): Promise<void>;
  /** The execution goes on as this one, in the same slot. */
  replace(execution: ActiveExecution): void;
  end(execution: ActiveExecution, judgement: Judgement): Promise<void>;
}

/** Why an execution goes the way back, or with what it has begun to. */
export interface WhyUndone {
  readonly cause: UndoCause;
  readonly begun?: UndoBeginning | undefined;
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

  /** The code of an execution is over, or has been stopped: undoes its work, then ends it. */
  async take(execution: ActiveExecution, cause: UndoCause): Promise<void> {
    // What ended it is in the database, or its code fails again: whoever takes it next goes this way.
    if (this.host.isClosing()) return await this.host.giveBack(execution);
    // Stopped before its code had come to where it was, what it did is not all known here.
    if (execution.isReplaying) return await this.find(this.#goOn(execution, 'unwinding'), { cause });
    for (const operation of execution.bodies.undoableAtWork()) execution.undoLog.leftOpen(operation);
    await this.#undo(execution, { cause }, false);
  }

  /** Goes on with an execution that was run elsewhere: finds out what it did, undoes that, then ends it. */
  async find(execution: ActiveExecution, why: WhyUndone): Promise<void> {
    await unwind(execution);
    if (execution.isOver) return;
    if (this.host.isClosing()) return await this.host.giveBack(execution);
    await this.#undo(execution, why, this.#torn.has(execution) || isTorn(execution));
  }

  /** The execution cannot go on as it did. */
  broken(execution: ActiveExecution, error: DurableError): void {
    // One flush may have held several records of it: the first refusal has been answered for all.
    if (execution.isOver) return;
    const undoing = this.#undoings.get(execution);
    if (undoing === undefined) this.#torn.add(execution);
    else if (error instanceof RecordRefused) {
      void this.#run(undoing.goOnAs(this.#goOn(execution, 'undoing'), error));
    } else void this.#end(undoing);
  }

  async #undo(before: ActiveExecution, { cause, begun }: WhyUndone, isPartial: boolean): Promise<void> {
    const { undoLog, history, services } = before;
    const { unknown } = undoLog;
    const steps = undoLog.toUndo(history.committedAt);
    if (begun === undefined && !isPartial && steps.length + unknown.length === 0) {
      return await this.host.end(before, judgementOf(cause));
    }
    const now = services.databaseClock.now();
    const beginning = begun ?? { cause, at: now, count: steps.length, unknown };
    const options = { steps, beginning, isBegun: begun !== undefined, isPartial };
    await this.#run(new Undoing(this.#goOn(before, 'undoing'), options));
  }

  async #run(undoing: Undoing): Promise<void> {
    const { execution } = undoing;
    this.#undoings.set(execution, undoing);
    await runOutside(() => undoing.run());
    if (!execution.isOver && (await execution.ownership.ensure())) await this.#end(undoing);
  }

  /** The same execution in the same slot, on another course: what its code still does is ignored. */
  #goOn(before: ActiveExecution, course: Course): ActiveExecution {
    const { facts, history, services, observer, ownership } = before;
    const { epoch, signals } = ownership;
    before.supersede(new Error(`Execution ${before.id} is being undone.`));
    const now = { ...facts, epoch, signals, deadlineAt: null };
    const execution = new ActiveExecution(now, history, services, observer, course);
    // What ended a wait before may not be recorded as taken yet.
    execution.mail.inherit(before.mail);
    this.host.replace(execution);
    return execution;
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
