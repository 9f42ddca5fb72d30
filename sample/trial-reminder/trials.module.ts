import { Module } from '@nestjs/common';
import { Mail } from './mail.js';
import { TrialWorkflow } from './trial.workflow.js';

@Module({ providers: [TrialWorkflow, Mail], exports: [Mail] })
export class TrialsModule {}
