import { describe, expect, it } from '@jest/globals';
import { definitionGraph } from '../../../lib/graph/definition-graph.js';
import { toDot } from '../../../lib/graph/dot.js';
import { toMermaid } from '../../../lib/graph/mermaid.js';
import { textOf } from '../../support/documentation.js';
import { branch, forEach, pipeline, step } from './definitions.js';

const shown = definitionGraph({
  ...pipeline(
    step('chargePayment', 'refund'),
    branch('byKind', {
      digital: [step('sendLicence')],
      physical: [step('createShipment'), step('notifyWarehouse')],
    }),
    forEach('recipients', [step('sendMail')], { into: 'sent' }),
  ),
  name: 'process_order',
});

function blockOf(language: string): string | undefined {
  return textOf('docs/graph.md')
    .split('```' + language + '\n')[1]
    ?.split('```')[0];
}

describe('The guide on graphs', () => {
  it('shows what the exports write', () => {
    expect(blockOf('mermaid')).toBe(toMermaid(shown));
    expect(blockOf('dot')).toBe(toDot(shown));
  });
});
