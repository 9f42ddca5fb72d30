import { Module } from '@nestjs/common';
import { DocumentWorkflow } from './document.workflow.js';
import { Office } from './office.js';
import { Scanner } from './scanner.js';

@Module({ providers: [DocumentWorkflow, Scanner, Office], exports: [Office] })
export class DocumentsModule {}
