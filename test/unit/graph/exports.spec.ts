import { describe, expect, it } from '@jest/globals';
import { toCytoscape } from '../../../lib/graph/cytoscape.js';
import { definitionGraph } from '../../../lib/graph/definition-graph.js';
import { toDot } from '../../../lib/graph/dot.js';
import { toMermaid } from '../../../lib/graph/mermaid.js';
import type { WorkflowGraph } from '../../../lib/graph/workflow-graph.js';
import { branch, decision, forEach, loop, parallel, pipeline, step, workflow } from './definitions.js';
import { graphOf, history } from './histories.js';
import { faultsOfPlaces } from './places.js';
import { madeUp } from './random-pipelines.js';
import { layOutDot, loadCytoscape, parseMermaid } from './real-parsers.js';

const everything = pipeline(
  step('price'),
  branch('kind', {
    digital: [step('licence', 'revoke')],
    physical: [
      parallel('prepare', [step('pack'), loop('poll', [step('check')], 60)], { onError: 'continue' }),
    ],
  }),
  decision('review', 'thank'),
  forEach('mail', [step('render'), step('send')], { into: 'sent' }),
  step('thank'),
);

/** All three exports hold all nodes and edges, each node in its block, as the tools themselves read them. */
async function expectAllUnderstand(graph: WorkflowGraph): Promise<void> {
  const { nodes, edges } = graph;
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const blocks = new Set(nodes.flatMap(({ parent }) => parent ?? []));

  const mermaid = await parseMermaid(toMermaid(graph));
  expect([...mermaid.texts.keys()].sort()).toEqual([...names.values()].sort());
  expect(mermaid.edges.map(({ start, end }) => [start, end])).toEqual(
    edges.map(({ source, target }) => [names.get(source), names.get(target)]),
  );
  for (const { id, parent } of nodes) {
    if (parent !== undefined) expect(mermaid.inside.get(names.get(parent) ?? '')).toContain(names.get(id));
  }

  const dot = layOutDot(toDot(graph));
  const inDot = (id: string): string => `${blocks.has(id) ? 'cluster_' : ''}${names.get(id) ?? ''}`;
  expect(dot.names.sort()).toEqual(nodes.map(({ id }) => inDot(id)).sort());
  expect(dot.edgeCount).toBe(edges.length);

  const core = loadCytoscape(toCytoscape(graph));
  expect(core.nodes().length).toBe(nodes.length);
  expect(core.edges().map((edge) => [edge.source().id(), edge.target().id()])).toEqual(
    edges.map(({ source, target }) => [source, target]),
  );
  for (const { id, parent, x, y, width, height } of nodes) {
    const node = core.getElementById(id);
    expect(node.parent().first().id()).toBe(parent);
    if (!blocks.has(id)) expect(node.position()).toEqual({ x: x + width / 2, y: y + height / 2 });
  }
}

