import type { HistoryLine } from '../storage/history-line.js';
import { Delivery, type DeliveryMode } from './delivery.js';
import { Operation } from './operation.js';
import { pathOf } from './operation-path.js';

/** What a scope needs of the execution that it belongs to. */
export interface ScopeOwner {
  /** Neither delivers nor begins anything any more. */
  readonly isOver: boolean;
  openDelivery(path: string, mode: DeliveryMode): Delivery;
  /** Something was opened or ended: is there anything left but waiting? */
  operationsChanged(): void;
}

export interface OperationCall {
  readonly name: string;
  readonly kind: string;
  readonly hash: number | null;
  /** Runs the operation; not called where its end is in the history. */
  start(operation: Operation): void;
}

/** The operations called directly by one piece of code: a run method, a pipeline's main line, one body of a step. */
export class OperationScope {
  readonly delivery: Delivery;
  #occurrences: Map<string, number> | undefined;

  constructor(
    readonly path: string,
    private readonly owner: ScopeOwner,
    mode: DeliveryMode,
  ) {
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
    const { name, kind, hash } = request;
    if (this.owner.isOver) return new Promise(() => undefined);
    const path = pathOf(this.path, name, this.nextOccurrence(name));
    const operation = new Operation(path, kind, hash, this);
    if (!this.delivery.open(operation)) request.start(operation);
    this.owner.operationsChanged();
    return operation.promise;
  }

  get onlyWaits(): boolean {
    if (this.delivery.openCount === 0) return false;
    for (const operation of this.delivery.openOperations) if (!operation.onlyWaits) return false;
    return true;
  }

  get nextDue(): number {
    let earliest = Infinity;
    for (const operation of this.delivery.openOperations) earliest = Math.min(earliest, operation.nextDue);
    return earliest;
  }
}

/** How an operation is called in sentences: `step "charge" (call 2)`. */
export function describeOperation(operation: Pick<HistoryLine, 'path' | 'kind'>): string {
  const own = operation.path.slice(operation.path.lastIndexOf('/') + 1);
  const [name, occurrence] = own.split('#');
  return `${operation.kind} "${decodeURIComponent(name ?? '')}"${occurrence === undefined ? '' : ` (call ${occurrence})`}`;
}
