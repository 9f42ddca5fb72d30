import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { LedgerLine } from '../ledger.js';
import type { Receipt } from '../order.js';

export interface Evidence {
  readonly orders: readonly string[];
  /** The executions as they were named before and after the kill. */
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  /** How many executions of the workflow the database holds in all. */
  readonly executions: number;
  readonly receipts: ReadonlyMap<string, Receipt>;
  /** The book of the world outside. */
  readonly ledger: readonly LedgerLine[];
  /** The idempotency key of the charge during which the shop was killed. */
  readonly interrupted: string;
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
}

/** What is to happen outside for each order. */
export const actions = ['reserve', 'charge', 'ship', 'mail'] as const;

interface Check {
  readonly sentence: string;
  readonly holds: (evidence: Evidence) => void;
}

/** What the demo claims, and how it knows. */
export const checks: readonly Check[] = [
  {
    sentence: 'The first process was killed with SIGKILL, in the middle of a charge.',
    holds: ({ signal, ledger, interrupted }) => {
      strictEqual(signal, 'SIGKILL');
      // Had the step been recorded before the kill, it would not have been asked for again.
      strictEqual(count(ledger, 'asked', interrupted), 2);
    },
  },
  {
    sentence: 'That card was charged once: the second call had the same idempotency key.',
    holds: ({ ledger, interrupted }) => {
      strictEqual(count(ledger, 'done', interrupted), 1);
      strictEqual(count(ledger, 'repeated', interrupted), 1);
    },
  },
  {
    sentence: 'Nothing was lost: every order has its receipt.',
    holds: ({ orders, receipts }) => {
      deepStrictEqual([...receipts.keys()].sort(), [...orders].sort());
      for (const { paid, trackingNumber } of receipts.values()) ok(paid > 0 && trackingNumber !== '');
    },
  },
  {
    sentence: 'Nothing happened twice: each order has each effect exactly once.',
    holds: ({ orders, ledger }) => {
      for (const order of orders) {
        const effects = ledger.filter((line) => line.order === order && line.event === 'done');
        deepStrictEqual(effects.map(({ action }) => action).sort(), [...actions].sort(), order);
      }
    },
  },
  {
    sentence: 'Placing the orders again started nothing: the same three executions finished.',
    holds: ({ orders, before, after, executions }) => {
      deepStrictEqual([...after], [...before]);
      strictEqual(executions, orders.length);
    },
  },
  {
    sentence: 'The second process closed cleanly.',
    holds: ({ exitCode }) => strictEqual(exitCode, 0),
  },
];

export function count(ledger: readonly LedgerLine[], event: LedgerLine['event'], key?: string): number {
  return ledger.filter((line) => line.event === event && (key === undefined || line.idempotencyKey === key))
    .length;
}
