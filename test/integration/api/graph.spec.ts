import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Branch,
  Compensate,
  Decision,
  type DurableClient,
  ExecutionFailed,
  ExecutionNotFound,
  ForEach,
  goto,
  type GraphNodeRun,
  Parallel,
  Pipeline,
  Run,
  type Serializer,
  Step,
  toCytoscape,
  toDot,
  toMermaid,
  While,
  Workflow,
  type WorkflowGraph,
  WorkflowNotRegistered,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { failureOf } from '../../support/outcome.js';

interface Order {
  kind: 'digital' | 'physical';
  tried?: number;
  [key: string]: unknown;
}

@Workflow({ name: 'graphed_order' })
class OrderWorkflow extends Pipeline<Order> {
  @Step()
  charge() {
    return { charge: 'c1' };
  }

  @Compensate('charge')
  refund() {}

  @Branch({ digital: 'sendLicence', physical: ['pack', 'ship'] })
  byKind(data: Order) {
    return data.kind;
  }

  @Step({ in: 'byKind' }) sendLicence() {}
  @Step({ in: 'byKind' }) pack() {}
  @Step({ in: 'byKind', retry: { maxAttempts: 1 } }) ship() {
    throw new Error('no truck');
  }

  @Parallel(['sales', 'stock'])
  report() {}

  @Step({ in: 'report' }) sales() {
    return { sales: 1 };
  }
  @Step({ in: 'report' }) stock() {
    return { stock: 2 };
  }

  @ForEach({ do: 'send' })
  mail() {
    return ['a', 'b', 'c'];
  }
  @Step({ in: 'mail' }) send() {}

  @While({ do: 'check', max: 5 })
  poll(data: Order) {
    return (data.tried ?? 0) < 2;
  }
  @Step({ in: 'poll' }) check(data: Order) {
    return { tried: (data.tried ?? 0) + 1 };
  }

  @Decision({ to: ['archive'] })
  review() {
    return goto('archive', { reviewed: true });
  }
  @Step() inspect() {}
  @Step({ name: 'put-away' }) archive() {}
}

const gate = new Gate();

@Workflow({ name: 'graphed_import' })
class ImportWorkflow {
  @Run()
  async run() {
    await this.page(1);
    await Promise.all([this.held('a'), this.held('b')]);
    await this.page(2);
  }

  @Step() async page(number: number) {
    return number;
  }
  @Step() async held(name: string) {
    await gate.pass();
    return name;
  }
}

const runAt = ({ nodes }: WorkflowGraph, id: string): GraphNodeRun | undefined =>
  nodes.find((node) => node.id === id)?.run;
const taken = ({ edges }: WorkflowGraph): string[] =>
  edges.filter((edge) => (edge.taken ?? 0) > 0).map(({ source, target }) => `${source}->${target}`);

