import {
  Branch,
  Decision,
  execution,
  goto,
  Pipeline,
  Step,
  waitForApproval,
  waitForInput,
  Workflow,
} from 'nest-durable';
import type { Expense, ExpenseData } from './expense.js';
import { Payroll } from './payroll.js';

const PETTY = 50;
export const DIRECTOR = 'dora';

/**
 * Small amounts pass. For others the manager is asked, and the director where the manager says nothing. Nothing runs
 * meanwhile: a question is a row in the database, which anybody may list and answer, and so is the time it has.
 */
@Workflow({ name: 'approve_expense' })
export class ExpenseWorkflow extends Pipeline<Expense, ExpenseData> {
  constructor(private readonly payroll: Payroll) {
    super();
  }

  @Decision({ to: ['byDecision'] })
  isPetty({ amount }: Expense) {
    if (amount > PETTY) return undefined;
    return goto('byDecision', { decision: 'approved' as const, decidedBy: 'nobody' });
  }

  // Without a `timeoutValue` a time-out gives undefined, and then this step adds nothing.
  @Step()
  async askManager({ employee, what, amount, manager, managerHas }: Expense) {
    const answer = await waitForInput('manager', {
      type: 'approval',
      prompt: `${employee} has paid ${amount} EUR for ${what}. Do we pay it back?`,
      metadata: { employee, amount },
      assignees: [manager],
      timeout: managerHas,
    });
    if (answer === undefined) return undefined;
    return { decision: answer.value, decidedBy: answer.by ?? manager, comment: answer.comment };
  }

  @Decision({ to: ['byDecision'] })
  hasAnswer({ decision }: Partial<ExpenseData>) {
    return decision === undefined ? undefined : goto('byDecision');
  }

  // The decision alone is what code mostly wants. Who it was, and what they said of it, is in the history in any case.
  @Step()
  async askDirector({ employee, what, amount, manager, directorHas }: Expense) {
    const decision = await waitForApproval('director', {
      prompt: `${manager} has said nothing about ${amount} EUR for ${what}. Do we pay it back to ${employee}?`,
      metadata: { employee, amount },
      assignees: [DIRECTOR],
      timeout: directorHas,
      timeoutValue: 'auto_rejected',
    });
    return { decision, decidedBy: decision === 'auto_rejected' ? 'nobody' : DIRECTOR };
  }

  @Branch({ approved: 'pay', rejected: 'refuse', auto_rejected: 'refuse' })
  byDecision({ decision }: ExpenseData) {
    return decision;
  }

  @Step({ in: 'byDecision' })
  async pay({ employee, amount }: Expense) {
    return { payment: await this.payroll.pay(employee, amount, execution().idempotencyKey) };
  }

  @Step({ in: 'byDecision' })
  async refuse({ employee, what, decidedBy, comment }: ExpenseData) {
    const reason = comment ?? (decidedBy === 'nobody' ? 'nobody had time for it' : `${decidedBy} says no`);
    await this.payroll.write(employee, `we do not pay for ${what}: ${reason}.`);
  }
}
