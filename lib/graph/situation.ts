import type { RecordedOperation } from './recorded-operations.js';
import type { GraphExecution, GraphStatus } from './workflow-graph.js';

/** Where an execution stands, as far as it says something of an operation that has no end. */
export class Situation {
  /** It goes no further: it has ended, or is being undone. */
  readonly isOver: boolean;
  readonly hasEnded: boolean;

  constructor(
    private readonly execution: GraphExecution,
    /** It is being undone, or was. */
    readonly isUndone: boolean,
  ) {
    this.hasEnded = execution.endedAt !== undefined;
    this.isOver = this.hasEnded || isUndone;
  }

  /** Of what was not reached. */
  get unreached(): GraphStatus {
    return this.isOver ? 'skipped' : 'pending';
  }

  /**
   * Of an operation whose turn it is, or was. Nothing is recorded of most bodies before they end.
   *
   * @param inside something in it that has begun and not ended
   */
  statusOf(operation: RecordedOperation | undefined, inside: RecordedOperation | undefined): GraphStatus {
    return this.#status(operation, inside, this.isOver);
  }

  /** The same of an undo, which runs when everything else is over. */
  statusOfUndo(operation: RecordedOperation, inside: RecordedOperation | undefined): GraphStatus {
    return this.#status(operation, inside, this.hasEnded);
  }

  #status(
    operation: RecordedOperation | undefined,
    inside: RecordedOperation | undefined,
    isOver: boolean,
  ): GraphStatus {
    if (operation?.standing === 'completed' || operation?.standing === 'failed') return operation.standing;
    if (operation?.standing === 'withdrawn' && inside === undefined) return 'skipped';
    const open = inside ?? operation;
    if (isOver) return open === undefined ? 'skipped' : 'interrupted';
    if (open === undefined) return this.#active;
    const runs = open.standing === 'opened' && (open.kind === 'step' || open.kind === 'undo');
    return runs ? this.#active : 'waiting';
  }

  /** Of what is under way: what nobody has, nobody runs. */
  get #active(): GraphStatus {
    const { status } = this.execution;
    if (status === 'running' || status === 'compensating') return 'running';
    return status === 'pending' ? 'pending' : 'waiting';
  }
}
