import type { EntityManager } from 'typeorm';

/** A start as the intake takes it: checked, serialized, every default filled in; times in milliseconds. */
export interface StartRequest {
  readonly workflow: string;
  readonly version: number;
  readonly queue: string;
  readonly key: string | null;
  readonly priority: number;
  readonly input: string | null;
  readonly attributes: string | null;
  /** Undefined: at once. A moment that has passed is at once too. */
  readonly startAt: number | undefined;
  readonly delay: number | undefined;
  readonly expiresIn: number | undefined;
  readonly timeout: number | null;
  readonly originId: string | null;
  /** The caller's transaction, with which the start is committed or rolled back. */
  readonly manager: EntityManager | undefined;
}

export interface Started {
  readonly id: string;
  /** False where the key already had an execution with an equal input. */
  readonly created: boolean;
}
