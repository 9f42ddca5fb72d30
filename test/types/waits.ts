import {
  type AnswersOf,
  broadcast,
  defineEvent,
  type DurableClient,
  type EventDefinition,
  type InputAnswer,
  race,
  sendEvent,
  sleep,
  type StandardSchema,
  waitForAll,
  waitForAny,
  waitForApproval,
  waitForBroadcast,
  waitForChoice,
  waitForChoices,
  waitForEvent,
  waitForForm,
  waitForInput,
  waitForText,
} from '../../lib/index.js';
import { holds, type Same } from './expect.js';
import { Onboarding, OnboardingDto } from './run.js';

type Gives<Call extends (...args: never[]) => Promise<unknown>, Value> = Same<
  Awaited<ReturnType<Call>>,
  Value
>;

interface Paid {
  total: number;
}

const Paid = defineEvent<Paid>('payment.success');
const Failed = defineEvent<{ reason: string }>('payment.failed');
const Onboarded = defineEvent('onboarded', OnboardingDto);
declare const amounts: StandardSchema<{ total: string }, { total: number }>;
const Amount = defineEvent('amount', amounts);
const Bare = defineEvent('bare');

holds<Same<typeof Paid, EventDefinition<Paid>>>();
holds<Same<typeof Onboarded, EventDefinition<OnboardingDto>>>();
holds<Same<typeof Amount, EventDefinition<{ total: number }, { total: string }>>>();
holds<Same<typeof Bare, EventDefinition<unknown>>>();

// waitForEvent()

const event = () => waitForEvent(Paid);
const eventByName = () => waitForEvent('payment.success');
const eventTyped = () => waitForEvent<Paid>('payment.success');
const eventMade = () => waitForEvent(Amount);
const eventInTime = () => waitForEvent(Paid, { timeout: '1h' });
const eventOrNull = () => waitForEvent(Paid, { timeout: '1h', timeoutValue: null });
const eventOrText = () => waitForEvent(Paid, { timeout: '1h', timeoutValue: 'late' });
const eventMatched = () => waitForEvent(Paid, { match: (paid) => paid.total > 0 });
const eventTypedOrNull = () => waitForEvent<Paid>('payment.success', { timeout: 5, timeoutValue: null });

holds<Gives<typeof event, Paid>>();
holds<Gives<typeof eventByName, unknown>>();
holds<Gives<typeof eventTyped, Paid>>();
holds<Gives<typeof eventMade, { total: number }>>();
holds<Gives<typeof eventInTime, Paid | undefined>>();
holds<Gives<typeof eventOrNull, Paid | null>>();
holds<Gives<typeof eventOrText, Paid | 'late'>>();
holds<Gives<typeof eventMatched, Paid>>();
holds<Gives<typeof eventTypedOrNull, Paid | null | undefined>>();

// waitForAny(), waitForAll()

const any = () => waitForAny(['a', 'b']);
const anyOrExpired = () => waitForAny(['a'], { timeout: '7d', timeoutValue: { event: 'expired' } });
const anyDefined = () => waitForAny([Paid, Failed]);
const all = () => waitForAll(['legal', 'finance']);
const allInTime = () => waitForAll(['legal', 'finance'], { timeout: '5d' });
const allOrNull = () => waitForAll(['legal'], { timeout: '5d', timeoutValue: null });

holds<
  Gives<
    typeof any,
    { readonly event: 'a'; readonly payload: unknown } | { readonly event: 'b'; readonly payload: unknown }
  >
>();
holds<Same<Awaited<ReturnType<typeof anyDefined>>['payload'], Paid | { reason: string }>>();
holds<Same<Awaited<ReturnType<typeof anyDefined>>['event'], string>>();
holds<Same<Extract<Awaited<ReturnType<typeof anyOrExpired>>, { payload: unknown }>['event'], 'a'>>();
holds<Same<Exclude<Awaited<ReturnType<typeof anyOrExpired>>, { payload: unknown }>['event'], 'expired'>>();
holds<Gives<typeof all, { readonly legal: unknown; readonly finance: unknown }>>();
holds<Gives<typeof allInTime, { readonly legal: unknown; readonly finance: unknown } | undefined>>();
holds<Gives<typeof allOrNull, { readonly legal: unknown } | null>>();

