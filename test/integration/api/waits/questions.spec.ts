import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type DurableClient,
  InputSettled,
  InvalidAnswer,
  InvalidArgument,
  type InvalidField,
  waitForApproval,
  waitForChoice,
  waitForChoices,
  waitForEvent,
  waitForForm,
  waitForInput,
  waitForText,
} from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { failureOf } from '../../../support/outcome.js';
import { HASTY } from '../../../support/restart.js';
import { begin, Coded, fault, listening, parked } from './coded.js';

const fields = {
  name: { type: 'text', required: true, minLength: 2, maxLength: 5, pattern: '[a-z]+' },
  amount: { type: 'number', min: 1, max: 10, integer: true },
  agreed: { type: 'boolean', required: true },
  due: { type: 'date', min: '2026-01-01', max: '2026-12-31' },
  size: { type: 'select', choices: ['s', { value: 'm', label: 'Medium' }] },
  extras: { type: 'multi-select', choices: ['bag', 'mouse', 'screen'], minItems: 1, maxItems: 2 },
} as const;

interface Asked {
  readonly ask: () => Promise<unknown>;
  readonly wrong: readonly (readonly [unknown, readonly InvalidField[]])[];
  readonly right: readonly (readonly [given: unknown, value: unknown])[];
}

const whole = (...messages: string[]): InvalidField[] => [{ path: '$', messages }];

const questions: Readonly<Record<string, Asked>> = {
  'an approval': {
    ask: () => waitForApproval('q'),
    wrong: [
      ['yes', whole("must be 'approved' or 'rejected'")],
      [null, whole("must be 'approved' or 'rejected'")],
      [{}, whole("must be 'approved' or 'rejected'")],
    ],
    right: [
      ['approved', 'approved'],
      [false, 'rejected'],
    ],
  },
  'a choice': {
    ask: () => waitForChoice('q', { choices: ['card', { value: 'cash', label: 'Cash' }] }),
    wrong: [
      ['Cash', whole("must be one of 'card', 'cash'")],
      [['card'], whole("must be one of 'card', 'cash'")],
      [undefined, whole("must be one of 'card', 'cash'")],
    ],
    right: [['cash', 'cash']],
  },
  'several choices': {
    ask: () => waitForChoices('q', { choices: ['a', 'b', 'c'], minItems: 1, maxItems: 2 }),
    wrong: [
      ['a', whole("must be a list of choices: 'a', 'b', 'c'")],
      [[], whole('must be at least 1 choice')],
      [['a', 'b', 'c'], whole('must be at most 2 choices')],
      [['a', 'a'], whole("must be a list of choices, each at most once: 'a', 'b', 'c'")],
      [['x'], whole("must be a list of choices, each at most once: 'a', 'b', 'c'")],
    ],
    right: [
      [
        ['c', 'a'],
        ['a', 'c'],
      ],
    ],
  },
  'a text': {
    ask: () => waitForText('q', { minLength: 2, maxLength: 4, pattern: '[a-z]+' }),
    wrong: [
      [5, whole('must be a text')],
      ['a', whole('must be at least 2 characters long')],
      ['abcde', whole('must be at most 4 characters long')],
      ['A', whole('must be at least 2 characters long', 'must match the pattern [a-z]+')],
      ['a\0b', whole('must be without NUL and lone surrogates')],
    ],
    right: [['abc', 'abc']],
  },
  'a form': {
    ask: () => waitForForm('q', { fields }),
    wrong: [
      ['text', whole('must be an object with the fields of the form')],
      [[], whole('must be an object with the fields of the form')],
      [
        {},
        [
          { path: 'name', messages: ['is required'] },
          { path: 'agreed', messages: ['is required'] },
        ],
      ],
      [
        {
          name: 'A',
          amount: 10.5,
          agreed: 'yes',
          due: '2027-01-01',
          size: 'l',
          extras: ['bag', 'mouse', 'screen'],
          sise: 's',
        },
        [
          { path: 'name', messages: ['must be at least 2 characters long', 'must match the pattern [a-z]+'] },
          { path: 'amount', messages: ['must be a whole number', 'must be at most 10'] },
          { path: 'agreed', messages: ['must be true or false'] },
          { path: 'due', messages: ['must not be after 2026-12-31'] },
          { path: 'size', messages: ["must be one of 's', 'm'"] },
          { path: 'extras', messages: ['must be at most 2 choices'] },
          { path: 'sise', messages: ["is no field of this form: did you mean 'size'?"] },
        ],
      ],
    ],
    right: [
      [
        { name: 'ann', agreed: false, due: '2026-02-03', extras: ['screen', 'bag'], amount: null },
        { name: 'ann', agreed: false, due: new Date('2026-02-03'), extras: ['bag', 'screen'] },
      ],
    ],
  },
};

