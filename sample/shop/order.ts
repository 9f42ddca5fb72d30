import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsEmail,
  IsInt,
  IsNotEmpty,
  IsPositive,
  IsString,
  ValidateNested,
} from 'class-validator';

export class Item {
  @IsString()
  @IsNotEmpty()
  sku!: string;

  @IsInt()
  @IsPositive()
  quantity!: number;

  /** In cents. */
  @IsInt()
  @IsPositive()
  price!: number;
}

/** What a customer sends. The workflow names this class as its `input`, so a bad order is refused, not started. */
export class Order {
  @IsString()
  @IsNotEmpty()
  id!: string;

  @IsEmail()
  email!: string;

  @ArrayNotEmpty()
  @ValidateNested({ each: true })
  @Type(() => Item)
  items!: Item[];
}

/** The order as it passes through the workflow: each step adds what it knows. */
export interface OrderData extends Order {
  total: number;
  reservation: string;
  charge: string;
  trackingNumber: string;
}

/** What is left of it in the end. */
export interface Receipt {
  order: string;
  paid: number;
  trackingNumber: string;
}
