import { IsInt, IsNotEmpty, IsPositive, IsString } from 'class-validator';
import { defineEvent } from 'nest-durable';

export class Payment {
  @IsString()
  @IsNotEmpty()
  payment!: string;

  @IsInt()
  @IsPositive()
  cents!: number;
}

export class Refusal {
  @IsString()
  @IsNotEmpty()
  reason!: string;
}

// What they carry is checked where they are sent: a workflow that gets one gets a good one.
export const PaymentSucceeded = defineEvent('payment.succeeded', Payment);
export const PaymentFailed = defineEvent('payment.failed', Refusal);
