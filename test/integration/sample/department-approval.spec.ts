import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ExecutionFinished,
  type ExecutionHandle,
  FatalError,
  InvalidAnswer,
  WorkflowTimeout,
} from 'nest-durable';
import { Company } from '../../../sample/department-approval/company.js';
import type { ContractData } from '../../../sample/department-approval/contract.js';
import { ContractWorkflow, Reminded } from '../../../sample/department-approval/contract.workflow.js';
import { ContractsModule } from '../../../sample/department-approval/contracts.module.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { causeOf, failureOf } from '../../support/outcome.js';
import { runSample } from './sample-process.js';
import { startSample } from './start-sample.js';

describe('A contract of the sample', () => {
  let app: DurableApp;
  let company: Company;

  beforeAll(async () => {
    app = await startSample(ContractsModule);
    company = app.module.get(Company, { strict: false });
  }, 60_000);

  afterAll(async () => {
    await app.close();
  });

  type Handle = ExecutionHandle<ContractData>;
  const open = async ({ id }: Handle): Promise<string[]> => {
    const { inputs } = await app.client.listPendingInputs({ executionId: id });
    return inputs.map(({ name, type }) => `${name} ${type}`).toSorted();
  };
  const asked = async (partner: string): Promise<Handle> => {
    const handle = await app.client.start(ContractWorkflow, { partner, amount: 100 });
    await eventually(async () => (await open(handle)).length === 3);
    return handle;
  };
  const safe = { storesPersonalData: false, region: 'elsewhere' };

  it('is signed with what three departments say, each in its own way', async () => {
    const handle = await asked('Acme');
    expect(await open(handle)).toEqual(['payment choice', 'safety form', 'terms approval']);

    await app.client.provideInput(handle.id, 'safety', { ...safe, reviewInMonths: 6 });
    await app.client.provideInput(handle.id, 'terms', 'approved', { by: 'lea', comment: 'fine' });
    await app.client.provideInput(handle.id, 'payment', 'this year');

    expect(await handle.result()).toMatchObject({
      security: { ...safe, reviewInMonths: 6 },
      clauses: 'fine',
      startsIn: 'this year',
      signedAs: expect.stringMatching(/^contract \d+$/),
    });
    expect(company.blocked).toContain('100 EUR for Acme');
  });

  it.each([
    ['legal', 'terms', 'rejected', /^lea does not sign: too long/, ['payment choice', 'safety form']],
    ['finance', 'payment', 'never', /^There is no money/, ['safety form', 'terms approval']],
    [
      'security',
      'safety',
      { storesPersonalData: true, region: 'elsewhere' },
      /^Hooli stores personal data/,
      ['payment choice', 'terms approval'],
    ],
  ])('ends with the no of %s: nobody else is asked any more', async (step, question, no, reason, others) => {
    const handle = await asked('Hooli');
    await app.client.provideInput(handle.id, question, no, { by: 'lea', comment: 'too long' });

    expect((await causeOf(handle, FatalError)).message).toMatch(reason);

    expect(await open(handle)).toEqual([]);
    expect(await handle.status()).toBe('compensated');
    expect(company.blocked).not.toContain('100 EUR for Hooli');
    const { steps = [] } = await app.client.getExecution(handle.id, { steps: true });
    const withdrawn = steps.filter(({ kind, status }) => kind === 'input' && status === 'withdrawn');
    expect(withdrawn.map(({ name }) => name).toSorted()).toEqual(others.map((each) => each.split(' ')[0]));
    expect(steps.filter(({ error }) => error instanceof FatalError).map(({ name }) => name)).toEqual([step]);
    for (const { name } of withdrawn) {
      await failureOf(app.client.provideInput(handle.id, name, true), ExecutionFinished);
    }
  });

  it('wants every field of the form to be right, and keeps the question open until then', async () => {
    const handle = await asked('Pied Piper');
    const wrong = await failureOf(
      app.client.provideInput(handle.id, 'safety', { region: 'the moon', reviewInMonths: 40 }),
      InvalidAnswer,
    );

    expect(wrong.fields.map(({ path }) => path)).toEqual(['storesPersonalData', 'region', 'reviewInMonths']);
    expect(await open(handle)).toContain('safety form');
    await handle.cancel();
  });

  it('has those reminded who have not answered, once, in every contract that is open', async () => {
    const [first, second] = [await asked('Vehement'), await asked('Massive')];
    await app.client.provideInput(first.id, 'terms', 'approved');
    await eventually(async () => (await open(first)).length === 2);

    await app.client.broadcast(Reminded, { from: 'Ann', because: 'it is Friday' }, { expiresIn: '1s' });

    await eventually(() => company.mail.length >= 5);
    const about = (partner: string): string[] =>
      company.mail.filter((mail) => mail.includes(partner)).map((mail) => mail.split(':')[0] ?? '');
    expect(about('Vehement').toSorted()).toEqual(['finance', 'security']);
    expect(about('Massive').toSorted()).toEqual(['finance', 'legal', 'security']);
    expect(await open(second)).toHaveLength(3);
    await app.client.provideInput(first.id, 'payment', 'next year');
    await app.client.provideInput(first.id, 'safety', safe);
    expect(await first.result()).toMatchObject({ startsIn: 'next year' });
    expect(about('Vehement')).toHaveLength(2);
    await second.cancel();
  });

  it('lets go of everything when its time is up', async () => {
    const handle = await app.client.start(
      ContractWorkflow,
      { partner: 'Initech', amount: 700 },
      { timeout: '1s' },
    );

    await causeOf(handle, WorkflowTimeout);

    expect(await handle.status()).toBe('compensated');
    expect(await open(handle)).toEqual([]);
    expect(company.blocked).not.toContain('700 EUR for Initech');
  });
});

describe('npm run sample:department-approval', () => {
  it('tells of a contract that is signed, one that is not, and one that nobody had time for', async () => {
    const { exitCode, printed, complaints } = await runSample('department-approval');

    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
    expect(
      printed.match(/^approve_contract v1 .*$/gm)?.map((line) => line.split('  ')[2]?.split(' ')[0]),
    ).toEqual(['completed', 'compensated', 'compensated']);
    expect(printed.match(/asks what you think of \w+/g)).toHaveLength(5);
    expect(printed).toContain('storesPersonalData is required');
    expect(printed).toMatch(/^ +result\(\) +contract 1, paid next year, without clause 7$/m);
    expect(printed).toMatch(/^ +result\(\) +throws FatalError: lea does not sign/m);
    expect(printed).toMatch(/^ +result\(\) +throws WorkflowTimeout/m);
    expect(printed.match(/^ +open +nothing$/gm)).toHaveLength(2);
  }, 60_000);
});
