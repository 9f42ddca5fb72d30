import { isUuid } from '../identity/uuid-text.js';

/** A wait as the database knows it: the line of an execution that opened it. */
export interface WaitPlace {
  readonly executionId: string;
  readonly seq: number;
}

/** The id under which a wait is shown to people and named by them. */
export function waitIdOf({ executionId, seq }: WaitPlace): string {
  return `${executionId}.${seq}`;
}

/** The wait that an id names; undefined where it is no such id. */
export function waitPlaceOf(id: unknown): WaitPlace | undefined {
  const [, executionId = '', seq] = (typeof id === 'string' ? /^(.{36})\.(\d{1,9})$/.exec(id) : null) ?? [];
  return isUuid(executionId) ? { executionId: executionId.toLowerCase(), seq: Number(seq) } : undefined;
}
