import type { FormFields, InputType, Choice, Question } from '../intake/forms/question.js';

/**
 * What is known of every open wait.
 *
 * @publicApi
 */
export interface PendingWait {
  /** Names the wait, also where its execution has several of one name. */
  readonly waitId: string;
  readonly executionId: string;
  readonly workflow: string;
  /** Where it was called: `approve/manager` for one in the step `approve`. */
  readonly path: string;
  readonly openedAt: Date;
  /** When its time is up. */
  readonly dueAt: Date | undefined;
}

/**
 * A question that nobody has answered yet.
 *
 * @publicApi
 */
export interface PendingInput extends PendingWait {
  /** The `waitId`: pass it to `provideInput()` where an execution has several questions of one name. */
  readonly inputId: string;
  readonly name: string;
  readonly type: InputType;
  readonly prompt: string | undefined;
  readonly assignees: readonly string[];
  readonly metadata: unknown;
  /** Of a form. */
  readonly fields: FormFields | undefined;
  /** Of a choice. */
  readonly choices: readonly Choice[] | undefined;
  /** All that was asked, with the limits of the answer. */
  readonly question: Question;
}

/**
 * A wait for events, or for a broadcast.
 *
 * @publicApi
 */
export interface PendingEvent extends PendingWait {
  /** `event`: one of one name; `any`: the first of several; `all`: one of each; `broadcast`. */
  readonly kind: 'event' | 'any' | 'all' | 'broadcast';
  /** The names of the events that it is for. */
  readonly events: readonly string[];
  /** Of a broadcast. */
  readonly scope: string | undefined;
}

/** @publicApi */
export interface PendingWaitFilter {
  /** The class, or the name. */
  readonly workflow?: string | (abstract new (...args: never[]) => object);
  readonly executionId?: string;
  readonly dueBefore?: Date;
  /** @default 50 */
  readonly limit?: number;
  /** That of the page before. */
  readonly cursor?: string;
}

/** @publicApi */
export interface PendingInputFilter extends PendingWaitFilter {
  readonly name?: string;
  /** One of those who are asked. */
  readonly assignee?: string;
}

/** @publicApi */
export interface PendingEventFilter extends PendingWaitFilter {
  /** The name of an event that would end the wait. */
  readonly event?: string;
}

/** @publicApi */
export interface PendingInputPage {
  readonly inputs: PendingInput[];
  /** Pass it to get the next page; undefined on the last one. */
  readonly cursor: string | undefined;
}

/** @publicApi */
export interface PendingEventPage {
  readonly events: PendingEvent[];
  /** Pass it to get the next page; undefined on the last one. */
  readonly cursor: string | undefined;
}
