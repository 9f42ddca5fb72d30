import type { EntityManager } from 'typeorm';
import { StepTimeout } from '../../errors/step.error.js';
import { Abort } from '../abort.js';
import { drained } from '../drained.js';
import type { ActiveExecution } from '../active-execution.js';
import type { HistoryLine } from '../../storage/history-line.js';
import type { Operation } from '../operation.js';
import { OperationContext, runIn, type RunningBody } from '../operation-context.js';
import { asError } from '../thrown-error.js';
import { HeldPlaces } from '../waiting/held-places.js';
import { type AttemptOutcome, recorded, type StepRequest } from './step-request.js';
import { runInTransaction } from './transactional-step.js';

const LOOK_AGAIN_MS = 5;
const TURNS_TO_RETURN = 4;

class Body implements RunningBody {
  transaction: EntityManager | undefined = undefined;
  isSettled = false;

  constructor(
    readonly operation: Operation,
    readonly step: string,
    readonly attempt: number,
    readonly abort: Abort,
    readonly deadline: number | undefined,
  ) {}

  /** Also where the body around it is. */
  get isOver(): boolean {
    return this.isSettled || this.operation.scope.around?.isOver === true;
  }
}

/** One run of a step's body: its context, its signal, its time-out. */
export class StepAttempt {
  readonly startedAt: number;
  readonly #body: Body;
  readonly #deadline: number | undefined;
  #timer: { cancel(): void } | undefined;
  readonly #isReentered: boolean;
  #places: HeldPlaces | undefined;
  #isCommitting = false;

  constructor(
    private readonly execution: ActiveExecution,
    private readonly operation: Operation,
    private readonly request: StepRequest,
    number: number,
    opened: HistoryLine | undefined,
  ) {
    // A body that waited begins again from its top, but its attempt is still the same, and so is its deadline.
    const reentered = opened !== undefined && opened.attempt === number ? opened : undefined;
    this.#isReentered = reentered !== undefined;
    this.startedAt = reentered?.startedAt ?? execution.services.databaseClock.now();
    this.#deadline = request.timeout === undefined ? undefined : this.startedAt + request.timeout;
    operation.attempt = number;
    operation.inner = undefined;
    operation.isRecordedAsOpen = reentered !== undefined;
    this.#body = new Body(
      operation,
      request.title ?? request.name,
      number,
      new Abort(operation.scope.strand?.abort ?? execution.abort),
      earlier(this.#deadline, operation.scope.around?.deadline),
    );
  }

  async run(): Promise<AttemptOutcome> {
    this.execution.bodies.begins(this.operation, this.startedAt);
    if (this.#isReentered) this.#places = new HeldPlaces(this.execution, this.operation.path);
    try {
      return await this.#inTime();
    } catch (error) {
      return { kind: 'threw', error: asError(error) };
    } finally {
      this.#body.isSettled = true;
      this.#withdrawWaits();
      this.#body.abort.release();
      this.#timer?.cancel();
      this.operation.deadline = undefined;
      this.execution.bodies.ends(this.operation);
    }
  }

  /** From here on the attempt cannot time out any more: its end is being committed. */
  readonly holdTimeout = (): void => {
    this.#timer?.cancel();
    this.#isCommitting = true;
    if (this.#body.isOver) throw this.#timeoutError();
  };

  #inTime(): Promise<AttemptOutcome> {
    if (this.#deadline === undefined) return this.#execute();
    const deadline = this.#deadline;
    this.operation.deadline = deadline;
    const expired = new Promise<never>((_, reject) => {
      this.#timer = this.execution.waits.at(deadline, () => void this.#expire(deadline, reject));
    });
    return Promise.race([this.#execute(), expired]);
  }

  async #expire(deadline: number, reject: (error: StepTimeout) => void): Promise<void> {
    // Of a wait in the body and the attempt around it the one that was due first ends first, also where both are
    // noticed long after; and what was sent before that is heard.
    if (this.#isReentered || this.operation.inner !== undefined) await this.#earlierWaits(deadline);
    if (this.#isOver || this.#isCommitting) return;
    const error = this.#timeoutError();
    this.#body.isSettled = true;
    this.#body.abort.abort(error);
    reject(error);
  }

  async #execute(): Promise<AttemptOutcome> {
    const { execution, request } = this;
    if (request.transactional) {
      return await runInTransaction(execution, this.operation, this.#body, request, this.holdTimeout);
    }
    const result = await runIn(new OperationContext(execution, this.#body), () => request.body());
    return { kind: 'returned', output: recorded(result, request, execution.services.serializer) };
  }

  async #earlierWaits(deadline: number): Promise<void> {
    const { clock } = this.execution.services;
    await drained();
    while (!this.#isOver && this.#mayHearBefore(deadline)) {
      await new Promise<void>((resolve) => clock.setTimer(LOOK_AGAIN_MS, resolve));
    }
    // What ended the last one has yet to reach the body, which may have nothing more to do.
    for (let turn = 0; turn < TURNS_TO_RETURN && !this.#isOver; turn += 1) await drained();
  }

  /** Those that the body has open, and those of an earlier process that it did not come to. */
  #withdrawWaits(): void {
    const { execution, operation } = this;
    operation.inner?.withdrawWaits();
    this.#places?.giveUp();
    if (this.#isReentered) execution.withdrawWaitsIn(operation.path);
  }

  /** Whether a wait in the body may still end with something that was before a time. */
  #mayHearBefore(deadline: number): boolean {
    if (this.#places?.areHeld === true) return true;
    const { inner } = this.operation;
    return inner?.holdsWaits === true && (inner.nextDue < deadline || this.execution.isMailBusy);
  }

  /** Where the execution is over, a body that only waits never comes to its end. */
  get #isOver(): boolean {
    return this.#body.isOver || this.execution.isOver;
  }

  #timeoutError(): StepTimeout {
    const { execution, request } = this;
    return new StepTimeout(execution.id, this.#body.step, this.operation.attempt, request.timeout ?? 0);
  }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