// waitForBroadcast(), race()

const rate = () => waitForBroadcast<number>('rates', { scope: 'EUR' });
const rateInTime = () => waitForBroadcast<number>('rates', { scope: 'EUR', timeout: '1h' });
const rateDefined = () => waitForBroadcast(Paid, { timeout: '1h', timeoutValue: 'late' });
const first = () => race({ paid: waitForEvent(Paid), late: sleep('1d') });

holds<Gives<typeof rate, number>>();
holds<Gives<typeof rateInTime, number | undefined>>();
holds<Gives<typeof rateDefined, Paid | 'late'>>();
holds<
  Gives<
    typeof first,
    { readonly key: 'paid'; readonly value: Paid } | { readonly key: 'late'; readonly value: void }
  >
>();

export async function narrows(): Promise<number> {
  const winner = await first();
  return winner.key === 'paid' ? winner.value.total : 0;
}

// Questions

const approval = () => waitForApproval('manager');
const approvalAsked = () =>
  waitForApproval('manager', { prompt: 'Ok?', assignees: ['ann'], metadata: { a: 1 } });
const approvalInTime = () => waitForApproval('manager', { timeout: '3d' });
const approvalOr = () => waitForApproval('manager', { timeout: '3d', timeoutValue: 'auto_rejected' });
const approvalOrError = () => waitForApproval('manager', { timeout: '3d', onTimeout: 'fail' });
const choice = () => waitForChoice('how', { choices: ['card', { value: 'cash', label: 'Cash' }] });
const choices = () => waitForChoices('what', { choices: ['a', 'b'], maxItems: 1, timeout: 5 });
const text = () => waitForText('why', { maxLength: 100, timeout: 5, timeoutValue: null });
const form = () =>
  waitForForm('equipment', {
    fields: {
      size: { type: 'select', choices: ['s', 'm'], required: true },
      extras: { type: 'multi-select', choices: ['bag', 'mouse'] },
      name: { type: 'text', required: true, maxLength: 10 },
      amount: { type: 'number', min: 1 },
      agreed: { type: 'boolean', required: true },
      due: { type: 'date' },
    },
  });
const input = () => waitForInput('any', { type: 'choices', choices: ['x', 'y'] });
const inputOr = () =>
  waitForInput('any', { type: 'text', timeout: 5, timeoutValue: 'none', onTimeout: 'resume' });
const inputForm = () =>
  waitForInput('any', { type: 'form', fields: { on: { type: 'date', required: true } } });

holds<Gives<typeof approval, 'approved' | 'rejected'>>();
holds<Gives<typeof approvalAsked, 'approved' | 'rejected'>>();
holds<Gives<typeof approvalInTime, 'approved' | 'rejected' | undefined>>();
holds<Gives<typeof approvalOr, 'approved' | 'rejected' | 'auto_rejected'>>();
holds<Gives<typeof approvalOrError, 'approved' | 'rejected'>>();
holds<Gives<typeof choice, 'card' | 'cash'>>();
holds<Gives<typeof choices, ('a' | 'b')[] | undefined>>();
holds<Gives<typeof text, string | null>>();
holds<
  Gives<
    typeof form,
    {
      size: 's' | 'm';
      extras?: ('bag' | 'mouse')[];
      name: string;
      amount?: number;
      agreed: boolean;
      due?: Date;
    }
  >
>();
holds<Gives<typeof input, InputAnswer<('x' | 'y')[]>>>();
holds<Gives<typeof inputOr, InputAnswer<string> | 'none'>>();
holds<Gives<typeof inputForm, InputAnswer<{ on: Date }>>>();
holds<Same<AnswersOf<{ on: { type: 'boolean'; required: false } }>, { on?: boolean }>>();

// Who sends

