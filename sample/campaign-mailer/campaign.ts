import type { Settled } from 'nest-durable';

export interface Campaign {
  list: string;
  subject: string;
}

export interface Recipient {
  name: string;
  email: string;
}

export interface CampaignSummary {
  sent: number;
  /** Why the others got nothing, in the words of the mail server. */
  refused: string[];
}

export interface CampaignData extends Campaign {
  /** Of each recipient the id of the message, or why there is none. */
  outcomes: Settled<{ messageId: string }>[];
  messageId: string;
  summary: CampaignSummary;
}