const wrongQuestions: Readonly<Record<string, () => Promise<unknown>>> = {
  'waitForInput: no name': () => waitForInput(undefined as never, { type: 'text' }),
  'waitForInput: a name with NUL': () => waitForInput('a\0', { type: 'text' }),
  'waitForInput: no question': () => waitForInput('a', undefined as never),
  'waitForInput: null': () => waitForInput('a', null as never),
  'waitForInput: no type': () => waitForInput('a', {} as never),
  'waitForInput: another type': () => waitForInput('a', { type: 'choose' } as never),
  'waitForInput: a field of another type': () => waitForInput('a', { type: 'text', choices: ['a'] } as never),
  'waitForInput: an unknown option': () => waitForInput('a', { type: 'text', promt: 'x' } as never),
  'waitForInput: a wrong onTimeout': () =>
    waitForInput('a', { type: 'text', timeout: 5, onTimeout: 'throw' } as never),
  'waitForInput: an assignee that no index holds': () =>
    waitForInput('a', { type: 'text', assignees: ['a'.repeat(3_000)] }),
  'waitForInput: fail without timeout': () => waitForInput('a', { type: 'text', onTimeout: 'fail' } as never),
  'waitForInput: fail with timeoutValue': () =>
    waitForInput('a', { type: 'text', timeout: 5, onTimeout: 'fail', timeoutValue: 'x' } as never),
  'waitForInput: assignees that are no texts': () =>
    waitForInput('a', { type: 'text', assignees: [5] as never }),
  'waitForInput: assignees that are no list': () =>
    waitForInput('a', { type: 'text', assignees: 'ann' as never }),
  'waitForInput: a prompt with NUL': () => waitForInput('a', { type: 'text', prompt: 'a\0' }),
  'waitForApproval: a number': () => waitForApproval('a', 5 as never),
  'waitForApproval: a list': () => waitForApproval('a', [] as never),
  'waitForApproval: null': () => waitForApproval('a', null as never),
  'waitForApproval: another type': () => waitForApproval('a', { type: 'text' } as never),
  'waitForText: crossed limits': () => waitForText('a', { minLength: 5, maxLength: 2 }),
  'waitForText: a pattern that is none': () => waitForText('a', { pattern: '(' }),
  'waitForText: a text': () => waitForText('a', 'what?' as never),
  'waitForChoice: nothing to choose': () => waitForChoice('a', { choices: [] }),
  'waitForChoice: no choices': () => waitForChoice('a', {} as never),
  'waitForChoice: nothing': () => waitForChoice('a', undefined as never),
  'waitForChoice: the same twice': () => waitForChoice('a', { choices: ['a', 'a'] }),
  'waitForChoices: more than there are': () => waitForChoices('a', { choices: ['a'], minItems: 2 }),
  'waitForForm: no fields': () => waitForForm('a', { fields: {} }),
  'waitForForm: nothing': () => waitForForm('a', undefined as never),
  'waitForForm: a field of an unknown type': () =>
    waitForForm('a', { fields: { b: { type: 'color' } } } as never),
};

