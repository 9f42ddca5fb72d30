/** How many executions of one queue this worker can take now. */
export interface QueueDemand {
  readonly queueId: number;
  readonly slots: number;
  /** Nothing before this rank is looked at; undefined for the whole line. */
  readonly from: number | undefined;
}

export interface ClaimRequest {
  readonly demands: readonly QueueDemand[];
  /** The kinds (workflow and version) that this worker can run. Others are never scanned. */
  readonly kinds: readonly number[];
  /** Take one execution that was lost with its worker twice, and nothing else. */
  readonly isolated: boolean;
}

/** An execution that this worker owns now, with all that a fresh one needs to begin. */
export interface ClaimedExecution {
  readonly id: string;
  readonly kind: number;
  readonly queueId: number;
  readonly rank: number;
  readonly epoch: number;
  readonly signals: number;
  readonly lost: number;
  readonly cancelRequested: boolean;
  /** Whoever asked for its end wants what it did to be undone. */
  readonly compensateOnCancel: boolean;
  /** What it did is being undone already: it goes on with that. */
  readonly isCompensating: boolean;
  readonly priority: number;
  readonly deadlineAt: number | null;
  readonly startedAt: number;
  readonly createdAt: number;
  readonly key: string | null;
  readonly parentId: string | null;
  readonly retryNo: number;
  readonly timeout: number | null;
  readonly cancelReason: string | null;
  readonly input: string | null;
  readonly attributes: string | null;
}

/** Who wants work. The lane asks just before each flush, so that a claim costs no round trip of its own. */
export interface ClaimSource {
  /** Whether a flush is worth sending for a claim alone. */
  readonly wantsClaim: boolean;
  next(): ClaimRequest | undefined;
  claimed(executions: readonly ClaimedExecution[]): void;
  /** The claim was not carried out, or its answer was lost; what it took is found by reconciliation. */
  failed(): void;
}
