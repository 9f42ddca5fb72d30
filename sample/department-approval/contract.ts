import type { AnswersOf } from 'nest-durable';

export interface Contract {
  partner: string;
  /** In euros. */
  amount: number;
}

/** What everybody is told who has not said yet what they think. */
export interface Reminder {
  from: string;
  because: string;
}

/** What the security department wants to know of itself. */
export const securityFields = {
  storesPersonalData: { type: 'boolean', required: true, label: 'Do they store personal data?' },
  region: { type: 'select', choices: ['EU', 'elsewhere'], required: true, label: 'Where are their servers?' },
  reviewInMonths: { type: 'number', integer: true, min: 1, max: 36, label: 'When do we look again?' },
} as const;

/** What becomes known of a contract on its way. */
export interface ContractData extends Contract {
  budget: string;
  clauses: string | undefined;
  startsIn: 'this year' | 'next year';
  security: AnswersOf<typeof securityFields>;
  signedAs: string;
}
