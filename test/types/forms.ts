import {
  type AnswersOf,
  type ChoiceOf,
  defineEvent,
  type EventDefinition,
  type FormFields,
  type InputType,
  type Question,
  type StandardSchema,
} from '../../lib/index.js';
import { holds, type Same } from './expect.js';
import { OnboardingDto } from './run.js';

/** What a function that asks sees of its fields. */
declare function ask<const Fields extends FormFields>(fields: Fields): AnswersOf<Fields>;

// Answers

const all = ask({
  text: {
    type: 'text',
    required: true,
    label: 'Text',
    description: 'Any',
    minLength: 1,
    maxLength: 9,
    pattern: '.*',
  },
  number: { type: 'number', required: true, min: 0, max: 9.5, integer: false },
  boolean: { type: 'boolean', required: true },
  date: { type: 'date', required: true, min: new Date(), max: '2030-01-01' },
  select: { type: 'select', required: true, choices: ['s', { value: 'm', label: 'Medium' }] },
  several: { type: 'multi-select', required: true, choices: ['a', { value: 'b' }], minItems: 1, maxItems: 2 },
});
holds<
  Same<
    typeof all,
    {
      text: string;
      number: number;
      boolean: boolean;
      date: Date;
      select: 's' | 'm';
      several: ('a' | 'b')[];
    }
  >
>();

declare const sometimes: boolean;
const some = ask({
  sure: { type: 'text', required: true },
  not: { type: 'number', required: false },
  unsaid: { type: 'multi-select', choices: ['a'] },
  atRunTime: { type: 'date', required: sometimes },
});
holds<Same<typeof some, { sure: string; not?: number; unsaid?: 'a'[]; atRunTime?: Date }>>();

declare const names: string[];
const atRunTime = ask({ name: { type: 'select', required: true, choices: names } });
holds<Same<typeof atRunTime, { name: string }>>();

declare const eitherKind: { type: 'text'; required: true } | { type: 'number'; required: true };
const either = ask({ it: eitherKind });
holds<Same<typeof either, { it: string | number }>>();

declare const any: FormFields;
export const anyAnswer: string | number | boolean | Date | string[] | undefined = ask(any)['x'];

const reused = { name: { type: 'text', required: true } } as const satisfies FormFields;
holds<Same<AnswersOf<typeof reused>, { name: string }>>();

// Choices

holds<
  Same<ChoiceOf<readonly ['card', { readonly value: 'cash'; readonly label: 'Cash' }]>, 'card' | 'cash'>
>();
holds<Same<ChoiceOf<string[]>, string>>();
holds<Same<InputType, 'approval' | 'form' | 'choice' | 'choices' | 'text'>>();

export const questions: Question[] = [
  { type: 'approval', prompt: 'Fine?' },
  { type: 'form', fields: reused },
  { type: 'choice', choices: ['a'] },
  { type: 'choices', choices: ['a', { value: 'b' }], minItems: 1 },
  { type: 'text', maxLength: 5 },
];

export function misusedQuestions(): void {
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  const text: number = all.text;
  // @ts-expect-error is possibly 'undefined'
  some.not.toFixed();
  // @ts-expect-error Property 'other' does not exist
  all.other;
  // @ts-expect-error This comparison appears to be unintentional
  if (all.select === 'l') return;
  // @ts-expect-error Type '"colour"' is not assignable to type
  ask({ a: { type: 'colour' } });
  // @ts-expect-error 'minLength' does not exist in type
  ({ a: { type: 'number', minLength: 1 } }) satisfies FormFields;
  // @ts-expect-error Property 'choices' is missing
  ask({ a: { type: 'select' } });
  // @ts-expect-error Type 'RegExp' is not assignable to type 'string'
  ask({ a: { type: 'text', pattern: /a/ } });
  // @ts-expect-error Type 'number' is not assignable to type 'Choice'
  ask({ a: { type: 'select', choices: [1] } });
  // @ts-expect-error Property 'fields' is missing
  questions.push({ type: 'form' });
  // @ts-expect-error 'choices' does not exist in type
  questions.push({ type: 'approval', choices: ['a'] });
}

// Events

interface Paid {
  total: number;
}

interface Refunded {
  reason: string;
}

const Bare = defineEvent('bare');
const Typed = defineEvent<Paid>('paid');
const Checked = defineEvent('onboarded', OnboardingDto);
declare const same: StandardSchema<Paid>;
declare const changing: StandardSchema<{ total: string }, Paid>;
declare const callable: StandardSchema<Paid> & ((value: unknown) => Paid);
const BySchema = defineEvent('paid', same);
const ByChanging = defineEvent('paid', changing);
const ByCallable = defineEvent('paid', callable);

holds<Same<typeof Bare, EventDefinition>>();
holds<Same<typeof Bare, EventDefinition<unknown, unknown>>>();
holds<Same<typeof Typed, EventDefinition<Paid>>>();
holds<Same<typeof Checked, EventDefinition<OnboardingDto, OnboardingDto>>>();
holds<Same<typeof BySchema, EventDefinition<Paid, Paid>>>();
holds<Same<typeof ByChanging, EventDefinition<Paid, { total: string }>>>();
holds<Same<typeof ByCallable, EventDefinition<Paid, Paid>>>();
holds<Same<typeof Typed.name, string>>();

/** What a function that takes any event, or one to wait for, or one to send, asks for. */
declare function takeAny(event: EventDefinition<unknown, never>): void;
declare function receive<Payload>(event: EventDefinition<Payload, never>): Payload;
declare function send<Sent>(event: EventDefinition<unknown, Sent>, payload: NoInfer<Sent>): void;

export function rightUses(): void {
  for (const event of [Bare, Typed, Checked, BySchema, ByChanging]) takeAny(event);
  const received = receive(ByChanging);
  holds<Same<typeof received, Paid>>();
  send(ByChanging, { total: '1' });
  send(Typed, { total: 1 });
  send(Bare, 'anything');
}

export function misusedEvents(): void {
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  send(ByChanging, { total: 1 });
  // @ts-expect-error Property 'total' is missing
  send(Typed, {});
  // @ts-expect-error Type 'EventDefinition<Paid, Paid>' is not assignable to type 'EventDefinition<Refunded, Refunded>'
  const other: EventDefinition<Refunded> = Typed;
  // @ts-expect-error is not assignable to type 'EventDefinition<Paid, Paid>'
  const back: EventDefinition<Paid> = other;
  // @ts-expect-error is not assignable to type 'EventDefinition<Paid | Refunded, Paid | Refunded>'
  const wider: EventDefinition<Paid | Refunded> = Typed;
  takeAny(back ?? wider);
  // @ts-expect-error Cannot assign to 'name' because it is a read-only property
  Typed.name = 'other';
  // @ts-expect-error No overload matches this call
  defineEvent('paid', (value: unknown) => value === 1);
  // @ts-expect-error No overload matches this call
  defineEvent('paid', { total: 'number' });
  // @ts-expect-error Argument of type 'typeof OnboardingDto' is not assignable to parameter of type 'string'
  defineEvent(OnboardingDto);
  // @ts-expect-error from type 'EventDefinition<unknown, never>'
  takeAny({ name: 'paid' });
}

class Paid2 {
  total!: number;
}

// Of a class, also the type that was written down.
holds<Same<ReturnType<typeof explicit>, EventDefinition<Paid2>>>();
export function explicit() {
  return defineEvent<Paid2>('paid', Paid2);
}
