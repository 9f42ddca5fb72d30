import { Module } from '@nestjs/common';
import { Company } from './company.js';
import { ContractWorkflow } from './contract.workflow.js';

@Module({ providers: [ContractWorkflow, Company], exports: [Company] })
export class ContractsModule {}
