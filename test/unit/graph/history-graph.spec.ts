import { describe, expect, it } from '@jest/globals';
import { pathOf } from '../../../lib/identity/operation-path.js';
import { segmentOf } from '../../../lib/identity/operation-path.js';
import { definitionGraph } from '../../../lib/graph/definition-graph.js';
import type { WorkflowGraph } from '../../../lib/graph/workflow-graph.js';
import { Compensate } from '../../../lib/decorators/compensate.decorator.js';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import { buildWorkflow } from '../../../lib/definition/workflow.builder.js';
import { graphOf, history, runAt, statusesOf, takenEdges } from './histories.js';
import { faultsOfPlaces } from './places.js';

@Workflow({ name: 'order' })
class Order {
  @Run()
  async run(): Promise<void> {
    await this.charge();
    await this.ship();
  }

  @Step({ timeout: '1m' })
  async charge(): Promise<void> {}

  @Compensate('charge')
  async refund(): Promise<void> {}

  @Step()
  async ship(): Promise<void> {}
}

const definition = buildWorkflow(Order, new Order());
const ids = ({ nodes }: WorkflowGraph): string[] => nodes.map(({ id }) => id);
const edges = (graph: WorkflowGraph): string[] =>
  graph.edges.map(({ source, target }) => `${source}->${target}`);

describe('The graph of a run method', () => {
  it('has the declared steps and what undoes them, in no order', () => {
    const graph = definitionGraph(definition);

    expect(graph).toMatchObject({ style: 'run', drawnFrom: 'definition' });
    expect(graph.nodes.map(({ id, kind, label }) => `${kind} ${id} ${label}`)).toEqual([
      'step charge charge',
      'undo charge/#undo refund',
      'step ship ship',
    ]);
    expect(edges(graph)).toEqual(['charge->charge/#undo']);
    expect(graph.nodes[0]?.options).toMatchObject({ timeout: 60_000 });
    expect(faultsOfPlaces(graph)).toEqual([]);
  });

  it('has with an execution what happened, in its order, each call by itself', () => {
    const past = history().add('charge').add('ship').add('charge#2');
    const graph = graphOf(definition, past, 'completed');

    expect(graph).toMatchObject({ style: 'run', drawnFrom: 'history' });
    expect(ids(graph)).toEqual(['#start', 'charge', 'ship', 'charge#2', '#end']);
    expect(edges(graph)).toEqual(['#start->charge', 'charge->ship', 'ship->charge#2', 'charge#2->#end']);
    expect(takenEdges(graph)).toEqual(edges(graph));
    expect(runAt(graph, 'charge#2')).toMatchObject({ status: 'completed', duration: 10 });
  });

  it('has nothing between start and end before anything is recorded', () => {
    const graph = graphOf(definition, history(), 'pending');

    expect(edges(graph)).toEqual(['#start->#end']);
    expect(takenEdges(graph)).toEqual([]);
  });

  it('puts side by side what was under way at once', () => {
    const past = history()
      .add('a', { startedAt: 1_000, endedAt: 1_100 })
      .add('b', { startedAt: 1_050, endedAt: 1_060 })
      .add('c', { startedAt: 1_070, endedAt: 1_090 })
      .add('d', { startedAt: 1_100, endedAt: 1_200 })
      .add('e', { startedAt: 1_101, endedAt: 1_200 });
    const graph = graphOf(definition, past, 'completed');

    expect(edges(graph)).toEqual([
      '#start->a',
      '#start->b',
      'b->c',
      'a->#meet-1',
      'c->#meet-1',
      '#meet-1->d',
      '#meet-1->e',
      'd->#end',
      'e->#end',
    ]);
    expect(faultsOfPlaces(graph)).toEqual([]);
  });

  it('says what runs, waits and was interrupted', () => {
    const past = history().add('a').opened('b').opened('sleep', { kind: 'sleep', startedAt: 1_010 });

    expect(statusesOf(graphOf(definition, past))).toMatchObject({
      a: 'completed',
      b: 'running',
      sleep: 'waiting',
    });
    expect(graphOf(definition, past).nodes.find(({ id }) => id === 'sleep')?.kind).toBe('operation');
    expect(statusesOf(graphOf(definition, past, 'cancelled'))).toMatchObject({
      b: 'interrupted',
      sleep: 'interrupted',
      '#end': 'skipped',
    });
  });

  it('shows what is inside a step, also before anything is known of the step itself', () => {
    const past = history().add('ship/label').opened('ship/sleep', { kind: 'sleep' });
    const graph = graphOf(definition, past, 'waiting');

    expect(graph.nodes.map(({ id, parent }) => `${id} in ${parent ?? 'nothing'}`)).toEqual([
      '#start in nothing',
      'ship in nothing',
      'ship/label in ship',
      'ship/sleep in ship',
      '#end in nothing',
    ]);
    expect(statusesOf(graph)).toMatchObject({
      ship: 'waiting',
      'ship/label': 'completed',
      'ship/sleep': 'waiting',
    });
  });

  it('shows undos beside what they undid', () => {
    const past = history().add('charge').failed('ship').undoing().undone('charge');
    const graph = graphOf(definition, past, 'compensated');

    expect(ids(graph)).toEqual(['#start', 'charge', 'charge/#undo', 'ship', '#end']);
    expect(statusesOf(graph)).toMatchObject({
      charge: 'compensated',
      'charge/#undo': 'completed',
      ship: 'failed',
    });
    expect(takenEdges(graph)).toContain('charge->charge/#undo');
  });

  it('folds many calls of one name', () => {
    const past = history();
    for (let call = 1; call <= 10_000; call += 1) past.add(call === 1 ? 'send' : `send#${call}`);
    const begin = performance.now();
    const graph = graphOf(definition, past.failed('send#10001'), 'failed');
    const took = performance.now() - begin;

    expect(ids(graph)).toEqual(['#start', 'send', '#end']);
    expect(runAt(graph, 'send').runs).toEqual({ total: 10_001, byStatus: { failed: 1, completed: 10_000 } });
    expect(took).toBeLessThan(2_000);
  });

  it('takes thousands of names', () => {
    const past = history();
    for (let call = 1; call <= 3_000; call += 1) past.add(`page ${call}`);

    expect(graphOf(definition, past, 'completed').edges.length).toBe(3_001);
  });

  it('does not show what the engine wrote for itself', () => {
    const past = history()
      .add('a')
      .add('void', { kind: 'void' })
      .add('b/#ask/rate')
      .opened('#undo', { kind: 'compensation' });

    expect(ids(graphOf(definition, past, 'failed'))).toEqual(['#start', 'a', '#end']);
  });
});

