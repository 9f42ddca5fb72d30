import { Compensate } from '../../lib/decorators/compensate.decorator.js';
import { ForEach } from '../../lib/decorators/for-each.decorator.js';
import { Run } from '../../lib/decorators/run.decorator.js';
import { Step } from '../../lib/decorators/step.decorator.js';
import { Workflow } from '../../lib/decorators/workflow.decorator.js';
import type { InlineStepOptions } from '../../lib/definition/inline-step.js';
import type { UncheckedAdditions } from '../../lib/definition/node-types.js';
import { Pipeline } from '../../lib/definition/pipeline.js';
import type { Undo } from '../../lib/definition/undo-definition.js';
import type { ResultOf } from '../../lib/definition/workflow-class.js';

interface Input {
  id: string;
}

interface Seat {
  row: number;
}

interface Data extends Input {
  seats: Seat[];
  chargeId: string;
  flight: string;
  hotel: string;
}

// ---- In a pipeline: data and undo

@Workflow()
export class Trip extends Pipeline<Input, Data> {
  @Step()
  async charge(_data: Data) {
    return { chargeId: 'c' };
  }

  @Compensate('charge', { retry: { maxAttempts: 10, backoff: 'constant' } })
  async refund(data: Data, { result, step }: Undo<{ chargeId: string }>) {
    return [data.id, result.chargeId, step];
  }

  @Compensate('charge')
  refundAsTyped(_data: Data, { result }: Undo<ResultOf<Trip, 'charge'>>) {
    return result.chargeId;
  }

  @Compensate('charge')
  refundByData(data: Pick<Data, 'chargeId'>) {
    return data.chargeId;
  }

  @Compensate('charge')
  takesNothing() {}

  @Compensate('charge')
  takesTheInput(data: Input) {
    return data.id;
  }

  @Compensate('charge')
  takesWhateverItIs(_data: Data, { result }: Undo) {
    return result;
  }

  @Step()
  bookFlight() {
    return { flight: 'f' };
  }

  @Step()
  bookHotel() {
    return { hotel: 'h' };
  }

  @Compensate(['bookFlight', 'bookHotel'])
  async cancelBoth(_data: Data, { result }: Undo<{ flight: string } | { hotel: string }>) {
    return 'flight' in result ? result.flight : result.hotel;
  }

  @ForEach({ do: ['book', 'mail'] })
  eachSeat(data: Data) {
    return data.seats;
  }

  @Step({ in: 'eachSeat' })
  book(_data: Data, seat: Seat) {
    return { flight: `${seat.row}` };
  }

  @Compensate('book')
  release(_data: Data, { result, item, index }: Undo<{ flight: string }, Seat>) {
    return [result.flight, item?.row, index];
  }

  @Step({ in: 'eachSeat' })
  mail(_data: Data) {}

  // What takes no item says nothing of those around it.
  @Compensate('mail')
  apologize(_data: Data, { item }: Undo<void, Seat>) {
    return item?.row;
  }
}

export class PipelineMisuses extends Pipeline<Input, Data> {
  @ForEach({ do: 'book' })
  eachSeat(data: Data) {
    return data.seats;
  }

  @Step()
  async charge(_data: Data) {
    return { chargeId: 'c' };
  }

  @Step()
  bookHotel() {
    return { hotel: 'h' };
  }

  @Step({ in: 'eachSeat' })
  book(_data: Data, seat: Seat) {
    return { flight: `${seat.row}` };
  }

  @Step()
  returnsNothing() {}

  // @ts-expect-error 'chrge' is no public method of this class
  @Compensate('chrge')
  namesNoMethod() {}

  // @ts-expect-error 'chrge' is no public method of this class
  @Compensate(['charge', 'chrge'])
  namesNoMethodInAList() {}

  // @ts-expect-error The undo does not take what 'charge' returns
  @Compensate('charge')
  takesAnotherResult(_data: Data, _undo: Undo<{ hotel: string }>) {}

  // @ts-expect-error The undo does not take what 'bookHotel' returns
  @Compensate(['charge', 'bookHotel'])
  takesOneOfTwoResults(_data: Data, _undo: Undo<{ chargeId: string }>) {}

