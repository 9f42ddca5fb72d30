import {
  Compensate,
  defineEvent,
  execution,
  FatalError,
  Parallel,
  Pipeline,
  Step,
  step,
  type Undo,
  waitForBroadcast,
  waitForChoice,
  waitForForm,
  waitForInput,
  Workflow,
} from 'nest-durable';
import { Company } from './company.js';
import { type Contract, type ContractData, type Reminder, securityFields } from './contract.js';

export const Reminded = defineEvent<Reminder>('contracts.reminded');

/**
 * Three departments are asked at once, each in its own way. Where one says no, nobody has to hear the others: their
 * questions are gone, and so is the budget that was blocked. The same goes for a contract whose time is up.
 */
@Workflow({ name: 'approve_contract' })
export class ContractWorkflow extends Pipeline<Contract, ContractData> {
  constructor(private readonly company: Company) {
    super();
  }

  @Step()
  async blockBudget({ partner, amount }: Contract) {
    return { budget: await this.company.block(partner, amount, execution().idempotencyKey) };
  }

  @Compensate('blockBudget')
  async releaseBudget(_contract: Contract, { result }: Undo<{ budget: string }>) {
    await this.company.release(result.budget);
  }

  @Parallel(['legal', 'finance', 'security'])
  departments() {}

  @Step({ in: 'departments' })
  async legal({ partner }: Contract) {
    const question = waitForInput('terms', {
      type: 'approval',
      prompt: `Do we sign the terms of ${partner}?`,
      assignees: ['lea'],
    });
    const { value, by, comment } = await this.#answerTo(question, 'legal', partner);
    if (value === 'rejected') throw new FatalError(`${by} does not sign: ${comment}`);
    return { clauses: comment };
  }

  @Step({ in: 'departments' })
  async finance({ partner, amount }: Contract) {
    const question = waitForChoice('payment', {
      prompt: `When do we pay ${amount} EUR to ${partner}?`,
      choices: ['this year', 'next year', { value: 'never', label: 'We do not have it' }],
      assignees: ['finn'],
    });
    const startsIn = await this.#answerTo(question, 'finance', partner);
    if (startsIn === 'never') throw new FatalError(`There is no money for ${partner}`);
    return { startsIn };
  }

  @Step({ in: 'departments' })
  async security({ partner }: Contract) {
    const question = waitForForm('safety', {
      prompt: `How safe is ${partner}?`,
      fields: securityFields,
      assignees: ['sara', 'sven'],
    });
    const answers = await this.#answerTo(question, 'security', partner);
    if (answers.storesPersonalData && answers.region !== 'EU') {
      throw new FatalError(`${partner} stores personal data outside of the EU`);
    }
    return { security: answers };
  }

  @Step()
  async sign({ partner }: Contract) {
    return { signedAs: await this.company.sign(partner) };
  }

  /**
   * The answer; and a mail, if somebody reminds everybody before it is there. `Promise.race` leaves the question open,
   * where `race()` would withdraw it. The mail is a step, because this body may begin again when the answer comes.
   */
  async #answerTo<Answer>(question: Promise<Answer>, department: string, partner: string): Promise<Answer> {
    const reminder = await Promise.race([question.then(() => undefined), waitForBroadcast(Reminded)]);
    if (reminder !== undefined) {
      const text = `${reminder.from} asks what you think of ${partner}, because ${reminder.because}`;
      await step('remind', () => this.company.write(department, text));
    }
    return await question;
  }
}
