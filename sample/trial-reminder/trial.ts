import type { Duration } from 'nest-durable';

export interface Trial {
  user: string;
  /** How long to wait before the first reminder, and before each other one. */
  remindAfter: Duration[];
  /** How long the last one is given. */
  closeAfter: Duration;
  /** Where the user is: letters arrive at nine in the morning, on days on which people work. */
  timezone?: string;
}

export interface Upgrade {
  plan: 'small' | 'large';
}

export interface TrialResult {
  plan: Upgrade['plan'] | 'none';
  /** How often we had to ask. */
  reminders: number;
}
