import type { Batch } from './batch.js';
import type { ClaimedExecution } from './claims.js';
import type { JournalRecord } from './records.js';
import type { BoundStatement, StatementResult } from './statement-pipeline.js';
import { AnnotationStatement } from './statements/annotation.statement.js';
import { claimedExecutionOf, ClaimStatement } from './statements/claim.statement.js';
import { CompensationStatements } from './statements/compensation.statements.js';
import { EndStatement } from './statements/end.statement.js';
import { FenceStatement } from './statements/fence.statement.js';
import { HistoryStatement } from './statements/history.statement.js';
import { OwnershipStatements } from './statements/ownership.statements.js';
import { StartStatements } from './statements/start.statements.js';
import { settlementOf, WaitStatements } from './statements/wait.statements.js';

/** What a flush told us once it was committed. */
export interface FlushResult {
  /** The database's clock, in milliseconds, when the transaction began. */
  readonly databaseTime: number;
  /** Conditional records whose condition no longer held. */
  readonly declined: ReadonlySet<JournalRecord>;
  readonly claimed: readonly ClaimedExecution[];
}

/** One flush, ready to be sent, and how to read its answers. */
export interface Flush {
  readonly statements: readonly BoundStatement[];
  read(results: readonly StatementResult[]): FlushResult;
}

/** Turns a batch into the statements of one flush, and their answers into facts. */
export class FlushStatements {
  readonly #fence: FenceStatement;
  readonly #start: StartStatements;
  readonly #history: HistoryStatement;
  readonly #annotation: AnnotationStatement;
  readonly #compensation: CompensationStatements;
  readonly #ownership: OwnershipStatements;
  readonly #end: EndStatement;
  readonly #waits: WaitStatements;
  readonly #claim: ClaimStatement;

  /** @param schema the quoted name of the schema */
  constructor(schema: string) {
    this.#fence = new FenceStatement(schema);
    this.#start = new StartStatements(schema);
    this.#history = new HistoryStatement(schema);
    this.#annotation = new AnnotationStatement(schema);
    this.#compensation = new CompensationStatements(schema);
    this.#ownership = new OwnershipStatements(schema);
    this.#end = new EndStatement(schema);
    this.#waits = new WaitStatements(schema);
    this.#claim = new ClaimStatement(schema);
  }

  compose(batch: Batch, workerId: string, flushNo: number): Flush {
    const { start, history, annotation, compensation, suspension, release, reclaim, end, settlement } =
      batch.byType;
    const statements: BoundStatement[] = [this.#fence.bind(workerId, flushNo)];
    const conditional: { readonly place: number; readonly records: readonly JournalRecord[] }[] = [];
    // Each of these statements returns what it changed, under the name that `conditionOf` gives the record.
    const addConditional = (records: readonly JournalRecord[], statement: BoundStatement): void => {
      conditional.push({ place: statements.length, records });
      statements.push(statement);
    };

    if (start.length > 0) statements.push(...this.#start.bind(start, workerId));
    if (history.length > 0) statements.push(this.#history.bind(history, workerId));
    if (annotation.length > 0) statements.push(this.#annotation.bind(annotation));
    if (compensation.length > 0) statements.push(...this.#compensation.bind(compensation));
    if (suspension.length > 0)
      addConditional(suspension, this.#ownership.bindSuspensions(suspension, workerId));
    if (release.length > 0) addConditional(release, this.#ownership.bindReleases(release, workerId));
    if (reclaim.length > 0) addConditional(reclaim, this.#ownership.bindReclaims(reclaim, workerId));
    if (end.length > 0) addConditional(end, this.#end.bind(end, workerId));
    statements.push(...this.#waits.bind(history, end, compensation));
    if (settlement.length > 0) addConditional(settlement, this.#waits.bindSettlements(settlement));
    const claimPlace = statements.length;
    if (batch.claim !== undefined) statements.push(this.#claim.bind(batch.claim, workerId));

    return {
      statements,
      read: (results) => {
        const declined = new Set<JournalRecord>();
        for (const { place, records } of conditional) {
          const changed = new Set(results[place]?.rows.map((row) => row[0]));
          for (const record of records) if (!changed.has(conditionOf(record))) declined.add(record);
        }
        return {
          databaseTime: Number(results[0]?.rows[0]?.[0]),
          declined,
          claimed: (results[claimPlace]?.rows ?? []).map(claimedExecutionOf),
        };
      },
    };
  }
}

/** An execution changes hands once in a flush, but several of its questions may be settled. */
function conditionOf(record: JournalRecord): string {
  return record.type === 'settlement'
    ? settlementOf(record.executionId, record.openedSeq)
    : record.executionId;
}
