import type { EntityManager } from 'typeorm';
import { StepTimeout } from '../../errors/step.error.js';
import { LeaseLost } from '../../errors/worker.error.js';
import { Abort } from '../abort.js';
import { drained } from '../drained.js';
import type { ActiveExecution } from '../active-execution.js';
import type { HistoryLine } from '../../storage/history-line.js';
import type { Operation } from '../operation.js';
import { OperationContext, runIn, type RunningBody } from '../operation-context.js';
import { asError } from '../thrown-error.js';
import type { HeldPlaces } from '../waiting/held-places.js';
import { type AttemptOutcome, recorded, type StepRequest } from './step-request.js';
import { runInTransaction } from './transactional-step.js';

const LOOK_AGAIN_MS = 5;
/** A result passes from body to body in one turn each. */
const TURNS_TO_RETURN = 100;

class Body implements RunningBody {
  transaction: EntityManager | undefined = undefined;
  isSettled = false;
  #isLeft = false;

  constructor(
    readonly operation: Operation,
    readonly step: string,
    readonly attempt: number,
    readonly abort: Abort,
    readonly deadline: number | undefined,
  ) {}

  get isOver(): boolean {
    return this.isSettled || this.operation.scope.around?.isLeft === true;
  }

  get isLeft(): boolean {
    return this.#isLeft || this.operation.scope.around?.isLeft === true;
  }

  get holdsTransaction(): boolean {
    return this.operation.holdsTransaction || this.operation.scope.around?.holdsTransaction === true;
  }

  settle({ isInterrupted }: { readonly isInterrupted: boolean }): void {
    this.isSettled = true;
    this.#isLeft ||= !isInterrupted;
  }
}

/** One run of a step's body: its context, its signal, its time-out. */
export class StepAttempt {
  readonly startedAt: number;
  readonly #body: Body;
  readonly #deadline: number | undefined;
  #timer: { cancel(): void } | undefined;
  #places: HeldPlaces | undefined;
  #isCommitting = false;
  /** Settles, without an error, when its transaction is over. */
  #transactionOver: Promise<void> | undefined;
  /** Why it was given up before its body came to an end. */
  #reason: Error | undefined;
  #reject: (reason: Error) => void = () => undefined;

  constructor(
    private readonly execution: ActiveExecution,
    private readonly operation: Operation,
    private readonly request: StepRequest,
    number: number,
    opened: HistoryLine | undefined,
  ) {
    // A body that waited begins again from its top, but its attempt is still the same, and so is its deadline.
    const reentered = opened !== undefined && opened.attempt === number ? opened : undefined;
    this.startedAt = reentered?.startedAt ?? execution.services.databaseClock.now();
    this.#deadline = request.timeout === undefined ? undefined : this.startedAt + request.timeout;
    operation.attempt = number;
    operation.inner = undefined;
    operation.commitOver = undefined;
    operation.isRecordedAsOpen = reentered !== undefined;
    this.#body = new Body(
      operation,
      request.title ?? request.name,
      number,
      new Abort(operation.scope.around?.abort ?? operation.scope.strand?.abort ?? execution.abort),
      earlier(this.#deadline, operation.scope.around?.deadline),
    );
  }

  async run(): Promise<AttemptOutcome> {
    this.execution.bodies.begins(this.operation, this.startedAt);
    this.#inheritWaits();
    let outcome: AttemptOutcome;
    try {
      outcome = await this.#inTime();
    } catch (thrown) {
      const error = asError(thrown);
      outcome = wasInterrupted(this.execution, error) ? { kind: 'interrupted' } : { kind: 'threw', error };
    }
    this.#settle({ isInterrupted: outcome.kind === 'interrupted' || outcome.kind === 'unbegun' });
    // A step inside that is being committed has happened, or has not, only when that is over: what comes after this
    // attempt finds its line, and does not run it again beside its own commit.
    const commits = this.operation.inner?.commitsOver;
    if (commits !== undefined && commits.length > 0) await Promise.all(commits);
    this.execution.bodies.ends(this.operation);
    return outcome;
  }

  /** From here on the attempt cannot be given up any more: its end is being committed. */
  readonly beginCommit = (): void => {
    this.#timer?.cancel();
    this.#isCommitting = true;
    this.operation.commitOver = this.#transactionOver;
    if (this.#body.isOver) throw this.#reason ?? leftBehind(this.#body.step);
  };

  /** What an earlier process waited for in this body: in this attempt, or in one that has failed. */
  #inheritWaits(): void {
    const { execution, operation } = this;
    const inherited = execution.history.openedWaitsIn(operation.path);
    if (inherited.length === 0) return;
    const isOurs = (line: HistoryLine): boolean => execution.history.isOfThisAttempt(line);
    for (const line of inherited) if (!isOurs(line)) execution.withdrawOpened(line);
    this.#places = execution.mail.keepPlaces(inherited.filter(isOurs));
  }

