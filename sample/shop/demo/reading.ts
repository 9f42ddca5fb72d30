import type { Execution } from 'nest-durable';
import type { OrderProgress } from './messages.js';

/** The part of an execution that the demo draws: one mark for each step of the workflow itself. */
export function progressOf(order: string, { status, dueAt, steps = [] }: Execution): OrderProgress {
  return {
    order,
    status,
    dueAt: dueAt?.getTime(),
    steps: steps
      .filter(({ path }) => !path.includes('/'))
      .map((each) => ({
        name: each.name,
        status: each.status,
        attempt: each.attempt,
        worker: each.workerId,
      })),
  };
}
