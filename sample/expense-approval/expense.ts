import type { Duration } from 'nest-durable';

export interface Expense {
  employee: string;
  what: string;
  /** In euros. */
  amount: number;
  manager: string;
  /** How long the manager may take; then the director is asked. */
  managerHas: Duration;
  /** How long the director may take; then it is a no. */
  directorHas: Duration;
}

/** What becomes known of an expense on its way. */
export interface ExpenseData extends Expense {
  decision: 'approved' | 'rejected' | 'auto_rejected';
  decidedBy: string;
  comment: string | undefined;
  payment: string;
}
