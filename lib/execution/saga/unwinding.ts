import type { ActiveExecution } from '../active-execution.js';
import { runWorkflowCode } from '../workflow-code.js';

/** How long code may await something that is not recorded, before it counts as having come to its end. */
const PATIENCE_MS = 2_000;

/**
 * Replays the code of an execution as far as it is recorded, so that what it completed is known together with how it
 * is undone. Nothing begins; where the history ends, the code is left standing.
 */
export async function unwind(execution: ActiveExecution): Promise<void> {
  const { replay, services } = execution;
  let isCodeOver = false;
  const over = (): void => {
    isCodeOver = true;
  };
  void runWorkflowCode(execution).then(over, over);
  // Also after the end of the code: what it did not wait for may have completed, too.
  for (;;) {
    await replay.quiet();
    if (isCodeOver || !isTorn(execution)) return;
    const before = replay.deliveredCount;
    await new Promise<void>((resolve) => services.clock.setTimer(PATIENCE_MS, resolve));
    if (replay.deliveredCount === before) return;
  }
}

/** Whether the code has not repeated all that is recorded: it is not what it was. */
export function isTorn({ root, replay }: ActiveExecution): boolean {
  return replay.isIncomplete || root?.delivery.isReplaying === true;
}
