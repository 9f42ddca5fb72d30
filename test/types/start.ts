import type {
  OutputOf,
  StartArguments,
  UnknownWorkflow,
  WorkflowClass,
} from '../../lib/definition/workflow-class.js';
import { holds, type Same } from './expect.js';
import { OrderWorkflow, Summing, TakesNothing, type IsAbstract } from './pipeline.js';
import { Mail, MaybeInput, NoInput, Onboarding } from './run.js';

interface Options {
  key?: string;
}

interface Handle<Output> {
  result(): Promise<Output>;
}

declare function start<Workflow extends object>(
  workflow: WorkflowClass<Workflow>,
  ...rest: StartArguments<Workflow, Options>
): Promise<Handle<OutputOf<Workflow>>>;
declare function start<Workflow extends object = UnknownWorkflow>(
  workflow: string,
  ...rest: StartArguments<Workflow, Options>
): Promise<Handle<OutputOf<Workflow>>>;
declare function startClass<Workflow extends object>(
  workflow: WorkflowClass<Workflow>,
  ...rest: StartArguments<Workflow, Options>
): void;
declare const abstractClass: abstract new () => IsAbstract;

export async function rightUses(): Promise<void> {
  const order = await (await start(OrderWorkflow, { id: '1', items: [] }, { key: 'k' })).result();
  holds<Same<typeof order.total, number>>();

  const onboarding = await (await start(Onboarding, { userId: 'u' })).result();
  holds<Same<typeof onboarding, { messageId: string; days: number }>>();

  const sum = await (await start(Summing, { id: '1', items: [] })).result();
  holds<Same<typeof sum, { sum: number }>>();

  await start(TakesNothing);
  await start(TakesNothing, undefined, { key: 'k' });
  const five = await (await start(NoInput)).result();
  holds<Same<typeof five, number>>();
  await start(MaybeInput);
  await start(MaybeInput, { since: new Date() });

  const named = await (await start<OrderWorkflow>('process_order', { id: '1', items: [] })).result();
  holds<Same<typeof named.total, number>>();
  const unknown = await (await start('process_order', { anything: 1 }, { key: 'k' })).result();
  holds<Same<typeof unknown, unknown>>();
  await start('process_order');
}

export function misuses(): void {
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  startClass(OrderWorkflow, { id: 1, items: [] });
  // @ts-expect-error 'totl' does not exist in type
  startClass(OrderWorkflow, { id: '1', items: [], totl: 1 });
  // @ts-expect-error Expected 2-3 arguments, but got 1
  startClass(OrderWorkflow);
  // @ts-expect-error is missing in type '{}'
  startClass(Onboarding, {});
  // @ts-expect-error is not assignable to parameter of type 'void'
  startClass(TakesNothing, { id: '1' });
  // @ts-expect-error Did you mean to write 'key'
  startClass(NoInput, undefined, { keyy: 'k' });
  // @ts-expect-error This class is no workflow
  startClass(Mail, {});
  // @ts-expect-error Cannot assign an abstract constructor type
  startClass(abstractClass);
  // @ts-expect-error No overload matches this call
  void start<OrderWorkflow>('process_order', { id: 1, items: [] });
}
