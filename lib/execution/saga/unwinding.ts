import type { ActiveExecution } from '../active-execution.js';
import { runWorkflowCode } from '../workflow-code.js';

/** How long code may await something that is not recorded, before it counts as having come to its end. */
const PATIENCE_MS = 2_000;

/**
 * Replays the code of an execution as far as it is recorded, so that what it completed is known together with how it
 * is undone. Nothing begins; where the history ends, the code is left standing.
 */
export async function unwind(execution: ActiveExecution): Promise<void> {
  const code = runWorkflowCode(execution).then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([code, replayed(execution)]);
}

async function replayed(execution: ActiveExecution): Promise<void> {
  const { replay, services } = execution;
  for (;;) {
    const seen = replay.deliveredCount;
    await replay.over();
    if (execution.root?.delivery.isReplaying !== true) return;
    await new Promise<void>((resolve) => services.clock.setTimer(PATIENCE_MS, resolve));
    if (replay.deliveredCount === seen) return;
  }
}
