import type { ExecutionStatus, ExecutionStepStatus } from 'nest-durable';
import type { Order, Receipt } from '../order.js';

/** What the demo tells the shop. */
export type Request =
  | { readonly type: 'place'; readonly order: Order }
  | { readonly type: 'timeline'; readonly order: string; readonly colour: boolean; readonly width: number }
  | { readonly type: 'count' }
  | { readonly type: 'close' };

/** What the shop tells the demo. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly text: string }
  | { readonly type: 'placed'; readonly order: string; readonly execution: string; readonly isNew: boolean }
  | { readonly type: 'progress'; readonly orders: readonly OrderProgress[] }
  | { readonly type: 'finished'; readonly order: string; readonly receipt: Receipt }
  | { readonly type: 'failed'; readonly order: string; readonly reason: string }
  | { readonly type: 'timeline'; readonly text: string }
  | { readonly type: 'count'; readonly executions: number };

/** How far an order is, as the engine's database tells it. */
export interface OrderProgress {
  readonly order: string;
  readonly status: ExecutionStatus;
  /** When a wait is over, in epoch milliseconds. */
  readonly dueAt: number | undefined;
  readonly steps: readonly StepProgress[];
}

export interface StepProgress {
  readonly name: string;
  readonly status: ExecutionStepStatus;
  readonly attempt: number;
  readonly worker: string;
}