  #settle({ isInterrupted }: { readonly isInterrupted: boolean }): void {
    const { execution, operation } = this;
    this.#body.settle({ isInterrupted });
    this.#timer?.cancel();
    this.#places?.giveUp();
    // Where it is still being rolled back, that is nothing to wait for.
    operation.holdsTransaction = false;
    operation.leave = undefined;
    operation.deadline = undefined;
    // An attempt that is only interrupted goes on elsewhere, with what it waits for; and what it has called goes on
    // here, and hears of what becomes of the execution.
    if (isInterrupted) return;
    operation.inner?.abandon();
    execution.withdrawWaitsIn(operation.path);
    this.#body.abort.release();
  }

  #inTime(): Promise<AttemptOutcome> {
    const { operation } = this;
    const deadline = this.#deadline;
    if (deadline === undefined && !operation.scope.isBody) return this.#execute();
    const givenUp = new Promise<never>((_, reject) => (this.#reject = reject));
    operation.leave = () => this.#giveUp(leftBehind(this.#body.step));
    if (deadline !== undefined) {
      operation.deadline = deadline;
      this.#timer = this.execution.waits.at(deadline, () => void this.#expire(deadline));
    }
    return Promise.race([this.#execute(), givenUp]);
  }

  async #expire(deadline: number): Promise<void> {
    // Of a wait in the body and the attempt around it the one that was due first ends first, also where both are
    // noticed long after; and what was sent before that is heard.
    if (this.#places !== undefined || this.operation.inner !== undefined) await this.#earlierWaits(deadline);
    if (this.execution.isOver) return;
    const { execution, request } = this;
    this.#giveUp(
      new StepTimeout(execution.id, this.#body.step, this.operation.attempt, request.timeout ?? 0),
    );
  }

  #giveUp(reason: Error): void {
    if (this.#body.isSettled || this.#isCommitting) return;
    this.#reason = reason;
    this.#body.settle({ isInterrupted: false });
    this.#body.abort.abort(reason);
    this.#reject(reason);
  }

  async #execute(): Promise<AttemptOutcome> {
    const { execution, request } = this;
    if (request.transactional) {
      this.operation.holdsTransaction = true;
      const run = runInTransaction(execution, this.operation, this.#body, request, this.beginCommit);
      this.#transactionOver = run.then(ignored, ignored);
      return await run;
    }
    const result = await runIn(new OperationContext(execution, this.#body), () => request.body());
    return { kind: 'returned', output: recorded(result, request, execution.services.serializer) };
  }

  async #earlierWaits(deadline: number): Promise<void> {
    const { mail, services } = this.execution;
    const { clock } = services;
    await drained();
    do {
      while (!this.#isOver && this.#mayHearBefore(deadline)) {
        mail.lookSince(deadline);
        await new Promise<void>((resolve) => clock.setTimer(LOOK_AGAIN_MS, resolve));
      }
      // What ended the last one has yet to reach the body, which may have nothing more to do.
      await this.#delivered();
    } while (!this.#isOver && this.#mayHearBefore(deadline));
  }

  async #delivered(): Promise<void> {
    for (let turn = 0; turn < TURNS_TO_RETURN && !this.#isOver; turn += 1) {
      await drained();
      if (!this.execution.isDelivering) break;
    }
    // A wait that the body calls then is there a turn later, where what is recorded comes before it.
    await drained();
  }

  /** Whether a wait in the body may still end with something that was before a time. */
  #mayHearBefore(deadline: number): boolean {
    if (this.#places?.areHeld === true) return true;
    const { inner } = this.operation;
    if (inner?.holdsWaits !== true) return false;
    return inner.nextDue < deadline || this.execution.mail.mayEndBefore(deadline);
  }

  /** Where the execution is over, a body that only waits never comes to its end. */
  get #isOver(): boolean {
    return this.#body.isOver || this.execution.isOver;
  }
}

/** Whether an attempt did not fail by itself: told to hand over, a body may well fail because of it. */
function wasInterrupted(execution: ActiveExecution, error: Error): boolean {
  if (execution.isHandingOver && execution.abort.reason !== undefined) return true;
  return error instanceof LeaseLost;
}

const ignored = (): void => undefined;

function leftBehind(step: string): Error {
  return new Error(`The step that called "${step}" is over, and nobody waits for this one any more.`);
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
