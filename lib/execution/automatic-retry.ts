import type { StartRecord } from '../journal/records.js';
import type { ExecutionFacts } from './execution-facts.js';
import type { ExecutionServices } from './execution-services.js';
import { isHopeless } from './retry.js';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 3_600_000;

/** Whether an execution whose code threw this is tried again by another one. */
export function isTriedAgain({ definition, retryNo }: ExecutionFacts, thrown: unknown): boolean {
  return !isHopeless(thrown) && retryNo < definition.maxRetries;
}

/**
 * The execution that tries again in the place of one whose code failed (`maxRetries`): the same input and
 * options under a new id, stored together with the end of the failed one.
 */
export function nextTry(facts: ExecutionFacts, { databaseClock, ids }: ExecutionServices): StartRecord {
  const { definition, retryNo } = facts;
  const now = databaseClock.now();
  const dueAt = now + Math.min(FIRST_DELAY_MS * 2 ** retryNo, LONGEST_DELAY_MS);
  return {
    type: 'start',
    executionId: ids.next(),
    watcher: { durable: () => undefined, refused: () => undefined },
    workflow: definition.name,
    version: definition.version,
    kind: facts.kind,
    queue: facts.queue,
    queueId: facts.queueId,
    key: null,
    priority: facts.priority,
    input: facts.input,
    attributes: facts.attributes,
    createdAt: now,
    dueAt,
    deadlineAt: facts.timeout === null ? null : dueAt + facts.timeout,
    expiresAt: null,
    timeout: facts.timeout,
    retryNo: retryNo + 1,
    originId: facts.id,
    eager: false,
  };
}
