import {
  defineEvent,
  execution,
  nextBusinessDay,
  race,
  Run,
  sleepUntil,
  Step,
  waitForEvent,
  Workflow,
} from 'nest-durable';
import { Mail } from './mail.js';
import type { Trial, TrialResult, Upgrade } from './trial.js';

export const Upgraded = defineEvent<Upgrade>('trial.upgraded');

/**
 * A trial, as one function that lasts for weeks. How long it waits is in its input: milliseconds in a test, and a week
 * more for a customer who asks for it.
 */
@Workflow({ name: 'trial' })
export class TrialWorkflow {
  constructor(private readonly mail: Mail) {}

  @Run()
  async run({ user, remindAfter, closeAfter, timezone }: Trial): Promise<TrialResult> {
    await this.write(user, 'welcome');
    let reminders = 0;
    for (const pause of remindAfter) {
      const upgrade =
        (await waitForEvent(Upgraded, { timeout: pause })) ?? (await this.untilMorning(timezone));
      if (upgrade !== undefined) return await this.thank(user, upgrade, reminders);
      reminders += 1;
      await this.write(user, `reminder ${reminders}`);
    }
    const last = await waitForEvent(Upgraded, { timeout: closeAfter });
    if (last !== undefined) return await this.thank(user, last, reminders);
    await this.write(user, 'good-bye');
    return { plan: 'none', reminders };
  }

  @Step()
  async write(user: string, text: string): Promise<void> {
    await this.mail.send(user, text, execution().idempotencyKey);
  }

  /** Nobody reads at night. Who upgrades meanwhile is not reminded any more. */
  private async untilMorning(timezone: string | undefined): Promise<Upgrade | undefined> {
    if (timezone === undefined) return undefined;
    const first = await race({
      upgraded: waitForEvent(Upgraded),
      morning: sleepUntil(nextBusinessDay({ hour: 9, timezone })),
    });
    return first.key === 'upgraded' ? first.value : undefined;
  }

  private async thank(user: string, { plan }: Upgrade, reminders: number): Promise<TrialResult> {
    await this.write(user, `thank you for the ${plan} plan`);
    return { plan, reminders };
  }
}
