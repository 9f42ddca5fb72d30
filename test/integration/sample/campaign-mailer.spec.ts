import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CampaignWorkflow } from '../../../sample/campaign-mailer/campaign.workflow.js';
import { CampaignsModule } from '../../../sample/campaign-mailer/campaigns.module.js';
import { MailServer } from '../../../sample/campaign-mailer/mail-server.js';
import type { DurableApp } from '../../support/durable-app.js';
import { runSample } from './sample-process.js';
import { startSample } from './start-sample.js';

describe('The campaign of the sample', () => {
  let app: DurableApp;
  let server: MailServer;

  beforeAll(async () => {
    app = await startSample(CampaignsModule);
    server = app.module.get(MailServer, { strict: false });
  }, 60_000);

  afterAll(async () => {
    await app.close();
  });

  it('reaches everybody once, also where answers get lost, and says who could not be reached', async () => {
    const send = server.send.bind(server);
    const lost = new Set(['ada.0@example.com', 'hana.399@example.com']);
    jest.spyOn(server, 'send').mockImplementation(async (email, text, key) => {
      const messageId = await send(email, text, key);
      if (lost.delete(email)) throw new TypeError('The answer was lost');
      return messageId;
    });

    const handle = await app.client.start(CampaignWorkflow, { list: 'customers', subject: 'Hello' });

    expect(await handle.result()).toEqual({
      sent: 396,
      refused: [57, 157, 257, 357].map((index) => expect.stringContaining(`.${index}@moved.example`)),
    });
    expect(server.delivered).toBe(396);
    expect(server.peak).toBe(25);
    const { steps = [] } = await app.client.getExecution(handle.id, { steps: true });
    const of = (index: number): string[] =>
      steps
        .filter(({ path }) => path === `eachRecipient/${index}/send`)
        .map(({ status, attempt }) => `${status} ${attempt}`);
    expect([of(0), of(13), of(57), of(58)]).toEqual([
      ['attempt_failed 1', 'completed 2'],
      ['attempt_failed 1', 'completed 2'],
      ['failed 1'],
      ['completed 1'],
    ]);
    jest.restoreAllMocks();
  });
});

describe('npm run sample:campaign-mailer', () => {
  it('shows how the campaign goes on, and what came of it', async () => {
    const { exitCode, printed, complaints } = await runSample('campaign-mailer');

    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
    expect(printed).toMatch(/^ +█{40} 396 sent, 4 failed, 0 under way, 400 in all$/m);
    expect(printed).toMatch(/^mail_campaign v1 .* completed in/m);
    expect(printed).toContain('400 items, 396 done, 4 failed');
    expect(printed).toMatch(/^ +sent +396, and the server delivered 396$/m);
  }, 60_000);
});
