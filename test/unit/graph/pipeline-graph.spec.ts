import { describe, expect, it } from '@jest/globals';
import { definitionGraph } from '../../../lib/graph/definition-graph.js';
import type { GraphEdge, WorkflowGraph } from '../../../lib/graph/workflow-graph.js';
import { branch, decision, forEach, loop, parallel, pipeline, step } from './definitions.js';
import { faultsOfPlaces } from './places.js';

const edge = ({ kind, source, target, label }: GraphEdge): string =>
  `${source} ${kind}${label === undefined ? '' : ` ${label}`} ${target}`;
const edgesOf = ({ edges }: WorkflowGraph): string[] => edges.map(edge);
const nodesOf = ({ nodes }: WorkflowGraph): string[] =>
  nodes.map(({ id, kind, parent }) => `${kind} ${id}${parent === undefined ? '' : ` in ${parent}`}`);

describe('The graph of a pipeline', () => {
  it('leads from the start over the steps to the end', () => {
    const graph = definitionGraph(pipeline(step('price'), step('charge')));

    expect(graph).toMatchObject({
      workflow: 'order',
      version: 1,
      style: 'pipeline',
      drawnFrom: 'definition',
    });
    expect(nodesOf(graph)).toEqual(['start #start', 'step price', 'step charge', 'end #end']);
    expect(edgesOf(graph)).toEqual(['#start next price', 'price next charge', 'charge next #end']);
  });

  it('has a start and an end where nothing is between them', () => {
    expect(edgesOf(definitionGraph(pipeline()))).toEqual(['#start next #end']);
  });

  it('shows the options that are worth it', () => {
    const { nodes } = definitionGraph(
      pipeline(
        step('charge', 'refund', { timeout: 60_000, transactional: true }),
        forEach('mail', [step('send')], { concurrency: 3, onError: 'continue', into: 'sent' }),
        loop('poll', [step('check')], 60),
      ),
    );
    const options = Object.fromEntries(nodes.map((node) => [node.id, node.options]));

    expect(options['charge']).toEqual({
      retry: { maxAttempts: 3, backoff: 'exponential' },
      timeout: 60_000,
      transactional: true,
    });
    expect(options['charge/#undo']).toEqual({ retry: { maxAttempts: 3, backoff: 'exponential' } });
    expect(options['mail']).toEqual({ concurrency: 3, onError: 'continue', into: 'sent' });
    expect(options['poll']).toEqual({ max: 60 });
  });

  it('draws the clauses of a branch from its question to where they meet', () => {
    const graph = definitionGraph(
      pipeline(
        branch('byKind', { digital: [step('licence')], physical: [step('pack'), step('ship')] }, [
          step('ask'),
        ]),
      ),
    );

    expect(nodesOf(graph)).toEqual([
      'start #start',
      'branch byKind',
      'question byKind/#ask in byKind',
      'step byKind/licence in byKind',
      'step byKind/pack in byKind',
      'step byKind/ship in byKind',
      'step byKind/ask in byKind',
      'join byKind/#join in byKind',
      'end #end',
    ]);
    expect(edgesOf(graph)).toEqual([
      '#start next byKind/#ask',
      'byKind/#ask clause digital byKind/licence',
      'byKind/licence join byKind/#join',
      'byKind/#ask clause physical byKind/pack',
      'byKind/pack next byKind/ship',
      'byKind/ship join byKind/#join',
      'byKind/#ask clause default byKind/ask',
      'byKind/ask join byKind/#join',
      'byKind/#join next #end',
    ]);
  });

  it('draws a child of several clauses once', () => {
    const notify = step('notify');
    const graph = definitionGraph(
      pipeline(branch('outcome', { rejected: [step('log'), notify], expired: [notify], late: [notify] })),
    );

    expect(nodesOf(graph).filter((node) => node.includes('notify'))).toEqual([
      'step outcome/notify in outcome',
    ]);
    expect(edgesOf(graph).filter((each) => each.includes('notify'))).toEqual([
      'outcome/log next outcome/notify',
      'outcome/notify join outcome/#join',
      'outcome/#ask clause expired outcome/notify',
      'outcome/#ask clause late outcome/notify',
    ]);
    expect(faultsOfPlaces(graph)).toEqual([]);
  });

  it('draws an empty clause as a way past everything', () => {
    expect(edgesOf(definitionGraph(pipeline(branch('kind', { a: [step('x')], b: [] }))))).toContain(
      'kind/#ask clause b kind/#join',
    );
  });

  it('draws parallel children side by side', () => {
    const graph = definitionGraph(pipeline(parallel('load', [step('sales'), step('stock')])));
    const [sales, stock] = ['load/sales', 'load/stock'].map((id) =>
      graph.nodes.find((node) => node.id === id),
    );

    expect(edgesOf(graph)).toEqual([
      '#start next load/#fork',
      'load/#fork parallel load/sales',
      'load/sales join load/#join',
      'load/#fork parallel load/stock',
      'load/stock join load/#join',
      'load/#join next #end',
    ]);
    expect(sales?.y).toBe(stock?.y);
    expect(sales?.x).toBeLessThan(stock?.x ?? 0);
  });

  it('draws loops: over items to where they gather, rounds back to the question', () => {
    const graph = definitionGraph(
      pipeline(
        forEach('mail', [step('render'), step('send')], { into: 'sent' }),
        loop('poll', [step('check')]),
      ),
    );

    expect(edgesOf(graph)).toEqual([
      '#start next mail/#ask',
      'mail/#ask item mail/render',
      'mail/render next mail/send',
      'mail/send join mail/#join',
      'mail/#join next poll/#ask',
      'poll/#ask round poll/check',
      'poll/check loop poll/#ask',
      'poll/#ask next #end',
    ]);
    expect(graph.nodes.find(({ id }) => id === 'mail/#join')?.label).toBe('sent');
  });

  it('draws where decisions and joins may lead, also by the method of a step with another name', () => {
    const graph = definitionGraph(
      pipeline(
        decision('review', 'ship', 'archive'),
        parallel('load', [step('a')], { to: ['archive'] }),
        step('ship'),
        step('put-away', undefined, { method: 'archive' }),
      ),
    );

    expect(edgesOf(graph).filter((each) => each.includes(' goto '))).toEqual([
      'review goto ship',
      'review goto put-away',
      'load/#join goto put-away',
    ]);
    expect(edgesOf(graph)).toContain('review next load/#fork');
  });

  it('draws an undo beside its step, in the same block', () => {
    const graph = definitionGraph(pipeline(parallel('book', [step('hotel', 'cancelHotel'), step('car')])));

    expect(nodesOf(graph)).toContain('undo book/hotel/#undo in book');
    expect(edgesOf(graph)).toContain('book/hotel compensation book/hotel/#undo');
    expect(faultsOfPlaces(graph)).toEqual([]);
  });

  it('nests to any depth', () => {
    const graph = definitionGraph(
      pipeline(
        branch('kind', {
          many: [
            forEach('orders', [
              loop('retry', [
                parallel('both', [step('a', 'undoA'), branch('inner', { x: [step('b')] }, [step('c')])]),
              ]),
            ]),
          ],
        }),
      ),
    );

    expect(nodesOf(graph)).toContain('step kind/orders/retry/both/inner/b in kind/orders/retry/both/inner');
    expect(faultsOfPlaces(graph)).toEqual([]);
  });

  it('keeps apart what users may call like its own nodes, and characters of paths', () => {
    const graph = definitionGraph(
      pipeline(step('start'), step('end'), step('a/b'), step('#start'), branch('x', { y: [step('#ask')] })),
    );
    const ids = graph.nodes.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['start', 'end', 'a%2Fb', '%23start', 'x/%23ask', 'x/#ask']));
    expect(graph.nodes.map(({ label }) => label)).toEqual(expect.arrayContaining(['a/b', '#start', '#ask']));
  });

  it('is the same each time, and the same after JSON', () => {
    const make = (): WorkflowGraph =>
      definitionGraph(pipeline(branch('k', { a: [step('x', 'undoX')] }), forEach('m', [step('s')])));

    expect(make()).toStrictEqual(make());
    expect(JSON.parse(JSON.stringify(make()))).toStrictEqual(make());
  });

  it('refers only to nodes that are there, under unique ids', () => {
    const { nodes, edges } = definitionGraph(
      pipeline(
        branch('k', { a: [step('x', 'undoX')], b: [] }),
        loop('w', [decision('d', 'z'), step('y'), step('z')]),
      ),
    );
    const ids = new Set(nodes.map(({ id }) => id));

    expect(edges.filter(({ source, target }) => !ids.has(source) || !ids.has(target))).toEqual([]);
    expect(new Set(edges.map(({ id }) => id)).size).toBe(edges.length);
  });
});
