import { Step } from '../../lib/decorators/step.decorator.js';
import { Run } from '../../lib/decorators/run.decorator.js';
import { Workflow } from '../../lib/decorators/workflow.decorator.js';
import type { Additions, UncheckedAdditions } from '../../lib/definition/node-types.js';
import { Pipeline } from '../../lib/definition/pipeline.js';
import type { DataOf, InputOf, OutputOf, ResultOf } from '../../lib/definition/workflow-class.js';
import { holds, type Same } from './expect.js';

interface Item {
  price: number;
}

interface OrderInput {
  id: string;
  items: Item[];
}

interface OrderData {
  orderId: string;
  total: number;
  kind: 'digital' | 'physical';
  chargeId?: string;
  placedAt: Date;
}

// ---- What a step takes and returns

@Workflow({ name: 'process_order', version: 1, queue: 'orders', timeout: '2h', priority: 5, maxRetries: 1 })
export class OrderWorkflow extends Pipeline<OrderInput, OrderData> {
  constructor(private readonly shop: string) {
    super();
  }

  @Step()
  takesTheInput(data: OrderInput) {
    return { orderId: data.id, total: 0 };
  }

  @Step({
    retry: { maxAttempts: 3, backoff: 'exponential', base: '1s', retryIf: (e) => e.name !== 'Declined' },
  })
  async takesData(data: OrderData) {
    return { total: data.total, chargeId: this.shop };
  }

  @Step({ timeout: 5_000, transactional: true })
  async takesAPart(data: Pick<OrderData, 'total' | 'orderId'>) {
    return { kind: data.total > 1 ? ('digital' as const) : ('physical' as const) };
  }

  @Step()
  takesAPartOfBoth(data: { id: string; total: number }) {
    return data.total > 1 ? { orderId: data.id } : { total: 1, placedAt: new Date() };
  }

  @Step()
  takesNothing() {
    return { placedAt: new Date() };
  }

  @Step()
  async returnsNothing(_data: OrderData) {}

  @Step()
  returnsSometimes(data: OrderData) {
    if (data.total > 1) return { total: 1 };
    return undefined;
  }

  @Step()
  removesAKey(_data: OrderData) {
    return { chargeId: undefined };
  }

  @Step()
  returnsAdditions(_data: OrderData): Additions<OrderData> {
    return {};
  }

  @Step()
  async returnsWhatNobodyKnows() {
    return JSON.parse('{}');
  }

  @Step()
  neverReturns(): never {
    throw new Error('never');
  }
}

holds<Same<InputOf<OrderWorkflow>, OrderInput>>();
holds<Same<DataOf<OrderWorkflow>, OrderData>>();
holds<Same<OutputOf<OrderWorkflow>, OrderData>>();
holds<Same<ResultOf<OrderWorkflow, 'takesData'>, { total: number; chargeId: string }>>();

export class Misuses extends Pipeline<OrderInput, OrderData> {
  // @ts-expect-error 'totl' is not a key of Data
  @Step()
  addsWhatDataLacks() {
    return { totl: 1 };
  }

  // @ts-expect-error 'totl' is not a key of Data
  @Step()
  async addsWhatDataLacksInOneOfTwo(data: OrderData) {
    return data.total > 1 ? { total: 1 } : { totl: 1 };
  }

  // @ts-expect-error A step returns additions to Data, or nothing: the type of a key differs
  @Step()
  addsAnotherType() {
    return { total: '1' };
  }

  // @ts-expect-error A step returns additions to Data, a plain object, or nothing
  @Step()
  returnsANumber() {
    return 5;
  }

  // @ts-expect-error A step returns additions to Data, a plain object, or nothing
  @Step()
  async returnsNull() {
    return null;
  }

  // @ts-expect-error A step returns additions to Data, a plain object, or nothing
  @Step()
  async returnsAnArray() {
    return [{ total: 1 }];
  }

  // @ts-expect-error A step returns additions to Data, a plain object, or nothing
  @Step()
  returnsADate() {
    return new Date();
  }

  // @ts-expect-error A step returns additions to Data, a plain object, or nothing
  @Step()
  returnsAnything(): unknown {
    return {};
  }

  // @ts-expect-error A step takes Data, the input, or a part of them
  @Step()
  takesWhatDataIsNot(_data: { bogus: string }) {}

  // @ts-expect-error A step takes Data, the input, or a part of them
  @Step()
  takesAnotherType(_data: { total: string }) {}

  // @ts-expect-error A step of a Pipeline takes one parameter, data
  @Step()
  takesTwo(_data: OrderData, _more: string) {}

  // @ts-expect-error A step is a method of an instance, not a static one
  @Step()
  static isStatic() {}

