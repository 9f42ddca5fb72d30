import { Module } from '@nestjs/common';
import { DashboardWorkflow } from './dashboard.workflow.js';
import { Sources } from './sources.js';

@Module({ providers: [DashboardWorkflow, Sources], exports: [Sources] })
export class DashboardsModule {}
