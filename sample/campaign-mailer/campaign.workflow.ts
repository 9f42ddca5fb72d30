import { execution, FatalError, ForEach, Pipeline, Step, Workflow } from 'nest-durable';
import { Audience } from './audience.js';
import type { Campaign, CampaignData, CampaignSummary, Recipient } from './campaign.js';
import { MailboxUnknown, MailServer } from './mail-server.js';

/**
 * A letter to everybody on a list, twenty-five at a time. Each recipient is recorded for itself: after a crash those
 * who have their letter do not get another, and an address that takes none does not keep it from the others.
 */
@Workflow({ name: 'mail_campaign', output: 'report' })
export class CampaignWorkflow extends Pipeline<Campaign, CampaignData, CampaignSummary> {
  constructor(
    private readonly audience: Audience,
    private readonly server: MailServer,
  ) {
    super();
  }

  // The list is asked for once, and recorded: who is on it does not change any more. It is in no key of the data, so
  // it is stored once, and no step drags it along.
  @ForEach({ do: 'send', concurrency: 25, onError: 'continue', into: 'outcomes' })
  async eachRecipient({ list }: Campaign): Promise<Recipient[]> {
    return await this.audience.load(list);
  }

  @Step({ in: 'eachRecipient', retry: { maxAttempts: 4, base: '100ms' }, timeout: '5s' })
  async send({ subject }: Campaign, { name, email }: Recipient) {
    try {
      const text = `${subject}\n\nDear ${name}, …`;
      return { messageId: await this.server.send(email, text, execution().idempotencyKey) };
    } catch (error) {
      if (error instanceof MailboxUnknown) throw new FatalError(error.message, { cause: error });
      throw error;
    }
  }

  @Step()
  summarise({ outcomes }: CampaignData) {
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason.message] : [],
    );
    return { summary: { sent: outcomes.length - refused.length, refused } };
  }

  report({ summary }: CampaignData): CampaignSummary {
    return summary;
  }
}
