import type { DurableError } from '../errors/durable.error.js';
import type { Clock } from '../time/clock.js';
import type { ActiveExecution } from './active-execution.js';
import { judgementOf } from './ending.js';
import { undoCauseOf } from './saga/undo-cause.js';
import { WayBack, type WayBackHost } from './saga/way-back.js';

/** How long bodies may take to notice that their execution is to end, before it ends without them. */
const GRACE_MS = 5_000;

/** Brings executions to a stop before their code is over: to end them, or to give them to others. */
export class Stopping {
  readonly wayBack: WayBack;
  /** Those that are to be undone when they have been stopped. */
  readonly #toUndo = new WeakSet<ActiveExecution>();
  #isClosing = false;
  #left: (() => void)[] = [];

  constructor(
    private readonly host: Omit<WayBackHost, 'isClosing' | 'giveBack'> & {
      isActive(execution: ActiveExecution): boolean;
      leave(execution: ActiveExecution): void;
    },
    private readonly clock: Clock,
  ) {
    this.wayBack = new WayBack({
      isClosing: () => this.#isClosing,
      giveBack: (execution) => this.#giveBack(execution),
      replace: (execution) => this.host.replace(execution),
      end: (execution, judgement) => this.host.end(execution, judgement),
    });
  }

  /** Lets bodies that run come to an end, told by their signals, then ends the execution with the error. */
  async end(
    execution: ActiveExecution,
    error: DurableError,
    { compensate }: { readonly compensate: boolean },
  ): Promise<void> {
    // Also of one that is being stopped already: who asks to undo is not to be told so in vain.
    if (compensate) this.#toUndo.add(execution);
    if (execution.isOver) return;
    if (!(await execution.ownership.ensure()) || execution.isOver) return;
    execution.stop({ handOver: false });
    await this.quiet(execution, error);
    if (execution.isAbandoned) return;
    const cause = undoCauseOf(error);
    if (this.#toUndo.has(execution)) await this.wayBack.take(execution, cause);
    else await this.host.end(execution, judgementOf(cause));
  }

  /** Its bodies hear of the end, and get some time to come to their own. */
  async quiet(execution: ActiveExecution, reason: Error): Promise<void> {
    execution.abort.abort(reason);
    await new Promise<void>((resolve) => {
      const timer = this.clock.setTimer(GRACE_MS, resolve);
      void execution.bodies.quiet().then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  /**
   * Gives everything back: bodies that run may end (and are recorded), nothing new begins, and what has not
   * ended when `abortAfter` has passed is told through its signal. Resolves when all is given back.
   */
  async handOver(executions: readonly ActiveExecution[], abortAfter: number): Promise<void> {
    this.#isClosing = true;
    const timer = this.clock.setTimer(abortAfter, () => {
      for (const execution of executions)
        execution.abort.abort(new Error('The process shuts down; the execution goes on elsewhere.'));
    });
    await Promise.all(executions.map((execution) => this.#handOver(execution)));
    timer.cancel();
  }

  /** An execution occupies no slot any more. */
  left(): void {
    for (const resume of this.#left.splice(0)) resume();
  }

  async #handOver(execution: ActiveExecution): Promise<void> {
    if (execution.isOver) {
      // It is being ended: what its bodies still do is to be recorded.
      while (this.host.isActive(execution)) await new Promise<void>((resolve) => this.#left.push(resolve));
      return;
    }
    execution.stop({ handOver: true });
    await execution.bodies.quiet();
    await this.#giveBack(execution);
  }

  async #giveBack(execution: ActiveExecution): Promise<void> {
    await execution.ownership.settled();
    if (execution.isAbandoned) return;
    const { ownership, records } = execution;
    const released = ownership.isHeld ? records.release(ownership.epoch).catch(() => false) : undefined;
    // In the same turn: what a body still does is not to be written behind the release.
    execution.abandon(new Error(`Execution ${execution.id} was handed over.`));
    await released;
    this.host.leave(execution);
  }
}