describe('The exports of a graph', () => {
  it('are understood by Mermaid, Graphviz and Cytoscape', async () => {
    await expectAllUnderstand(definitionGraph(everything));
  });

  it('are understood with an execution', async () => {
    const past = history()
      .add('price')
      .add('kind', { kind: 'branch', output: 'digital' })
      .add('kind/licence')
      .add('review', { kind: 'decision' })
      .failed('mail')
      .undoing()
      .undone('kind/licence');

    await expectAllUnderstand(graphOf(everything, past, 'compensated'));
    await expectAllUnderstand(graphOf(undefined, past, 'compensated'));
  });

  it('are understood where there is nothing to draw', async () => {
    await expectAllUnderstand(definitionGraph(workflow({ style: 'run' })));
    await expectAllUnderstand(definitionGraph(pipeline()));
  });

  it.each([
    'end',
    'subgraph',
    'graph',
    'class',
    'default',
    'style a:#b;',
    'click',
    'a"b',
    "a'b",
    'a`b`',
    '`**markdown**`',
    'a]b)c}d>e',
    '((a))',
    '[/a/]',
    'a|b|c',
    'a-->b',
    '<b>bold</b><script>alert(1)</script>',
    '<br/>',
    '&quot;&amp;&lt;',
    '#quot;#35;',
    '1. list',
    '- list',
    '# title',
    '%% comment',
    '%%{init: {}}%%',
    '$$x^2$$',
    'fa:fa-user',
    'https://nest.example/a_b',
    'line\nbreak',
    'tab\tand\r\nreturn',
    'back\\slash',
    'back\\',
    '\\N \\G \\l',
    '{a|b}',
    'ünïcödé 注文 заказ',
    '🚀 emoji 👩‍👩‍👧',
    'عربى',
    ' padded ',
    ';',
    ',',
    '@{ shape: rect }',
    'a:::b',
    '__proto__',
    'constructor',
    'x'.repeat(200),
    'long '.repeat(40),
    'line\u2028separator',
  ])('write any name as it is: %j', async (name) => {
    const graph = definitionGraph({
      ...pipeline(
        step(name, name),
        branch(`in ${name}`, { [name]: [step(name)] }),
        loop(`w${name}`, [step('x')]),
      ),
      name,
    });
    const shown = name.replace(/\s+/g, ' ').trim();
    const mermaid = await parseMermaid(toMermaid(graph));
    const dot = layOutDot(toDot(graph));

    await expectAllUnderstand(graph);
    expect([...mermaid.texts.values()].filter((text) => text.trim() === shown).length).toBeGreaterThanOrEqual(
      3,
    );
    expect(mermaid.edges.map(({ text }) => text.trim())).toContain(shown);
    const inDot = shown.replaceAll('&', '&amp;').replaceAll('\\', '\\\\');
    expect([...dot.labels.values()].filter((label) => label === inDot).length).toBeGreaterThanOrEqual(3);
  });

  it('say in Mermaid and DOT what happened', async () => {
    const past = history().add('price', { outcome: 'attempt_failed' }).add('price', { attempt: 2 });
    const graph = graphOf(pipeline(step('price'), forEach('mail', [step('send')])), past);
    const mermaid = toMermaid(graph);

    expect((await parseMermaid(mermaid)).texts.get('n1')).toBe('price<br>✓ 20ms, 2 attempts');
    expect(mermaid).toContain('class n0,n1 completed');
    expect(mermaid).toContain('linkStyle 0,1 stroke:#16a34a');
    expect(layOutDot(toDot(graph)).labels.get('n1')).toBe('price\\n✓ 20ms, 2 attempts');
  });

  it('give Cytoscape all that is known, and classes to select by', () => {
    const graph = graphOf(pipeline(step('price')), history().add('price'));
    const core = loadCytoscape(toCytoscape(graph));

    expect(core.nodes('.step.completed').map((node) => node.id())).toEqual(['price']);
    expect(core.getElementById('price').data('run').attempts).toBe(1);
    expect(core.edges('.next.taken').length).toBe(1);
  });

  it('are the same each time', () => {
    for (const write of [toMermaid, toDot, toCytoscape]) {
      expect(write(definitionGraph(everything))).toStrictEqual(write(definitionGraph(everything)));
    }
  });

  it('are the same for a graph that went through JSON', () => {
    const graph = graphOf(everything, history().add('price'));
    const copy = JSON.parse(JSON.stringify(graph)) as WorkflowGraph;

    for (const write of [toMermaid, toDot, toCytoscape]) expect(write(copy)).toStrictEqual(write(graph));
  });
});

describe('The graphs of pipelines made up at random', () => {
  const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

  it.each(seeds.slice(0, 5))('are drawn and understood (seed %i)', async (seed) => {
    const { definition, past } = madeUp(seed);
    const graphs = [
      definitionGraph(definition),
      graphOf(definition, past, 'completed'),
      graphOf(definition, past, 'failed'),
      graphOf(definition, past, 'running'),
      graphOf(undefined, past, 'failed'),
    ];

    for (const graph of graphs) {
      expect(faultsOfPlaces(graph)).toEqual([]);
      await expectAllUnderstand(graph);
    }
  });

  it.each(seeds)(
    'take no edge that is not there, and none from a node that did not run (seed %i)',
    (seed) => {
      const { definition, past } = madeUp(seed);
      const { nodes, edges } = graphOf(definition, past, 'running');
      const statuses = new Map(nodes.map(({ id, run }) => [id, run?.status]));
      // Some may have come to a join that still waits for others.
      const isIdle = (id: string): boolean =>
        ['pending', 'skipped'].includes(statuses.get(id) ?? '') && !id.endsWith('/#join');

      for (const { source, target, taken = 0 } of edges) {
        if (taken > 0) expect([source, target].filter(isIdle)).toEqual([]);
      }
      // Whatever ran was come to over an edge; but what joins may find that there was no item, or that all failed.
      const reached = new Set(edges.filter(({ taken = 0 }) => taken > 0).map(({ target }) => target));
      const blocks = new Set(nodes.map(({ parent }) => parent));
      const ran = nodes.filter(({ id }) => !blocks.has(id) && !isIdle(id));
      expect(
        ran.map(({ id }) => id).filter((id) => id !== '#start' && !reached.has(id) && !id.endsWith('/#join')),
      ).toEqual([]);
    },
  );
});
