import type { EntityManager } from 'typeorm';
import { LeaseLost } from '../../errors/worker.error.js';
import { VOID } from '../../identity/operation-kinds.js';
import { serializeError } from '../../serialization/serialized-error.js';
import {
  fenceTransaction,
  insertLine,
  insertTombstone,
} from '../../storage/queries/transactional.queries.js';
import type { ActiveExecution } from '../active-execution.js';
import type { Operation } from '../operation.js';
import { OperationContext, runIn, type RunningBody } from '../operation-context.js';
import { sealTransaction } from './seal-transaction.js';
import { type AttemptOutcome, recorded, type StepRequest } from './step-request.js';

const ASK_AGAIN_MS = 500;

/**
 * Runs a step inside a transaction of the application's database that commits the step's writes and its line
 * of history together: both happen, or neither.
 *
 * Just before the commit the transaction locks its worker's row FOR KEY SHARE. Heartbeats pass, but a takeover
 * waits, so the next owner reads the history only after this line is in it or never will be.
 */
export async function runInTransaction(
  execution: ActiveExecution,
  operation: Operation,
  body: RunningBody,
  request: StepRequest,
  beginCommit: () => void,
): Promise<AttemptOutcome> {
  const { transaction, schema, serializer, lease } = execution.services;
  if (transaction === undefined) throw new Error('There is no database for transactional steps.');
  let reserved: ReturnType<ActiveExecution['reserveEnd']> | undefined;
  // Whatever ends the attempt ends the transaction: a body that hangs must not hold its locks.
  const aborted = body.abort.aborted();
  let isConnected = false;
  let hasBegun = false;
  try {
    const done = transaction(async (manager: EntityManager) => {
      isConnected = true;
      body.transaction = manager;
      try {
        const running = runBody(execution, body, () => {
          hasBegun = true;
          return request.body();
        });
        const result = await Promise.race([running, aborted]);
        const output = recorded(result, request, serializer);
        beginCommit();
        // Not the process's worker of this moment: it may have lost the lease and have another one since.
        const { workerId } = execution.ownership;
        const owner = { workerId, lease, executionId: execution.id, epoch: execution.ownership.epoch };
        if (
          execution.isAbandoned ||
          execution.hasEnded ||
          !(await fenceTransaction(manager, schema, owner))
        ) {
          throw new LeaseLost(workerId);
        }
        reserved = execution.reserveEnd(operation, {
          outcome: 'completed',
          attempt: body.attempt,
          startedAt: operation.runningSince ?? null,
          output,
        });
        await insertLine(manager, schema, { executionId: execution.id, workerId, ...reserved.line });
      } finally {
        sealTransaction(manager, execution.id, body.step);
      }
    });
    // A connection may be long in coming: an attempt that is over by then does not wait for it.
    await Promise.race([
      done,
      aborted.catch((reason: unknown) => (isConnected ? done : Promise.reject(reason as Error))),
    ]);
  } catch (error) {
    const isStopped = execution.isOver || operation.scope.strand?.isStopped === true;
    if (!hasBegun && isStopped) return { kind: 'unbegun' };
    if (reserved === undefined) throw error;
    if (await wasCommitted(execution, reserved.line, error)) {
      reserved.commit();
      return { kind: 'committed' };
    }
    reserved.void();
    throw error;
  }
  reserved?.commit();
  return { kind: 'committed' };
}

async function runBody(execution: ActiveExecution, body: RunningBody, code: () => unknown): Promise<unknown> {
  const { journal } = execution.services;
  // A connection may have been long in coming: what held at the gate may not hold any more.
  while (!execution.isOver && !journal.acceptsBodies) await journal.readyForBodies();
  if (body.abort.reason !== undefined) throw body.abort.reason;
  if (execution.isOver) throw new LeaseLost(execution.ownership.workerId);
  return await runIn(new OperationContext(execution, body), code);
}

/**
 * The commit failed, or its answer was lost. A line with the same number decides: if it can be inserted, the
 * transaction is not committed and never will be; if not, it was. Fenced, like everything that is recorded.
 */
async function wasCommitted(
  execution: ActiveExecution,
  line: ReturnType<ActiveExecution['reserveEnd']>['line'],
  error: unknown,
): Promise<boolean> {
  const { query, schema, clock } = execution.services;
  const { workerId } = execution.ownership;
  while (!execution.isAbandoned) {
    try {
      const outcome = await insertTombstone(query, schema, {
        ...line,
        executionId: execution.id,
        workerId,
        // It only takes the number, so it must not count as anything that the step did.
        path: `${line.path}/rolled-back`,
        kind: VOID,
        outcome: 'opened',
        output: null,
        error: serializeError(error),
      });
      if (outcome !== 'fenced') return outcome === 'taken';
    } catch {
      // The database is away: ask again, for as long as the execution is ours.
    }
    await new Promise<void>((resolve) => clock.setTimer(ASK_AGAIN_MS, resolve));
  }
  throw new LeaseLost(workerId);
}
