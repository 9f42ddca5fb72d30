import type { HistoryLine } from '../storage/history-line.js';
import { Delivery, type DeliveryMode } from './delivery.js';
import { type EnclosingBody, Operation, type Progress, type Surroundings } from './operation.js';
import { callOf, nameOf, pathOf } from '../identity/operation-path.js';
import type { UndoRequest } from './saga/undo-request.js';
import type { Strand } from './strand.js';

/** What a scope needs of the execution that it belongs to. */
export interface ScopeOwner {
  /** Neither delivers nor begins anything any more. */
  readonly isOver: boolean;
  openDelivery(path: string, mode: DeliveryMode): Delivery;
  /** Ends an operation that was opened although the execution is over, if its code is to hear of that. */
  refuse(operation: Operation): boolean;
  /** Something was opened or ended: is there anything left but waiting? */
  operationsChanged(): void;
}

export interface OperationCall {
  readonly name: string;
  readonly kind: string;
  readonly hash: number | null;
  /** How it is undone, if it completes and has to be. */
  readonly undo?: UndoRequest | undefined;
  /** Runs the operation; not called where its end is in the history. */
  start(operation: Operation): void;
}

/** What a scope is stopped with, beside which others it runs, and in which body. */
export type ScopeLimits = Partial<Pick<Surroundings, 'strand' | 'isAlone' | 'around'>>;

/** The operations called directly by one piece of code: a run method, a line of a pipeline, one body of a step. */
export class OperationScope implements Surroundings, Progress {
  readonly delivery: Delivery;
  readonly strand: Strand | undefined;
  readonly isAlone: boolean;
  readonly isBody: boolean;
  readonly around: EnclosingBody | undefined;
  #occurrences: Map<string, number> | undefined;
  /** Blocks of a pipeline that are under way here: scopes of their own. */
  #inside: Set<OperationScope> | undefined;
  /** Its code has called something that never ends. */
  #isStuck = false;

  constructor(
    readonly path: string,
    private readonly owner: ScopeOwner,
    mode: DeliveryMode,
    { strand, isAlone = true, around }: ScopeLimits = {},
  ) {
    this.strand = strand;
    this.isAlone = isAlone;
    this.around = around;
    this.isBody = mode === 'body';
    this.delivery = owner.openDelivery(path, mode);
  }

  /** Which call of this name in this scope it is, from 1. */
  nextOccurrence(name: string): number {
    this.#occurrences ??= new Map();
    const occurrence = (this.#occurrences.get(name) ?? 0) + 1;
    this.#occurrences.set(name, occurrence);
    return occurrence;
  }

  call(request: OperationCall): Promise<unknown> {
    return this.open(request).promise;
  }

  /** Calls an operation whose end the caller wants to look at. Of an execution that is over, it never ends. */
  open(request: OperationCall): Operation {
    const { name, kind, hash } = request;
    const path = pathOf(this.path, name, this.nextOccurrence(name));
    const operation = new Operation(path, kind, hash, this);
    if (this.owner.isOver) {
      if (!this.owner.refuse(operation)) this.#isStuck = true;
      this.owner.operationsChanged();
      return operation;
    }
    operation.undo = request.undo;
    if (!this.delivery.open(operation)) request.start(operation);
    this.owner.operationsChanged();
    return operation;
  }

  /** Opens the scope of a block's children, which are a part of what is open here until it is left. */
  enter(path: string): OperationScope {
    const { strand, isAlone } = this;
    return this.#enter(new OperationScope(path, this.owner, 'line', { strand, isAlone }));
  }

  /** As `enter`, for children that run side by side. */
  enterSideBySide(path: string, strand = this.strand): OperationScope {
    return this.#enter(new OperationScope(path, this.owner, 'line', { strand, isAlone: false }));
  }

  #enter(scope: OperationScope): OperationScope {
    this.#inside ??= new Set();
    this.#inside.add(scope);
    return scope;
  }

  leave(scope: OperationScope): void {
    this.#inside?.delete(scope);
    this.owner.operationsChanged();
  }

  get onlyWaits(): boolean {
    if (this.delivery.openCount === 0 && (this.#inside?.size ?? 0) === 0) return this.#isStuck;
    for (const operation of this.delivery.openOperations) if (!operation.onlyWaits) return false;
    for (const scope of this.#inside ?? []) if (!scope.onlyWaits) return false;
    return true;
  }

  get holdsWaits(): boolean {
    for (const operation of this.delivery.openOperations) if (operation.holdsWaits) return true;
    for (const scope of this.#inside ?? []) if (scope.holdsWaits) return true;
    return false;
  }

  get commitsOver(): readonly Promise<void>[] {
    const open = [...this.delivery.openOperations, ...(this.#inside ?? [])];
    return open.flatMap(({ commitsOver }) => commitsOver);
  }

  abandon(): void {
    for (const operation of [...this.delivery.openOperations]) {
      operation.withdraw?.();
      operation.inner?.abandon();
      operation.leave?.();
    }
    for (const scope of this.#inside ?? []) scope.abandon();
  }

  get nextDue(): number {
    let earliest = Infinity;
    for (const operation of this.delivery.openOperations) earliest = Math.min(earliest, operation.nextDue);
    for (const scope of this.#inside ?? []) earliest = Math.min(earliest, scope.nextDue);
    return earliest;
  }
}

/** How an operation is called in sentences: `step "charge" (call 2)`. */
export function describeOperation({ path, kind }: Pick<HistoryLine, 'path' | 'kind'>): string {
  const call = callOf(path);
  return `${kind} "${nameOf(path)}"${call === 1 ? '' : ` (call ${call})`}`;
}
