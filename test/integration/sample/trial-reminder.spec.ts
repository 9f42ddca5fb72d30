import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ExecutionHandle } from 'nest-durable';
import { Mail } from '../../../sample/trial-reminder/mail.js';
import type { Trial, TrialResult } from '../../../sample/trial-reminder/trial.js';
import { TrialWorkflow, Upgraded } from '../../../sample/trial-reminder/trial.workflow.js';
import { TrialsModule } from '../../../sample/trial-reminder/trials.module.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { runSample } from './sample-process.js';
import { startSample } from './start-sample.js';

describe('A trial of the sample', () => {
  let app: DurableApp;
  let mail: Mail;

  beforeAll(async () => {
    app = await startSample(TrialsModule);
    mail = app.module.get(Mail, { strict: false });
  }, 60_000);

  afterAll(async () => {
    await app.close();
  });

  const start = async (trial: Trial) => await app.client.start(TrialWorkflow, trial, { key: trial.user });
  const upgrade = async (user: string) =>
    await app.client.sendEvent({ workflow: TrialWorkflow, key: user }, Upgraded, { plan: 'small' });
  const stepsOf = async ({ id }: ExecutionHandle<TrialResult>) => {
    const { steps = [] } = await app.client.getExecution(id, { steps: true });
    return steps.map(({ path, status }) => `${path} ${status}`);
  };

  it('ends with good-bye after its reminders', async () => {
    const handle = await start({ user: 'Ben', remindAfter: [20, 10], closeAfter: 15 });

    expect(await handle.result()).toEqual({ plan: 'none', reminders: 2 });
    expect(mail.to('Ben')).toEqual(['welcome', 'reminder 1', 'reminder 2', 'good-bye']);
    expect(await stepsOf(handle)).toEqual([
      'write completed',
      'trial.upgraded timed_out',
      'write#2 completed',
      'trial.upgraded#2 timed_out',
      'write#3 completed',
      'trial.upgraded#3 timed_out',
      'write#4 completed',
    ]);
  });

  it('needs no reminder where its user upgrades at once', async () => {
    const handle = await start({ user: 'Ada', remindAfter: ['4d'], closeAfter: '3d' });
    await upgrade('Ada');

    expect(await handle.result()).toEqual({ plan: 'small', reminders: 0 });
    expect(mail.to('Ada')).toEqual(['welcome', 'thank you for the small plan']);
  });

  it('counts the reminders that it took', async () => {
    const handle = await start({ user: 'Cleo', remindAfter: [20, '4d'], closeAfter: '3d' });
    await eventually(() => mail.to('Cleo').includes('reminder 1'));
    await upgrade('Cleo');

    expect(await handle.result()).toEqual({ plan: 'small', reminders: 1 });
  });

  it('waits for the morning of a working day, unless its user upgrades before that', async () => {
    const handle = await start({ user: 'Eve', remindAfter: [20], closeAfter: 20, timezone: 'Asia/Tokyo' });
    await eventually(async () => (await stepsOf(handle)).includes('sleepUntil waiting'));

    const { steps = [] } = await app.client.getExecution(handle.id, { steps: true });
    const morning = steps.find(({ name }) => name === 'sleepUntil')?.dueAt;
    expect(
      morning?.toLocaleString('en-GB', {
        timeZone: 'Asia/Tokyo',
        weekday: 'long',
        timeStyle: undefined,
        hour: '2-digit',
        minute: '2-digit',
      }),
    ).toMatch(/^(?:Mon|Tues|Wednes|Thurs|Fri)day.* 09:00$/);
    await upgrade('Eve');

    expect(await handle.result()).toEqual({ plan: 'small', reminders: 0 });
    expect(await stepsOf(handle)).toEqual([
      'write completed',
      'trial.upgraded timed_out',
      'trial.upgraded#2 completed',
      'sleepUntil withdrawn',
      'write#2 completed',
    ]);
  });
});

describe('npm run sample:trial-reminder', () => {
  it('tells of three trials: upgraded, run out, and waiting for nine in the morning', async () => {
    const { exitCode, printed, complaints } = await runSample('trial-reminder');

    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
    expect(printed.match(/^ +plan .*$/gm)?.map((line) => line.trim().replace(/ +/, ' '))).toEqual([
      'plan large, after 0 reminders',
      'plan none, after 2 reminders',
      'plan small, after 0 reminders',
    ]);
    expect(printed).toMatch(/^ +mail +welcome, reminder 1, reminder 2, good-bye$/m);
    expect(printed).toMatch(/^ +goes on +(?:Mon|Tues|Wednes|Thurs|Fri)day, .* 09:00$/m);
    expect(printed).toMatch(/^– sleepUntil .*withdrawn$/m);
  }, 60_000);
});