  // @ts-expect-error The undo does not take what 'returnsNothing' returns
  @Compensate('returnsNothing')
  takesAResultOfNothing(_data: Data, _undo: Undo<{ chargeId: string }>) {}

  // @ts-expect-error The undo does not take what 'charge' returns
  @Compensate('charge')
  takesTheResultItself(_data: Data, _result: { chargeId: string }) {}

  // @ts-expect-error The undo does not take what 'book' returns
  @Compensate('book')
  takesAnotherItem(_data: Data, _undo: Undo<{ flight: string }, string>) {}

  // @ts-expect-error An undo takes Data, the input, or a part of them
  @Compensate('charge')
  takesWhatDataIsNot(_data: { bogus: string }) {}

  // @ts-expect-error An undo takes Data, the input, or a part of them
  @Compensate('charge')
  takesUndoFirst(_undo: Undo<{ chargeId: string }>) {}

  // @ts-expect-error An undo of a Pipeline takes data and undo
  @Compensate('charge')
  takesThree(_data: Data, _undo: Undo, _more: string) {}

  // @ts-expect-error An undo is a method of an instance, not a static one
  @Compensate('charge')
  static isStatic() {}

  // @ts-expect-error An undo has a name, not a symbol
  @Compensate('charge')
  [Symbol.iterator]() {}

  // @ts-expect-error 'attempts' does not exist
  @Compensate('charge', { retry: { attempts: 5 } })
  hasAnUnknownRetryOption() {}

  // @ts-expect-error 'queue' does not exist
  @Compensate('charge', { queue: 'undos' })
  hasAnUnknownOption() {}
}

// ---- In any other class: undo, and the arguments of the step

@Workflow()
export class Booking {
  @Run()
  async run(input: Input) {
    return this.charge(input.id, 5);
  }

  @Step()
  async charge(id: string, amount: number) {
    return `${id} ${amount}`;
  }

  @Step()
  async reserve(id: string) {
    return id;
  }

  @Compensate('charge')
  async refund({ result }: Undo<string>, id: string, amount: number) {
    return [result, id, amount];
  }

  @Compensate('charge')
  refundAll({ result }: Undo<string>) {
    return result;
  }

  @Compensate(['charge', 'reserve'])
  forget(_undo: Undo<string>, id: string) {
    return id;
  }

  @Compensate('charge')
  takesNothing() {}
}

export class Misuses {
  @Step()
  async charge(id: string, amount: number) {
    return `${id} ${amount}`;
  }

  @Step()
  async reserve(id: string) {
    return id;
  }

  // @ts-expect-error 'chrge' is no public method of this class
  @Compensate('chrge')
  namesNoMethod() {}

  // @ts-expect-error The undo does not take what 'charge' returns
  @Compensate('charge')
  takesAnotherResult(_undo: Undo<number>) {}

  // @ts-expect-error The undo does not take the arguments of 'charge' after its first
  @Compensate('charge')
  takesOtherArguments(_undo: Undo<string>, _amount: number) {}

  // @ts-expect-error The undo does not take the arguments of 'reserve' after its first
  @Compensate(['charge', 'reserve'])
  takesTheArgumentsOfOne(_undo: Undo<string>, _id: string, _amount: number) {}

  // @ts-expect-error The undo does not take what 'charge' returns
  @Compensate('charge')
  takesTheArgumentsFirst(_id: string, _amount: number) {}
}

// ---- Inline

declare function step<Result>(
  name: string,
  options: InlineStepOptions<Result>,
  body: () => Promise<Result>,
): Promise<Result>;

export async function inline() {
  const options: InlineStepOptions = { retry: { maxAttempts: 1 }, compensate: ({ result }) => result };
  await step('a', options, async () => 5);
  await step('a', { compensate: ({ result }: Undo<string>) => result.length }, async () => 'x');
  // @ts-expect-error is not assignable to type 'string'
  await step('a', { compensate: ({ result }: Undo<string>) => result.length }, async () => 5);
}

// ---- Bases

export abstract class Paid<PaidData extends { chargeId: string }> extends Pipeline<Input, PaidData> {
  @Step()
  async charge(_data: PaidData): Promise<UncheckedAdditions> {
    return { chargeId: 'c' };
  }

  @Compensate('charge')
  async refund(data: PaidData, _undo: Undo) {
    return data.chargeId;
  }
}
