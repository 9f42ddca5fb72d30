import { VOID } from '../identity/operation-kinds.js';
import { pathsAround } from '../identity/operation-path.js';
import { isEndOutcome, type StepOutcome } from '../storage/entities/step-execution.entity.js';

/** What a graph wants to know of a line of history: times in milliseconds, the output still serialized. */
export interface GraphLine {
  readonly seq: number;
  readonly path: string;
  readonly kind: string;
  readonly attempt: number;
  readonly outcome: StepOutcome;
  readonly startedAt: number | null;
  readonly endedAt: number;
  /** What says where the execution went on, as far as it says that. */
  readonly output: string | null;
  /** How many items there are, where the output would list them. */
  readonly itemCount: number | null;
  readonly error: string | null;
}

/** An operation with all that its lines say. */
export interface RecordedOperation {
  readonly path: string;
  readonly kind: string;
  /**
   * `opened`: it has begun. `retrying`: an attempt failed and it has no end. `withdrawn`: a wait that counts no more. A
   * wait whose time was up has completed.
   */
  readonly standing: 'completed' | 'failed' | 'opened' | 'retrying' | 'withdrawn';
  readonly attempts: number;
  /** Of its first line. */
  readonly seq: number;
  readonly startedAt: number;
  /** Of its last line, also where that is no end. */
  readonly lastAt: number;
  readonly output: string | null;
  readonly itemCount: number | null;
  readonly error: string | null;
}

/** A history by its paths. */
export class RecordedOperations {
  readonly #byPath = new Map<string, RecordedOperation>();
  /** The operations with something in them that has begun and not ended, each with that. */
  readonly #openInside = new Map<string, RecordedOperation>();

  constructor(lines: readonly GraphLine[]) {
    for (const line of lines) {
      if (line.kind !== VOID) this.#byPath.set(line.path, joined(this.#byPath.get(line.path), line));
    }
    for (const operation of this.#byPath.values()) {
      if (isOver(operation)) continue;
      for (const around of pathsAround(operation.path)) this.#openInside.set(around, operation);
    }
  }

  get(path: string): RecordedOperation | undefined {
    return this.#byPath.get(path);
  }

  openInside(path: string): RecordedOperation | undefined {
    return this.#openInside.get(path);
  }

  all(): RecordedOperation[] {
    return [...this.#byPath.values()];
  }
}

function joined(known: RecordedOperation | undefined, line: GraphLine): RecordedOperation {
  return {
    path: line.path,
    kind: line.kind,
    standing: known !== undefined && hasEnded(known) ? known.standing : standingAfter(line),
    attempts: Math.max(known?.attempts ?? 0, line.attempt),
    seq: known?.seq ?? line.seq,
    startedAt: Math.min(known?.startedAt ?? Infinity, line.startedAt ?? line.endedAt),
    lastAt: Math.max(known?.lastAt ?? -Infinity, line.endedAt),
    output: line.output ?? known?.output ?? null,
    itemCount: line.itemCount ?? known?.itemCount ?? null,
    error:
      isEndOutcome(line.outcome) && line.outcome !== 'failed' ? null : (line.error ?? known?.error ?? null),
  };
}

/** Whether nothing of it is under way any more. */
export function isOver(operation: RecordedOperation): boolean {
  return hasEnded(operation) || operation.standing === 'withdrawn';
}

function hasEnded({ standing }: RecordedOperation): boolean {
  return standing === 'completed' || standing === 'failed';
}

function standingAfter({ outcome }: GraphLine): RecordedOperation['standing'] {
  switch (outcome) {
    case 'attempt_failed':
      return 'retrying';
    case 'timed_out':
      return 'completed';
    default:
      return outcome;
  }
}
