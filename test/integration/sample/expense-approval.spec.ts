import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InputSettled, InvalidAnswer } from 'nest-durable';
import type { Expense } from '../../../sample/expense-approval/expense.js';
import { DIRECTOR, ExpenseWorkflow } from '../../../sample/expense-approval/expense.workflow.js';
import { ExpensesModule } from '../../../sample/expense-approval/expenses.module.js';
import { Payroll } from '../../../sample/expense-approval/payroll.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { failureOf } from '../../support/outcome.js';
import { runSample } from './sample-process.js';
import { startSample } from './start-sample.js';

describe('The expenses of the sample', () => {
  let app: DurableApp;
  let payroll: Payroll;

  beforeAll(async () => {
    app = await startSample(ExpensesModule);
    payroll = app.module.get(Payroll, { strict: false });
  }, 60_000);

  afterAll(async () => {
    await app.close();
  });

  const expenseOf = (given: Partial<Expense>): Expense => ({
    employee: 'Ada',
    what: 'a lamp',
    amount: 200,
    manager: 'ann',
    managerHas: '1d',
    directorHas: '1d',
    ...given,
  });
  const start = async (given: Partial<Expense>) => await app.client.start(ExpenseWorkflow, expenseOf(given));
  const asked = async ({ id }: { readonly id: string }, name: string) =>
    await eventually(
      async () => (await app.client.listPendingInputs({ executionId: id, name })).inputs[0] ?? false,
    );

  it('are no question to anybody where they are small', async () => {
    const handle = await start({ amount: 50 });

    const data = await handle.result();

    expect(data).toMatchObject({ decision: 'approved', decidedBy: 'nobody', payment: '50 EUR to Ada' });
    const { steps = [] } = await app.client.getExecution(handle.id, { steps: true });
    expect(steps.map(({ path }) => path)).toEqual(['isPetty', 'byDecision', 'byDecision/pay']);
  });

  it('are asked about, and paid with what the manager says', async () => {
    const handle = await start({ amount: 51, employee: 'Ben' });
    const question = await asked(handle, 'manager');

    expect(question).toMatchObject({
      type: 'approval',
      prompt: 'Ben has paid 51 EUR for a lamp. Do we pay it back?',
      metadata: { employee: 'Ben', amount: 51 },
      assignees: ['ann'],
      path: 'askManager/manager',
      dueAt: expect.any(Date),
    });
    await app.client.provideInput(handle.id, 'manager', true, { by: 'ann', comment: 'he needs it' });

    const { decision, decidedBy, comment, payment } = await handle.result();
    expect({ decision, decidedBy, comment, payment }).toEqual({
      decision: 'approved',
      decidedBy: 'ann',
      comment: 'he needs it',
      payment: '51 EUR to Ben',
    });
  });

  it('stay open after an answer that is none, and closed after one that is', async () => {
    const handle = await start({});
    await asked(handle, 'manager');

    const wrong = await failureOf(app.client.provideInput(handle.id, 'manager', 'perhaps'), InvalidAnswer);
    expect(wrong.fields).toEqual([
      { path: '$', messages: [expect.stringContaining("'approved' or 'rejected'")] },
    ]);
    await app.client.provideInput(handle.id, 'manager', 'rejected', { by: 'ann' });
    const late = await failureOf(app.client.provideInput(handle.id, 'manager', 'approved'), InputSettled);

    expect(late).toMatchObject({ outcome: 'answered', by: 'ann' });
    expect(await handle.result()).toMatchObject({ decision: 'rejected', decidedBy: 'ann' });
    expect(payroll.letters.at(-1)).toBe('Dear Ada, we do not pay for a lamp: ann says no.');
  });

  it('go to the director where the manager says nothing', async () => {
    const handle = await start({ managerHas: 30 });

    expect(await asked(handle, 'director')).toMatchObject({
      assignees: [DIRECTOR],
      path: 'askDirector/director',
    });
    const late = await failureOf(app.client.provideInput(handle.id, 'manager', true), InputSettled);
    await app.client.provideInput(handle.id, 'director', true, { by: DIRECTOR, comment: 'this once' });

    expect(late.outcome).toBe('timed_out');
    expect(await handle.result()).toMatchObject({ decision: 'approved', decidedBy: DIRECTOR });
    const { steps = [] } = await app.client.getExecution(handle.id, { steps: true });
    expect(steps.filter(({ kind }) => kind === 'input')).toMatchObject([
      { path: 'askManager/manager', status: 'timed_out', output: undefined },
      {
        path: 'askDirector/director',
        status: 'completed',
        output: { value: 'approved', by: DIRECTOR, comment: 'this once', at: expect.any(Date) },
      },
    ]);
  });

  it('are rejected where nobody says anything', async () => {
    const handle = await start({ employee: 'Dan', managerHas: 20, directorHas: 20 });

    const data = await handle.result();

    expect(data).toMatchObject({ decision: 'auto_rejected', decidedBy: 'nobody' });
    expect(data.payment).toBeUndefined();
    expect(payroll.letters.at(-1)).toBe('Dear Dan, we do not pay for a lamp: nobody had time for it.');
  });
});

describe('npm run sample:expense-approval', () => {
  it('shows what is on whose desk, an answer, and what comes of none', async () => {
    const { exitCode, printed, complaints } = await runSample('expense-approval');

    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
    expect(printed).toMatch(/Ben has paid 480 EUR.*\n.*Cleo has paid 2900 EUR.*\n.*Dan has paid 700 EUR/);
    expect(printed).toMatch(
      /why not +must be 'approved' or 'rejected'\n.*approved +counts\n.*answered by ann$/m,
    );
    expect(printed.match(/^ +decision .*$/gm)?.map((line) => line.trim().replace(/ +/, ' '))).toEqual([
      'decision approved by nobody',
      'decision approved by ann',
      'decision rejected by dora',
      'decision auto_rejected by nobody',
    ]);
    expect(printed).toMatch(/^ +comment +ann: it is a good chair$/m);
    expect(printed).toMatch(/^⌛ +director .*timed out$/m);
  }, 60_000);
});