  // @ts-expect-error A step has a name, not a symbol
  @Step()
  [Symbol.iterator]() {}

  // @ts-expect-error A Pipeline has no run method
  @Run()
  async run() {}

  // @ts-expect-error Did you mean to write 'timeout'
  @Step({ timeuot: 5 })
  hasAnUnknownOption() {}

  // @ts-expect-error 'attempts' does not exist
  @Step({ retry: { attempts: 5 } })
  hasAnUnknownRetryOption() {}

  // @ts-expect-error is not assignable to type 'Backoff | undefined'
  @Step({ retry: { backoff: 'quadratic' } })
  hasAnUnknownBackoff() {}
}

// ---- Bases

export abstract class Audited<Data extends { auditedAt: Date }> extends Pipeline<{ id: string }, Data> {
  @Step()
  auditsTheInput(_data: { id: string }): UncheckedAdditions {
    return { auditedAt: new Date() };
  }

  @Step()
  async auditsData(_data: Data): Promise<UncheckedAdditions> {
    return { auditedAt: new Date() };
  }

  @Step()
  async onlyLooks(_data: Data) {}
}

@Workflow()
export class AuditedOrder extends Audited<{ auditedAt: Date; total: number }> {
  @Step()
  count(data: { auditedAt: Date }) {
    return { total: data.auditedAt.getTime() };
  }
}

holds<Same<InputOf<AuditedOrder>, { id: string }>>();
holds<Same<OutputOf<AuditedOrder>, { auditedAt: Date; total: number }>>();

// ---- Input and output

export class OrderDto {
  id!: string;
  items!: Item[];
  currency = 'EUR';
}

@Workflow({ input: OrderDto, output: 'summary' })
export class Summing extends Pipeline<OrderInput, OrderData, { sum: number }> {
  @Step()
  work() {}

  summary(data: Pick<OrderData, 'total'>) {
    return { sum: data.total };
  }
}

holds<Same<OutputOf<Summing>, { sum: number }>>();

@Workflow({ output: 'count' })
export class Counting extends Pipeline<OrderInput, OrderData, number> {
  @Step()
  work() {}

  async count(data: OrderInput) {
    return data.items.length;
  }
}

@Workflow()
export class TakesNothing extends Pipeline<void, { report: string }> {
  @Step()
  async generate() {
    return { report: 'r' };
  }
}

@Workflow()
export class HasNoData extends Pipeline {
  @Step()
  async work() {}
}

holds<Same<InputOf<TakesNothing>, void>>();
holds<Same<InputOf<HasNoData>, void>>();

export class OtherDto {
  id!: number;
}

// @ts-expect-error The class in `input` does not fit the input of the workflow
@Workflow({ input: OtherDto })
export class TakesAnotherDto extends Pipeline<OrderInput, OrderData> {
  @Step()
  work() {}
}

// @ts-expect-error There is no method 'sumary' that takes data
@Workflow({ output: 'sumary' })
export class HasNoSuchOutput extends Pipeline<OrderInput, OrderData, { sum: number }> {
  @Step()
  work() {}

  summary(data: OrderData) {
    return { sum: data.total };
  }
}

// @ts-expect-error The method in `output` does not return the Output of the workflow
@Workflow({ output: 'summary' })
export class ReturnsAnotherOutput extends Pipeline<OrderInput, OrderData, { sum: number }> {
  @Step()
  work() {}

  summary(_data: OrderData) {
    return { sum: '1' };
  }
}

// @ts-expect-error The method in `output` takes Data, the input, or a part of them
@Workflow({ output: 'summary' })
export class SumsWhatDataIsNot extends Pipeline<OrderInput, OrderData, { sum: number }> {
  @Step()
  work() {}

  summary(data: { bogus: number }) {
    return { sum: data.bogus };
  }
}

// @ts-expect-error Output is not Data: name the method that makes it in `output`
@Workflow()
export class HasAnotherOutput extends Pipeline<OrderInput, OrderData, { sum: number }> {
  @Step()
  work() {}
}

// @ts-expect-error A workflow extends Pipeline, or marks its method run with @Run()
@Workflow()
export class IsNoWorkflow {
  @Step()
  async work() {}
}

// @ts-expect-error Did you mean to write 'version'
@Workflow({ verison: 2 })
export class HasAnUnknownOption extends Pipeline {
  @Step()
  work() {}
}

// @ts-expect-error 'scope' does not exist
@Workflow({ scope: 1 })
export class HasAScope extends Pipeline {
  @Step()
  work() {}
}

// @ts-expect-error Cannot assign an abstract constructor type
@Workflow()
export abstract class IsAbstract extends Pipeline {
  @Step()
  work() {}
}

// @ts-expect-error does not satisfy the constraint
export class TakesAText extends Pipeline<string> {}
