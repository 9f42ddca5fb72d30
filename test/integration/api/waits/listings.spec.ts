import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  hours,
  InvalidArgument,
  InvalidCursor,
  type PendingEventFilter,
  type PendingInputFilter,
  Run,
  Step,
  waitForAll,
  waitForAny,
  waitForApproval,
  waitForBroadcast,
  waitForEvent,
  waitForText,
  Workflow,
} from 'nest-durable';
import { onEachDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { failureOf } from '../../../support/outcome.js';
import { begin, Coded, listening } from './coded.js';

@Workflow({ name: 'expense' })
class Expense {
  @Run()
  async run(of: { readonly assignees: readonly string[]; readonly within: number }) {
    return await this.approve(of);
  }

  @Step()
  async approve({ assignees, within }: { readonly assignees: readonly string[]; readonly within: number }) {
    const options = { assignees, timeout: within, timeoutValue: 'late' } as const;
    return await Promise.all([
      waitForApproval('manager', options),
      waitForText('why', { assignees: ['zoe'] }),
    ]);
  }
}

@Workflow({ name: 'delivery' })
class Delivery {
  @Run()
  async run(within: number) {
    return await Promise.all([
      waitForEvent('paid', { timeout: within }),
      waitForAny(['packed', 'lost'], { timeout: hours(50) }),
      waitForAll(['signed', 'paid']),
      waitForBroadcast('strike', { scope: 'north' }),
    ]);
  }
}

const wrongFilters: readonly unknown[] = [
  null,
  5,
  [],
  { workflow: 5 },
  { workflow: '' },
  { workflow: class Plain {} },
  { executionId: 'x' },
  { executionId: 5 },
  { dueBefore: 'today' },
  { dueBefore: new Date(NaN) },
  { limit: 0 },
  { limit: 1_001 },
  { limit: 1.5 },
  { limit: '5' },
  { cursor: 5 },
  { status: 'open' },
];

onEachDatabase((database) => {
  let app: DurableApp;
  let expenses: string[];
  let deliveries: string[];
  let now: number;

  beforeAll(async () => {
    app = await database.start([Expense, Delivery, Coded]);
    const asked = [['ann'], ['bob', 'ann'], ['bob']];
    const started = await app.client.startMany(
      Expense,
      asked.map((assignees, index) => ({ assignees, within: hours(1 + index) })),
    );
    expenses = started.map(({ id }) => id);
    deliveries = (await app.client.startMany(Delivery, [hours(1), hours(2)])).map(({ id }) => id);
    now = Date.now();
    for (const id of expenses) await listening(app.client, id, 2);
    for (const id of deliveries) await listening(app.client, id, 4);
  });
  afterAll(() => database.closeApps());

  async function inputs(filter: PendingInputFilter): Promise<string[]> {
    const page = await app.client.listPendingInputs(filter);
    return page.inputs.map(({ executionId, name }) => `${expenses.indexOf(executionId)} ${name}`);
  }

  async function events(filter: PendingEventFilter): Promise<string[]> {
    const page = await app.client.listPendingEvents(filter);
    return page.events.map(({ executionId, path }) => `${deliveries.indexOf(executionId)} ${path}`);
  }

  describe('listPendingInputs()', () => {
    it('lists those of the oldest executions first, with where they were called', async () => {
      expect(await inputs({})).toEqual(['0 manager', '0 why', '1 manager', '1 why', '2 manager', '2 why']);
      const page = await app.client.listPendingInputs({ limit: 1 });
      expect(page.inputs).toMatchObject([
        { workflow: 'expense', path: 'approve/manager', type: 'approval', assignees: ['ann'] },
      ]);
    });

    it.each([
      ['by workflow, the class', () => ({ workflow: Expense, name: 'why' }), ['0 why', '1 why', '2 why']],
      ['by workflow, its name', () => ({ workflow: 'expense', limit: 1 }), ['0 manager']],
      ['by another workflow', () => ({ workflow: Delivery }), []],
      ['by a workflow that nobody has', () => ({ workflow: 'no_such' }), []],
      ['by execution', () => ({ executionId: expenses[1] }), ['1 manager', '1 why']],
      [
        'by execution, in whatever case',
        () => ({ executionId: expenses[1]?.toUpperCase() }),
        ['1 manager', '1 why'],
      ],
      ['by name', () => ({ name: 'manager' }), ['0 manager', '1 manager', '2 manager']],
      ['by assignee', () => ({ assignee: 'ann' }), ['0 manager', '1 manager']],
      ['by an assignee whom nobody asks', () => ({ assignee: 'an' }), []],
      ['by what is due', () => ({ dueBefore: new Date(now + hours(1.5)) }), ['0 manager']],
      [
        'by all at once',
        () => ({
          workflow: Expense,
          executionId: expenses[1],
          name: 'manager',
          assignee: 'bob',
          dueBefore: new Date(now + hours(5)),
        }),
        ['1 manager'],
      ],
    ])('filters %s', async (_, filter, expected) => {
      expect(await inputs(filter() as PendingInputFilter)).toEqual(expected);
    });
  });

  describe('listPendingEvents()', () => {
    it('lists waits for events and broadcasts, with what ends them', async () => {
      const page = await app.client.listPendingEvents({ executionId: deliveries[0] ?? '' });
      expect(page.cursor).toBeUndefined();
      expect(page.events).toMatchObject([
        { kind: 'event', events: ['paid'], path: 'paid', workflow: 'delivery', scope: undefined },
        { kind: 'any', events: ['packed', 'lost'], path: 'packed|lost' },
        { kind: 'all', events: ['signed', 'paid'], path: 'signed&paid', dueAt: undefined },
        { kind: 'broadcast', events: ['strike'], scope: 'north' },
      ]);
      const [first] = page.events;
      expect((first?.dueAt?.getTime() ?? 0) - (first?.openedAt.getTime() ?? 0)).toBe(hours(1));
    });

    it.each([
      [
        'by event, which any wait for it is',
        () => ({ event: 'paid' }),
        ['0 paid', '0 signed&paid', '1 paid', '1 signed&paid'],
      ],
      ['by a part of a name', () => ({ event: 'pai' }), []],
      ['by a broadcast', () => ({ event: 'strike' }), ['0 strike', '1 strike']],
      ['by workflow', () => ({ workflow: Delivery, event: 'lost' }), ['0 packed|lost', '1 packed|lost']],
      ['by another workflow', () => ({ workflow: Expense }), []],
      ['by what is due', () => ({ dueBefore: new Date(now + hours(1.5)) }), ['0 paid']],
      [
        'by all at once',
        () => ({
          workflow: 'delivery',
          executionId: deliveries[1],
          event: 'paid',
          dueBefore: new Date(now + hours(5)),
        }),
        ['1 paid'],
      ],
    ])('filters %s', async (_, filter, expected) => {
      expect(await events(filter() as PendingEventFilter)).toEqual(expected);
    });
  });

  describe('Pages', () => {
    it('hold everything once, and the last one has no cursor', async () => {
      for (const limit of [1, 2, 3, 4, 6, 7]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        let pages = 0;
        do {
          const page = await app.client.listPendingInputs({ limit, ...(cursor !== undefined && { cursor }) });
          expect(page.inputs.length).toBeLessThanOrEqual(limit);
          seen.push(...page.inputs.map(({ inputId }) => inputId));
          cursor = page.cursor;
          pages += 1;
        } while (cursor !== undefined);
        expect(new Set(seen).size).toBe(6);
        expect(seen).toHaveLength(6);
        expect(pages).toBe(Math.ceil(6 / limit));
      }
    });

    it('leave nothing out and show nothing twice while waits come and go', async () => {
      const several = (): Promise<unknown> => Promise.all(['a', 'b', 'c'].map((name) => waitForEvent(name)));
      const handles = [await begin(app.client, several), await begin(app.client, several)];
      for (const { id } of handles) await listening(app.client, id, 3);
      const [one = '', two = ''] = handles.map(({ id }) => id);
      const filter = { workflow: Coded, limit: 2 } as const;
      const first = await app.client.listPendingEvents(filter);
      expect(first.events.map(({ path }) => path)).toEqual(['a', 'b']);
      // What the page ended with goes away, something before it too, and new ones come at the end.
      await app.client.sendEvent(one, 'b');
      await app.client.sendEvent(one, 'a');
      await listening(app.client, one, 1);
      const later = await begin(app.client, () => waitForEvent('z'));
      await listening(app.client, later.id);
      const rest: string[] = [];
      for (let { cursor } = first; cursor !== undefined;) {
        const page = await app.client.listPendingEvents({ ...filter, cursor });
        rest.push(...page.events.map(({ executionId, path }) => `${executionId} ${path}`));
        cursor = page.cursor;
      }
      expect(rest).toEqual([`${one} c`, `${two} a`, `${two} b`, `${two} c`, `${later.id} z`]);
      for (const { id } of [...handles, later]) await app.client.cancel(id);
      await eventually(async () => (await app.client.listPendingEvents(filter)).events.length === 0);
    });

    it('are refused with the cursor of another listing, of another filter, or of nobody', async () => {
      const filter = { workflow: Expense, limit: 1 };
      const { cursor = '' } = await app.client.listPendingInputs(filter);
      // The size of a page is no part of it.
      expect((await app.client.listPendingInputs({ ...filter, limit: 100, cursor })).inputs).toHaveLength(5);
      expect((await app.client.listPendingInputs({ workflow: 'expense', cursor })).inputs).toHaveLength(5);
      const { cursor: ofExecutions = '' } = await app.client.listExecutions({ workflow: Expense, limit: 1 });
      const { client } = app;
      const others: readonly (() => Promise<unknown>)[] = [
        () => client.listPendingInputs({ cursor }),
        () => client.listPendingInputs({ ...filter, name: 'why', cursor }),
        () => client.listPendingInputs({ ...filter, assignee: 'ann', cursor }),
        () => client.listPendingInputs({ ...filter, dueBefore: new Date(), cursor }),
        () => client.listPendingEvents({ ...filter, cursor }),
        () => client.listExecutions({ ...filter, cursor }),
        () => client.listPendingInputs({ ...filter, cursor: ofExecutions }),
        ...['', 'x', `${cursor}A`, `${cursor.slice(0, -4)}    `].map(
          (text) => () => client.listPendingInputs({ ...filter, cursor: text }),
        ),
      ];
      for (const other of others) await failureOf(other(), InvalidCursor);
    });
  });

  it('A filter that is wrong is refused, with the name of the function', async () => {
    for (const filter of [
      ...wrongFilters,
      { event: 'a' },
      { name: '' },
      { assignee: 5 },
      { assignee: 'a\0' },
    ]) {
      const failure = await failureOf(app.client.listPendingInputs(filter as never), InvalidArgument);
      expect(failure.message).toContain('listPendingInputs()');
    }
    for (const filter of [
      ...wrongFilters,
      { name: 'a' },
      { assignee: 'ann' },
      { event: '' },
      { event: 'a\0' },
    ]) {
      const failure = await failureOf(app.client.listPendingEvents(filter as never), InvalidArgument);
      expect(failure.message).toContain('listPendingEvents()');
    }
  });
});
