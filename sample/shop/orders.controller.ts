import {
  BadRequestException,
  Body,
  ConflictException,
  Controller,
  Get,
  NotFoundException,
  Param,
  Post,
} from '@nestjs/common';
import { DurableClient, ExecutionNotFound, InvalidInput, KeyConflict } from 'nest-durable';
import { Order } from './order.js';
import { OrderWorkflow } from './order.workflow.js';

@Controller('orders')
export class OrdersController {
  constructor(private readonly client: DurableClient) {}

  /** Answers as soon as the order is stored. One that is sent twice is one order: its id is the key. */
  @Post()
  async place(@Body() order: Order) {
    const handle = await this.client.start(OrderWorkflow, order, { key: order.id }).catch(asHttp);
    return { execution: handle.id, isNew: handle.created };
  }

  @Get(':id')
  async find(@Param('id') id: string) {
    const { id: execution } = await this.client.handle(OrderWorkflow, { key: id }).catch(asHttp);
    const { status, output } = await this.client.getExecution(execution);
    return { execution, status, receipt: output };
  }
}

/** Every refusal is a class of its own, so the answer is a choice and not a guess. */
function asHttp(error: unknown): never {
  if (error instanceof InvalidInput) throw new BadRequestException(error.fields);
  if (error instanceof KeyConflict) throw new ConflictException(error.message);
  if (error instanceof ExecutionNotFound) throw new NotFoundException(error.message);
  throw error;
}