/** Who asks gets to know the one question that is open. */
async function questionOf(client: DurableClient, executionId: string) {
  return await eventually(async () => (await client.listPendingInputs({ executionId })).inputs[0]);
}

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded]);
  });
  afterAll(() => database.closeApps());

  describe.each(Object.entries(questions))('The answer to %s', (_, { ask, wrong, right }) => {
    it('is checked: what is wrong is said of each field, and changes nothing', async () => {
      const handle = await begin(app.client, ask);
      await listening(app.client, handle.id);
      for (const [answer, expected] of wrong) {
        const failure = await failureOf(app.client.provideInput(handle.id, 'q', answer), InvalidAnswer);
        expect(failure.fields).toEqual(expected);
        expect(failure).toMatchObject({ executionId: handle.id, input: 'q' });
      }
      await listening(app.client, handle.id);
      const [answer, value] = right[0] ?? [];
      await app.client.provideInput(handle.id, 'q', answer);
      expect(await handle.result()).toEqual(value);
    });

    it('is given to the code as what it promises', async () => {
      for (const [answer, value] of right) {
        const handle = await begin(app.client, ask);
        await listening(app.client, handle.id);
        await app.client.provideInput(handle.id, 'q', answer);
        expect(await handle.result()).toEqual(value);
      }
    });
  });

  describe('A question', () => {
    it('is shown with all that was asked', async () => {
      const handle = await begin(app.client, () =>
        waitForForm('equipment', {
          fields,
          prompt: 'What do you need?',
          metadata: { order: 7, at: new Date(0) },
          assignees: ['ann', 'bob', 'ann'],
          timeout: '1h',
        }),
      );
      const input = await questionOf(app.client, handle.id);
      const { createdAt } = await app.client.getExecution(handle.id);
      expect(input).toMatchObject({
        executionId: handle.id,
        workflow: 'coded',
        path: 'equipment',
        name: 'equipment',
        type: 'form',
        prompt: 'What do you need?',
        assignees: ['ann', 'bob'],
        metadata: { order: 7, at: new Date(0) },
        fields,
        choices: undefined,
      });
      expect(input.waitId).toBe(input.inputId);
      expect(input.openedAt.getTime()).toBeGreaterThanOrEqual(createdAt.getTime());
      expect((input.dueAt?.getTime() ?? 0) - input.openedAt.getTime()).toBe(3_600_000);
    });

    it('without anything said is shown without anything', async () => {
      const handle = await begin(app.client, () => waitForChoice('plain', { choices: ['a'] }));
      expect(await questionOf(app.client, handle.id)).toMatchObject({
        type: 'choice',
        prompt: undefined,
        assignees: [],
        metadata: undefined,
        fields: undefined,
        choices: ['a'],
        dueAt: undefined,
      });
    });

    it('is answered with who, when and a comment: for the code, and in the history', async () => {
      const handle = await begin(app.client, () => waitForInput('boss', { type: 'approval' }));
      const { openedAt } = await questionOf(app.client, handle.id);
      await app.client.provideInput(handle.id, 'boss', true, { by: 'ann', comment: 'fine\nby me' });
      const answer = (await handle.result()) as { at: Date };
      expect(answer).toEqual({ value: 'approved', by: 'ann', comment: 'fine\nby me', at: expect.any(Date) });
      expect(answer.at.getTime()).toBeGreaterThanOrEqual(openedAt.getTime());
      const { steps } = await app.client.getExecution(handle.id, { steps: true });
      expect(steps).toMatchObject([
        {
          path: 'boss',
          kind: 'input',
          status: 'completed',
          output: { value: 'approved', by: 'ann', comment: 'fine\nby me' },
        },
      ]);
    });

    it('is answered without saying who', async () => {
      const handle = await begin(app.client, () => waitForInput('text', { type: 'text' }));
      await listening(app.client, handle.id);
      await app.client.provideInput(handle.id, 'text', '');
      expect(await handle.result()).toEqual({
        value: '',
        by: undefined,
        comment: undefined,
        at: expect.any(Date),
      });
    });

    it('has the answer that was given while nobody ran it', async () => {
      const first = app;
      const handle = await begin(first.client, async () => [
        await waitForText('q'),
        await waitForEvent('end'),
      ]);
      await listening(first.client, handle.id);
      await parked(handle);
      await first.close();
      const idle = await database.start([Coded], { ...HASTY, worker: false });
      await idle.client.provideInput(handle.id, 'q', 'meanwhile', { by: 'ann' });
      const second = idle.client.provideInput(handle.id, 'q', 'too late', { by: 'bob' });
      expect(await failureOf(second, InputSettled)).toMatchObject({ by: 'ann', outcome: 'answered' });
      expect((await idle.client.listPendingInputs({ executionId: handle.id })).inputs).toEqual([]);
      await idle.client.sendEvent(handle.id, 'end', 1);
      await idle.close();
      app = await database.start([Coded]);
      expect(await (await app.client.handle(Coded, { id: handle.id })).result()).toEqual(['meanwhile', 1]);
    });

    it('is satisfied by no event of its name, and no answer satisfies a wait for an event', async () => {
      const handle = await begin(app.client, () => Promise.all([waitForText('same'), waitForEvent('same')]));
      await listening(app.client, handle.id, 2);
      await app.client.sendEvent(handle.id, 'same', 'event');
      await listening(app.client, handle.id);
      await app.client.provideInput(handle.id, 'same', 'answer');
      expect(await handle.result()).toEqual(['answer', 'event']);
    });
  });

  it('What is wrong with a question is said to the code, with the name of the function', async () => {
    const handle = await begin(app.client, async () => {
      const found: Record<string, unknown> = {};
      for (const [what, call] of Object.entries(wrongQuestions)) {
        const error = await Promise.race([fault(call), waitForEvent('asked', { timeout: 15 })]);
        found[what] = error instanceof InvalidArgument && error.message.startsWith(what.split(':')[0] ?? '!');
      }
      return found;
    });
    const all = Object.fromEntries(Object.keys(wrongQuestions).map((what) => [what, true]));
    expect(await handle.result()).toEqual(all);
  });
});
