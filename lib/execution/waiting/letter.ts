import type { LetterType } from '../../storage/entities/workflow-event.entity.js';

/** Something that others have for the waits of an execution; the value still serialized. */
export interface Letter {
  readonly id: string;
  readonly type: LetterType | 'broadcast';
  /** The event's name, or that of the wait. */
  readonly name: string;
  readonly payload: string | null;
  /** The wait that it is for; null where any wait of its name may take it. */
  readonly waitSeq: number | null;
  /** When it was sent, by the database's time. */
  readonly at: number;
}
