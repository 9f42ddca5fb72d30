/**
 * What kind of answer a question wants: yes or no (`approval`), the fields of a `form`, one of several (`choice`),
 * any number of several (`choices`), or a `text`.
 *
 * @publicApi
 */
export type InputType = Question['type'];

/**
 * Something to choose: its value, or its value and what people read in its place.
 *
 * @publicApi
 */
export type Choice = string | { readonly value: string; readonly label?: string };

/** What a text has to be like. */
interface TextLimits {
  /** In characters, of which an emoji is one. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression that has to match the whole text, as in HTML: `'[A-Z]{2}[0-9]+'`. */
  readonly pattern?: string;
}

/** What may be chosen where several may be. */
interface SeveralOf {
  readonly choices: readonly Choice[];
  readonly minItems?: number;
  readonly maxItems?: number;
}

interface AnyField {
  /** @default the name of the field */
  readonly label?: string;
  readonly description?: string;
  /**
   * Whether the form cannot be answered without it. A `boolean` is there when it is true or false.
   *
   * @default false
   */
  readonly required?: boolean;
}

interface TextField extends AnyField, TextLimits {
  readonly type: 'text';
}

interface NumberField extends AnyField {
  readonly type: 'number';
  readonly min?: number;
  readonly max?: number;
  /** @default false */
  readonly integer?: boolean;
}

interface BooleanField extends AnyField {
  readonly type: 'boolean';
}

interface DateField extends AnyField {
  readonly type: 'date';
  /** A `Date`, or a text such as `2026-01-31` (of which a `max` takes in the whole day, in UTC) or `2026-01-31T09:00:00Z`. */
  readonly min?: Date | string;
  readonly max?: Date | string;
}

interface SelectField extends AnyField {
  readonly type: 'select';
  readonly choices: readonly Choice[];
}

interface MultiSelectField extends AnyField, SeveralOf {
  readonly type: 'multi-select';
}

/** @publicApi */
export type FormField = TextField | NumberField | BooleanField | DateField | SelectField | MultiSelectField;

/**
 * The fields of a form by their names, in the order in which they are shown.
 *
 * @publicApi
 */
export type FormFields = Readonly<Record<string, FormField>>;

interface AnyQuestion {
  /** What people read. */
  readonly prompt?: string;
}

interface ApprovalQuestion extends AnyQuestion {
  readonly type: 'approval';
}

interface FormQuestion extends AnyQuestion {
  readonly type: 'form';
  readonly fields: FormFields;
}

interface ChoiceQuestion extends AnyQuestion {
  readonly type: 'choice';
  readonly choices: readonly Choice[];
}

interface ChoicesQuestion extends AnyQuestion, SeveralOf {
  readonly type: 'choices';
}

interface TextQuestion extends AnyQuestion, TextLimits {
  readonly type: 'text';
}

/**
 * What somebody is asked, as it is stored and shown.
 *
 * @publicApi
 */
export type Question = ApprovalQuestion | FormQuestion | ChoiceQuestion | ChoicesQuestion | TextQuestion;

/**
 * The values among which `Choices` lets people choose.
 *
 * ```ts
 * ChoiceOf<readonly ['card', { value: 'cash'; label: 'Cash on delivery' }]>   // 'card' | 'cash'
 * ```
 *
 * @publicApi
 */
export type ChoiceOf<Choices extends readonly Choice[]> = ValueOfChoice<Choices[number]>;

type ValueOfChoice<Given> = Given extends string
  ? Given
  : Given extends { readonly value: infer Value }
    ? Value
    : never;

/**
 * The values of a form with these fields: those that are required, and others that may be absent.
 *
 * ```ts
 * AnswersOf<{ size: { type: 'select'; choices: ['s', 'm']; required: true }; due: { type: 'date' } }>
 * // { size: 's' | 'm'; due?: Date }
 * ```
 *
 * @publicApi
 */
export type AnswersOf<Fields extends FormFields> = Flat<
  {
    -readonly [Name in keyof Fields as IsRequired<Fields[Name]> extends true ? Name : never]: AnswerOf<
      Fields[Name]
    >;
  } & {
    -readonly [Name in keyof Fields as IsRequired<Fields[Name]> extends true ? never : Name]?: AnswerOf<
      Fields[Name]
    >;
  }
>;

/** Where it is not known before run time, the value may be absent. */
type IsRequired<Field extends FormField> = [Field] extends [{ readonly required: true }] ? true : false;

type AnswerOf<Field extends FormField> = Field extends { readonly choices: readonly Choice[] }
  ? Field['type'] extends 'select'
    ? ChoiceOf<Field['choices']>
    : ChoiceOf<Field['choices']>[]
  : Field['type'] extends keyof PlainAnswers
    ? PlainAnswers[Field['type']]
    : never;

interface PlainAnswers {
  readonly text: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly date: Date;
}

/** One object instead of two that overlap: what an editor shows, and what the compiler names. */
type Flat<Type> = { [Key in keyof Type]: Type[Key] };
