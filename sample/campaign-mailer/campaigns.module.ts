import { Module } from '@nestjs/common';
import { Audience } from './audience.js';
import { CampaignWorkflow } from './campaign.workflow.js';
import { MailServer } from './mail-server.js';

@Module({ providers: [CampaignWorkflow, Audience, MailServer], exports: [MailServer] })
export class CampaignsModule {}