export async function sends(client: DurableClient): Promise<void> {
  await client.sendEvent('id', Paid, { total: 1 }, { idempotencyKey: 'k' });
  await client.sendEvent({ workflow: Onboarding, key: 'k' }, 'by name', { any: 'thing' });
  await client.sendEvent('id', Amount, { total: '1' });
  await client.sendEvent('id', 'nothing');
  await client.broadcast(Paid, { total: 1 }, { expiresIn: '1h' });
  await client.broadcast('rates', 1, { scope: 'EUR' });
  await client.startWithEvent(Onboarding, { userId: 'u' }, { key: 'k', event: Paid, payload: { total: 1 } });
  await client.startWithEvent('onboarding', { any: 'thing' }, { key: 'k', event: 'paid' });
  await client.provideInput('id', { inputId: 'id.1' }, { any: 'thing' }, { by: 'ann', comment: 'fine' });
  await client.cancelWait('id', { waitId: 'id.1' }, 'why');
  await client.listPendingInputs({ workflow: Onboarding, assignee: 'ann', dueBefore: new Date() });
  await client.listPendingEvents({ event: 'a', executionId: 'id', limit: 5 });
  await sendEvent('id', Paid, { total: 1 });
  await broadcast(Paid, { total: 1 }, { scope: 'EUR' });
}

export async function misuses(client: DurableClient): Promise<void> {
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  await client.sendEvent('id', Paid, { total: '1' });
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  await client.sendEvent('id', Amount, { total: 1 });
  // @ts-expect-error 'key' does not exist
  await client.sendEvent('id', Paid, { total: 1 }, { key: 'k' });
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  await sendEvent('id', Paid, { total: '1' });
  // @ts-expect-error Argument of type '{}' is not assignable
  await client.broadcast(Paid, { total: 1 }, {});
  // @ts-expect-error Expected 3
  await client.broadcast(Paid, { total: 1 });
  // @ts-expect-error is not assignable to parameter of type 'BroadcastOptions'
  await broadcast(Paid, { total: 1 }, {});
  // @ts-expect-error Property 'key' is missing
  await client.startWithEvent(Onboarding, { userId: 'u' }, { event: Paid, payload: { total: 1 } });
  const user = { userId: 'u' };
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  await client.startWithEvent(Onboarding, user, { key: 'k', event: Paid, payload: { total: '1' } });
  // @ts-expect-error 'event' does not exist
  await client.listPendingInputs({ event: 'a' });

  // @ts-expect-error Property 'totals' does not exist on type 'Paid'
  await waitForEvent(Paid, { match: (paid) => paid.totals > 0 });
  // @ts-expect-error No overload matches this call
  await waitForEvent(Paid, { match: async () => true });
  // @ts-expect-error No overload matches this call
  await waitForEvent(Paid, { timeoutValue: null });
  // @ts-expect-error No overload matches this call
  await waitForEvent(Paid, { timeOut: '1h' });
  // @ts-expect-error Argument of type 'string' is not assignable to parameter of type
  await waitForAny('a');
  // @ts-expect-error No overload matches this call
  await waitForBroadcast('rates', { match: () => true });
  // @ts-expect-error No overload matches this call
  await waitForApproval('manager', { timeoutValue: 'late' });
  // @ts-expect-error No overload matches this call
  await waitForApproval('manager', { onTimeout: 'fail' });
  // @ts-expect-error No overload matches this call
  await waitForApproval('manager', { timeout: 5, timeoutValue: 'late', onTimeout: 'fail' });
  // @ts-expect-error No overload matches this call
  await waitForChoice('how', {});
  // @ts-expect-error No overload matches this call
  await waitForForm('equipment', { fields: { a: { type: 'color' } } });
  // @ts-expect-error No overload matches this call
  await waitForInput('any', { type: 'texts' });
  // @ts-expect-error is not assignable to type 'Promise<unknown>'
  await race({ a: 5 });
  // @ts-expect-error This comparison appears to be unintentional
  if ((await approval()) === 'aproved') return;
}
