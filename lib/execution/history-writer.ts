import { isListeningKind } from '../identity/operation-kinds.js';
import type { WaitChange } from '../journal/records.js';
import type { HistoryLine } from '../storage/history-line.js';
import type { DatabaseClock } from '../time/database-clock.js';
import type { ExecutionRecords } from './execution-records.js';
import type { History } from './history.js';
import type { Operation } from './operation.js';
import type { RunningBodies } from './running-bodies.js';

/** What an operation's end, or one attempt of it, adds to the history. */
export type LineFacts = Pick<HistoryLine, 'outcome' | 'attempt' | 'startedAt'> &
  Partial<Pick<HistoryLine, 'output' | 'error' | 'dueAt'>>;

/** Makes lines of what happens in an execution: numbered, dated, stored, and known to what this process replays. */
export class HistoryWriter {
  constructor(
    private readonly history: History,
    private readonly records: ExecutionRecords,
    private readonly databaseClock: DatabaseClock,
  ) {}

  /** The next line, to be written by the caller. */
  line(operation: Operation, facts: LineFacts): HistoryLine {
    return {
      seq: this.history.nextSeq(),
      path: operation.path,
      kind: operation.kind,
      attempt: facts.attempt,
      outcome: facts.outcome,
      startedAt: facts.startedAt,
      endedAt: this.databaseClock.now(),
      dueAt: facts.dueAt ?? null,
      output: facts.output ?? null,
      error: facts.error ?? null,
      hash: operation.hash,
    };
  }

  write(operation: Operation, facts: LineFacts, wait?: WaitChange): HistoryLine {
    const line = this.line(operation, facts);
    this.records.history(wait === undefined ? line : { ...line, wait });
    // A step's next attempt, in this process, must know what its operations did in this one.
    if (operation.scope.isBody) this.history.add(line);
    else this.history.note(line);
    return line;
  }

  /** That a wait which an earlier process opened is nobody's any more. */
  withdraw(opened: HistoryLine): void {
    const endedAt = this.databaseClock.now();
    const line: HistoryLine = { ...opened, seq: this.history.nextSeq(), outcome: 'withdrawn', endedAt };
    const closes = opened.kind === 'input' ? 'inputs' : 'events';
    const wait = { closes, openedSeq: opened.seq, takes: [] } as const;
    this.records.history(isListeningKind(opened.kind) ? { ...line, wait } : line);
    this.history.add(line);
  }

  /** That bodies run, so that others see them and a resume knows since when. */
  openBodies(bodies: RunningBodies, olderThan: number): void {
    for (const operation of bodies.unseenSince(olderThan)) {
      const { runningSince, attempt, deadline } = operation;
      operation.isRecordedAsOpen = true;
      this.write(operation, {
        outcome: 'opened',
        attempt,
        startedAt: runningSince ?? null,
        dueAt: deadline ?? null,
      });
    }
  }
}
