import type { ActiveExecution } from './active-execution.js';

/** So many executions keep their code in memory while they wait. The others are replayed when they go on. */
const CAPACITY = 1_000;

/** The code of executions that wait, kept for a way back without a replay. The longest parked make room. */
export class ParkedExecutions {
  readonly #byId = new Map<string, ActiveExecution>();

  add(execution: ActiveExecution): void {
    this.#byId.set(execution.id, execution);
    if (this.#byId.size <= CAPACITY) return;
    for (const oldest of this.#byId.values()) return this.#drop(oldest);
  }

  /**
   * The code that an execution was parked with, if nobody has had the execution since: each claim raises the
   * epoch by one.
   */
  take(id: string, epoch: number): ActiveExecution | undefined {
    const execution = this.#byId.get(id);
    if (execution === undefined) return undefined;
    this.#byId.delete(id);
    if (execution.isAbandoned) return undefined;
    if (execution.ownership.epoch + 1 === epoch) return execution;
    execution.abandon(new CodeDropped(execution.id));
    return undefined;
  }

  drop(id: string): void {
    const execution = this.#byId.get(id);
    if (execution !== undefined) this.#drop(execution);
  }

  remove(execution: ActiveExecution): void {
    if (this.#byId.get(execution.id) === execution) this.#byId.delete(execution.id);
  }

  dropAll(): void {
    for (const execution of this.#byId.values()) this.#drop(execution);
  }

  #drop(execution: ActiveExecution): void {
    this.#byId.delete(execution.id);
    execution.abandon(new CodeDropped(execution.id));
  }
}

/** Why signals abort in code that was parked: the execution lives on, but not here. */
class CodeDropped extends Error {
  constructor(executionId: string) {
    super(`Execution ${executionId} goes on from its history; this copy of its code does not.`);
  }
}