onDatabase('PostgreSQL', (database) => {
  describe('client.graph()', () => {
    let client: DurableClient;
    beforeAll(async () => {
      ({ client } = await database.start([OrderWorkflow, ImportWorkflow]));
    });
    afterAll(() => database.closeApps());

    it('draws a pipeline before it first runs, by its class and by its name', async () => {
      const graph = await client.graph(OrderWorkflow);

      expect(graph).toMatchObject({ workflow: 'graphed_order', version: 1, drawnFrom: 'definition' });
      expect(graph.nodes.map(({ id }) => id)).toEqual(
        expect.arrayContaining([
          '#start',
          'charge',
          'charge/#undo',
          'byKind/ship',
          'mail/send',
          'poll/check',
          '#end',
        ]),
      );
      expect(await client.graph('graphed_order')).toEqual(graph);
      expect(toMermaid(graph)).toContain('subgraph');
      expect(toDot(graph)).toContain('subgraph cluster_');
      expect(toCytoscape(graph).nodes.length).toBe(graph.nodes.length);
    });

    it('shows how an execution went', async () => {
      const handle = await client.start(OrderWorkflow, { kind: 'digital' });
      await handle.result();
      const graph = await client.graph(OrderWorkflow, handle.id);

      expect(graph.execution).toMatchObject({ id: handle.id, status: 'completed' });
      expect(runAt(graph, 'charge')).toMatchObject({ status: 'completed', attempts: 1 });
      expect(runAt(graph, 'byKind')).toMatchObject({ status: 'completed', clause: 'digital' });
      expect(runAt(graph, 'byKind/ship')?.status).toBe('skipped');
      expect(runAt(graph, 'report')).toMatchObject({ status: 'completed' });
      expect(runAt(graph, 'mail')?.items).toEqual({ total: 3, byStatus: { completed: 3 } });
      expect(runAt(graph, 'poll')?.rounds).toBe(2);
      expect(runAt(graph, 'review')).toMatchObject({ status: 'completed', goto: 'put-away' });
      expect(runAt(graph, 'inspect')?.status).toBe('skipped');
      expect(runAt(graph, 'charge/#undo')?.status).toBe('skipped');
      expect(runAt(graph, '#end')?.status).toBe('completed');
      expect(taken(graph)).toEqual(
        expect.arrayContaining([
          'byKind/#ask->byKind/sendLicence',
          'poll/check->poll/#ask',
          'poll/#ask->review',
          'review->put-away',
          'put-away->#end',
        ]),
      );
      expect(JSON.parse(JSON.stringify(graph))).toStrictEqual(graph);
    });

    it('shows where an execution failed, and what was undone', async () => {
      const handle = await client.start(OrderWorkflow, { kind: 'physical' });
      await failureOf(handle.result(), ExecutionFailed);
      const graph = await client.graph('graphed_order', handle.id);

      expect(graph.execution?.status).toBe('compensated');
      expect(runAt(graph, 'byKind/ship')).toMatchObject({ status: 'failed', error: 'no truck' });
      expect(runAt(graph, 'byKind')?.status).toBe('failed');
      expect(runAt(graph, 'report')?.status).toBe('skipped');
      expect(runAt(graph, 'charge')?.status).toBe('compensated');
      expect(runAt(graph, 'charge/#undo')).toMatchObject({ status: 'completed', attempts: 1 });
    });

    it('shows what a run method did, and is doing', async () => {
      expect((await client.graph(ImportWorkflow)).nodes.map(({ id }) => id)).toEqual(['page', 'held']);

      const before = gate.arrivals;
      const handle = await client.start(ImportWorkflow);
      await gate.reached(before + 2);
      expect(runAt(await client.graph(ImportWorkflow, handle.id), 'page')?.status).toBe('completed');
      gate.open();
      await handle.result();
      const graph = await client.graph(ImportWorkflow, handle.id);

      expect(graph.drawnFrom).toBe('history');
      expect(graph.nodes.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['#start', 'page', 'held', 'held#2', 'page#2', '#end']),
      );
      expect(runAt(graph, 'page#2')?.status).toBe('completed');
    });

    it('knows only executions of the workflow that is asked for', async () => {
      const handle = await client.start(OrderWorkflow, { kind: 'digital' });

      await failureOf(client.graph(ImportWorkflow, handle.id), ExecutionNotFound);
      await failureOf(client.graph('another', handle.id), ExecutionNotFound);
      await failureOf(client.graph(OrderWorkflow, 'no id'), ExecutionNotFound);
      await failureOf(client.graph('another'), WorkflowNotRegistered);
    });
  });

  describe('client.graph() with a serializer of the application', () => {
    it('reads what that wrote, whatever it looks like', async () => {
      const wrapped: Serializer = {
        stringify: (value) => JSON.stringify([{ value }]),
        parse: (text) => (JSON.parse(text) as [{ value?: unknown }])[0].value,
      };
      const { client, close } = await database.start([OrderWorkflow], { serializer: wrapped });
      const handle = await client.start(OrderWorkflow, { kind: 'digital' });
      await handle.result();
      const graph = await client.graph(OrderWorkflow, handle.id);
      await close();

      expect(runAt(graph, 'byKind')?.clause).toBe('digital');
      expect(runAt(graph, 'mail')?.items).toEqual({ total: 3, byStatus: { completed: 3 } });
      expect(runAt(graph, 'review')?.goto).toBe('put-away');
      expect(runAt(graph, 'inspect')?.status).toBe('skipped');
    });
  });

  describe('client.graph() of a version that is not here any more', () => {
    it('draws what was recorded, and says so', async () => {
      @Workflow({ name: 'graphed_twice', version: 1 })
      class Old extends Pipeline {
        @Step() first() {}
        @Step() second() {}
      }
      @Workflow({ name: 'graphed_twice', version: 2 })
      class New extends Pipeline {
        @Step() other() {}
      }
      const before = await database.start([Old]);
      const handle = await before.client.start(Old);
      await handle.result();
      await before.close();
      const { client, close } = await database.start([New]);
      const graph = await client.graph('graphed_twice', handle.id);
      await close();

      expect(graph).toMatchObject({ version: 1, drawnFrom: 'history' });
      expect(graph.nodes.map(({ id }) => id)).toEqual(['#start', 'first', 'second', '#end']);
    });
  });
});
