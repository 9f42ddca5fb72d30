import type { Journal } from '../journal/journal.js';
import type { ExecutionRecords } from './execution-records.js';
import type { Operation, Surroundings } from './operation.js';
import type { Ownership } from './ownership.js';
import type { Replay } from './replay.js';
import type { RunningBodies } from './running-bodies.js';
import type { Mail } from './waiting/mail.js';

/** An execution, as far as the gate looks at it. */
export interface GatedExecution {
  readonly beginsThings: boolean;
  readonly mail: Pick<Mail, 'isStarved' | 'fed'>;
  readonly replay: Replay;
  readonly ownership: Ownership;
  readonly records: ExecutionRecords;
  readonly bodies: RunningBodies;
  readonly services: { readonly journal: Journal };
  /** What an earlier process waited for inside an operation is nobody's any more. */
  withdrawWaitsIn(path: string): void;
  /** Ends an operation that will never begin, if its body is to hear of that. */
  refuse(operation: Operation): boolean;
}

/** Whether the bodies of an execution may begin: the gate before every side effect. */
export class Gate {
  constructor(private readonly execution: GatedExecution) {}

  /**
   * Whether a body may begin at this very moment, as the next side effect of the execution: what came before it is
   * durable (gate the next side effect, not the next line), the lease holds, nobody has asked for the end, and what
   * others have sent has not waited for long for its turn.
   * Whoever begins one asks in the same turn: any await in between lets a hand-over slip in.
   */
  isOpen(scope: Surroundings): boolean {
    const { beginsThings, replay, ownership, records, services } = this.execution;
    const { delivery, strand } = scope;
    return (
      beginsThings &&
      !this.#makesRoom(scope) &&
      strand?.isStopped !== true &&
      replay.isOver &&
      !delivery.holdsBodies &&
      ownership.isHeld &&
      records.areDurable &&
      services.journal.acceptsBodies
    );
  }

  /**
   * Resolves when it is worth asking again; never, if nothing may begin any more. An operation inside a body is
   * refused then, so that the body hears why and comes to its end. False: it is, and need not be asked for again.
   */
  async opens(operation: Operation): Promise<boolean> {
    const { execution } = this;
    const { delivery } = operation.scope;
    await delivery.replayed();
    if (!execution.replay.isOver) await execution.replay.over();
    // Where nothing begins any more, there is nothing to wait for.
    if (this.#mayEverBegin(operation)) await this.#nothingInTheWay(operation);
    if (execution.refuse(operation)) return false;
    if (this.#mayEverBegin(operation)) return true;
    if (operation.scope.strand?.isStopped === true) execution.withdrawWaitsIn(operation.path);
    execution.bodies.neverEnds(operation);
    return await new Promise<never>(() => undefined);
  }

  /** Whether its body may begin, now or later. */
  #mayEverBegin({ scope }: Operation): boolean {
    return this.execution.beginsThings && scope.strand?.isStopped !== true;
  }

  /** Resolves when what was in its way a moment ago is not any more. */
  async #nothingInTheWay({ scope }: Operation): Promise<void> {
    const { ownership, records, mail, services } = this.execution;
    if (!ownership.isHeld) await ownership.ensure();
    if (!records.areDurable) await records.durable();
    if (this.#makesRoom(scope)) await mail.fed();
    if (!services.journal.acceptsBodies) await services.journal.readyForBodies();
  }

  /** For what others have sent. Not with a transaction in hand, which a result on its way may be waiting for. */
  #makesRoom({ around }: Surroundings): boolean {
    return this.execution.mail.isStarved && around?.holdsTransaction !== true;
  }
}
