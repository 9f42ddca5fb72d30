import { Module } from '@nestjs/common';
import { ExpenseWorkflow } from './expense.workflow.js';
import { Payroll } from './payroll.js';

@Module({ providers: [ExpenseWorkflow, Payroll], exports: [Payroll] })
export class ExpensesModule {}
