import type { DurableError } from '../errors/durable.error.js';
import type { ExecutionOutcome } from '../storage/entities/workflow-execution.entity.js';
import type { EventWaitKind } from '../storage/entities/pending-event.entity.js';
import type { HistoryLine } from '../storage/history-line.js';
import type { NewExecution } from '../storage/queries/start.query.js';

/**
 * What becomes of a record. Exactly one of the two is called, once: `durable` after the COMMIT that holds the
 * record, `refused` when it never will be stored.
 */
export interface RecordWatcher {
  /** @param accepted false where a conditional record (a suspension, an end) found its condition gone */
  durable(accepted: boolean): void;
  refused(error: DurableError): void;
}

interface RecordBase {
  readonly executionId: string;
  readonly watcher: RecordWatcher;
}

/** A new execution, owned by this worker from its first moment (`eager`) or left for any. */
export interface StartRecord extends RecordBase, Omit<NewExecution, 'id'> {
  readonly type: 'start';
  readonly retryNo: number;
  readonly eager: boolean;
}

/** A wait for events or a broadcast, as senders see it while it is open. */
export interface PendingEvent {
  readonly table: 'events';
  readonly workflow: string;
  readonly kind: EventWaitKind;
  readonly names: readonly string[];
  readonly broadcast: string | null;
  readonly scope: string | null;
}

/** A question, as people see it while it is open; values serialized. */
export interface PendingInput {
  readonly table: 'inputs';
  readonly workflow: string;
  readonly name: string;
  readonly question: string;
  readonly metadata: string | null;
  readonly assignees: readonly string[];
}

/** What others see of a wait changes together with its line of history. */
export type WaitChange =
  | { readonly opens: PendingEvent | PendingInput }
  | {
      readonly closes: (PendingEvent | PendingInput)['table'];
      /** Of the line that opened the wait. */
      readonly openedSeq: number;
      /** The letters that end the wait. */
      readonly takes: readonly string[];
    };

/** One line of an execution's history. */
export interface HistoryRecord extends RecordBase, HistoryLine {
  readonly type: 'history';
  readonly wait?: WaitChange | undefined;
}

/** A question's time is up: it is settled, unless somebody's answer was first. */
export interface SettlementRecord extends RecordBase {
  readonly type: 'settlement';
  /** Of the line that opened the wait. */
  readonly openedSeq: number;
}

/** The execution only waits: it gives up its owner, unless a signal came that the owner has not seen. */
export interface SuspensionRecord extends RecordBase {
  readonly type: 'suspension';
  readonly epoch: number;
  readonly signals: number;
  readonly dueAt: number | null;
  /** Whether it has a wait open that others can end. */
  readonly listening: boolean;
}

/** A parked coroutine went on by itself: take the execution back, if nobody else has had it since. */
export interface ReclaimRecord extends RecordBase {
  readonly type: 'reclaim';
  readonly epoch: number;
}

/** The execution goes back to the ready ones, unharmed (a shutdown hands over). */
export interface ReleaseRecord extends RecordBase {
  readonly type: 'release';
  readonly epoch: number;
}

/** The one terminal status of an execution. */
export interface EndRecord extends RecordBase {
  readonly type: 'end';
  readonly epoch: number;
  readonly outcome: ExecutionOutcome;
  readonly output: string | null;
  readonly error: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number;
  /** The execution that tries again in its place, stored together with the end. */
  readonly retry: StartRecord | null;
  /** Whether waits of it may still be open. */
  readonly closesWaits: boolean;
}

/** What an execution tells about itself while it runs; later ones of a batch replace or extend earlier ones. */
export interface AnnotationRecord extends RecordBase {
  readonly type: 'annotation';
  readonly attributes: Readonly<Record<string, unknown>> | null;
  readonly progress: string | null;
}

/** What the execution did begins to be undone, or all of it has been tried. */
export interface CompensationRecord extends RecordBase {
  readonly type: 'compensation';
  /** What became of each undo, serialized; null where it begins. */
  readonly results: string | null;
  readonly at: number;
}

export type JournalRecord =
  | StartRecord
  | HistoryRecord
  | SettlementRecord
  | SuspensionRecord
  | ReclaimRecord
  | ReleaseRecord
  | EndRecord
  | AnnotationRecord
  | CompensationRecord;

/** About how many bytes a record adds to a flush. */
export function weightOf(record: JournalRecord): number {
  switch (record.type) {
    case 'start':
      return 200 + (record.input?.length ?? 0) + (record.attributes?.length ?? 0);
    case 'history':
      return 100 + (record.output?.length ?? 0) + (record.error?.length ?? 0) + weightOfWait(record.wait);
    case 'end':
      return (
        60 + (record.output?.length ?? 0) + (record.error?.length ?? 0) + (record.retry?.input?.length ?? 0)
      );
    case 'annotation':
      return 60 + (record.progress?.length ?? 0) + textLength(record.attributes);
    case 'compensation':
      return 50 + (record.results?.length ?? 0);
    case 'settlement':
    case 'suspension':
    case 'reclaim':
    case 'release':
      return 50;
  }
}

function weightOfWait(wait: WaitChange | undefined): number {
  if (wait === undefined) return 0;
  if (!('opens' in wait)) return 20 + wait.takes.length * 8;
  const { opens } = wait;
  return opens.table === 'events' ? 150 : 150 + opens.question.length + (opens.metadata?.length ?? 0);
}

function textLength(attributes: AnnotationRecord['attributes']): number {
  return Object.entries(attributes ?? {}).reduce(
    (sum, [name, value]) => sum + name.length + (typeof value === 'string' ? value.length : 8),
    0,
  );
}