describe('The graph of an execution whose class is not here', () => {
  it('is drawn from its history, with its blocks, and says so', () => {
    const past = history()
      .add('kind', { kind: 'branch', output: 'many' })
      .add('kind/mail', { kind: 'foreach', output: [1, 2, 3] })
      .add('kind/mail/0/send')
      .add('kind/mail/1/send')
      .failed('kind/mail/2/send');
    const graph = graphOf(undefined, past, 'failed');

    expect(graph).toMatchObject({ workflow: 'order', version: 1, drawnFrom: 'history' });
    expect(graph.style).toBeUndefined();
    expect(graph.nodes.map(({ id, kind, parent }) => `${kind} ${id} in ${parent ?? 'nothing'}`)).toEqual([
      'start #start in nothing',
      'branch kind in nothing',
      'foreach kind/mail in kind',
      'step kind/mail/send in kind/mail',
      'end #end in nothing',
    ]);
    expect(runAt(graph, 'kind/mail/send').runs).toEqual({ total: 3, byStatus: { completed: 2, failed: 1 } });
    expect(faultsOfPlaces(graph)).toEqual([]);
  });
});

describe('The ids of a graph', () => {
  it.each(['charge', 'a/b', '50%', '#1', 'ünï', 'a b'])('are the paths of the engine (%s)', (name) => {
    expect(segmentOf(name)).toBe(pathOf('', name, 1));
  });
});
