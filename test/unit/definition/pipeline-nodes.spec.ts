import { describe, expect, it } from '@jest/globals';
import { Branch } from '../../../lib/decorators/branch.decorator.js';
import { Compensate } from '../../../lib/decorators/compensate.decorator.js';
import { Decision } from '../../../lib/decorators/decision.decorator.js';
import { ForEach } from '../../../lib/decorators/for-each.decorator.js';
import { Parallel } from '../../../lib/decorators/parallel.decorator.js';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { While } from '../../../lib/decorators/while.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import { goto } from '../../../lib/definition/goto.js';
import { Pipeline } from '../../../lib/definition/pipeline.js';
import type { WorkflowClass } from '../../../lib/definition/workflow-class.js';
import type { PipelineNode } from '../../../lib/definition/workflow-definition.js';
import { buildWorkflow } from '../../../lib/definition/workflow.builder.js';

interface Order {
  kind: 'digital' | 'physical' | 'service';
  lines: string[];
  total: number;
  sent: { total: number }[];
}

function nodesOf(classRef: WorkflowClass): readonly PipelineNode[] {
  return buildWorkflow(classRef, new classRef()).nodes;
}

/** The names of a list of nodes, with what is inside them. */
function outline(nodes: readonly PipelineNode[]): unknown[] {
  return nodes.map((node) => {
    switch (node.kind) {
      case 'step':
        return node.name;
      case 'decision':
        return { [node.name]: node.to };
      case 'branch':
        return {
          [node.name]: {
            ...Object.fromEntries([...node.clauses].map(([clause, children]) => [clause, outline(children)])),
            ...(node.otherwise && { otherwise: outline(node.otherwise) }),
          },
        };
      case 'parallel':
      case 'foreach':
      case 'while':
        return { [node.name]: outline(node.children) };
      default:
        return node satisfies never;
    }
  });
}

describe('the nodes of a pipeline', () => {
  it('are its main line in the order of declaration, with the children of each block inside it', () => {
    @Workflow()
    class Shop extends Pipeline<Order> {
      @Step({ in: 'byKind' })
      ship(): void {}
      @Step()
      open(): void {}
      @Branch({ digital: 'licence', physical: ['pack', 'ship'], default: 'atOnce' })
      byKind({ kind }: Order): string {
        return kind;
      }
      @Step({ in: 'byKind' })
      licence(): void {}
      @Step({ in: 'byKind', name: 'packing' })
      pack(): void {}
      @Parallel(['bill', 'eachLine'], { in: 'byKind' })
      atOnce(): void {}
      @Step({ in: 'atOnce' })
      bill(): void {}
      @ForEach({ do: ['print', 'poll'], in: 'atOnce' })
      eachLine({ lines }: Order): string[] {
        return lines;
      }
      @Step({ in: 'eachLine' })
      print(): void {}
      @While({ do: 'look', max: 3, in: 'eachLine' })
      poll(): boolean {
        return false;
      }
      @Step({ in: 'poll' })
      look(): void {}
      @Step()
      close(): void {}
    }

    expect(outline(nodesOf(Shop))).toEqual([
      'open',
      {
        byKind: {
          digital: ['licence'],
          physical: ['packing', 'ship'],
          otherwise: [{ atOnce: ['bill', { eachLine: ['print', { poll: ['look'] }] }] }],
        },
      },
      'close',
    ]);
    expect(buildWorkflow(Shop, new Shop()).steps.map(({ method }) => method)).toEqual([
      'ship',
      'open',
      'licence',
      'pack',
      'bill',
      'print',
      'look',
      'close',
    ]);
  });

  it('have the base class first, and an override keeps the place of what it overrides', () => {
    abstract class Base extends Pipeline<Order> {
      @Step()
      open(): void {}
      @Branch({ default: 'work' })
      choose({ kind }: Order): string {
        return kind;
      }
      @Step({ in: 'choose' })
      work(): void {}
    }
    @Workflow()
    class Leaf extends Base {
      @Step()
      close(): void {}
      @Branch({ digital: 'more', default: 'work' })
      override choose({ kind }: Order): string {
        return kind;
      }
      @Step({ in: 'choose' })
      more(): void {}
    }

    expect(outline(nodesOf(Leaf))).toEqual([
      'open',
      { choose: { digital: ['more'], otherwise: ['work'] } },
      'close',
    ]);
  });

  it('hold the options of the blocks, with every default filled in', () => {
    @Workflow()
    class Options extends Pipeline<Order> {
      @ForEach({ do: 'one' })
      plain({ lines }: Order): string[] {
        return lines;
      }
      @Step({ in: 'plain' })
      one(): { total: number } {
        return { total: 1 };
      }
      @ForEach({ do: ['two'], concurrency: 3, onError: 'fail', into: 'sent' })
      full({ lines }: Order): string[] {
        return lines;
      }
      @Step({ in: 'full' })
      two(): { total: number } {
        return { total: 2 };
      }
      @While({ do: ['three'], max: 7 })
      loop(): boolean {
        return false;
      }
      @Step({ in: 'loop' })
      three(): void {}
      @Parallel(['four'], { onError: 'continue', to: ['end'] })
      atOnce(_data: Order, results: object): object {
        return Object.keys(results).length > 1 ? goto('end') : {};
      }
      @Step({ in: 'atOnce' })
      four(): void {}
      @Parallel(['five'])
      merged(): void {}
      @Step({ in: 'merged' })
      five(): void {}
      @Decision({ to: ['end'] })
      decide(): object {
        return goto('end');
      }
      @Step({ name: 'the end' })
      end(): void {}
    }
    const [plain, full, loop, atOnce, merged, decide] = nodesOf(Options);

    expect(plain).toMatchObject({ kind: 'foreach', concurrency: 10, onError: 'fail', isSingle: true });
    expect(plain).not.toHaveProperty('into');
    expect(full).toMatchObject({ concurrency: 3, onError: 'fail', into: 'sent', isSingle: false });
    expect(loop).toMatchObject({ kind: 'while', max: 7 });
    expect(atOnce).toMatchObject({ kind: 'parallel', onError: 'continue', to: ['end'] });
    expect(merged).toMatchObject({ onError: 'fail', to: [] });
    // What goto() says is a method, too, whatever the name of the step.
    expect(decide).toMatchObject({ kind: 'decision', to: ['end'] });
  });

  it('hold the questions as they were written, which a call from code asks as they are', () => {
    @Workflow()
    class Asking extends Pipeline<Order> {
      readonly limit = 5;

      @Branch({ high: 'work', low: 'work' })
      choose({ total }: Order): 'high' | 'low' {
        return total > this.limit ? 'high' : 'low';
      }
      @Step({ in: 'choose' })
      work(): void {}
    }
    const [choose] = nodesOf(Asking);

    expect(choose).toMatchObject({ kind: 'branch', name: 'choose', method: 'choose' });
    expect(choose?.body).toBe(Reflect.get(Asking.prototype, 'choose'));
    expect(new Asking().choose({ kind: 'digital', lines: [], total: 6, sent: [] })).toBe('high');
  });

  it('are made once where several clauses lead to the same one', () => {
    @Workflow()
    class Shared extends Pipeline<Order> {
      @Branch({ digital: ['work', 'rest'], physical: 'work', default: 'rest' })
      choose({ kind }: Order): string {
        return kind;
      }
      @Step({ in: 'choose' })
      work(): void {}
      @Step({ in: 'choose' })
      rest(): void {}
    }
    const [choose] = nodesOf(Shared);
    if (choose?.kind !== 'branch') throw new Error('no branch');

    expect(choose.clauses.get('physical')?.[0]).toBe(choose.clauses.get('digital')?.[0]);
    expect(choose.otherwise?.[0]).toBe(choose.clauses.get('digital')?.[1]);
  });

  it('know the undo of each step, which is no node', () => {
    @Workflow()
    class Saga extends Pipeline<Order> {
      @Step()
      book(): { total: number } {
        return { total: 1 };
      }
      @Step({ name: 'payment' })
      pay(): void {}
      @Step()
      ship(): void {}
      @Compensate(['book', 'pay'], { retry: { maxAttempts: 7 } })
      giveBack(_data: Order): void {}
    }
    const [book, pay, ship] = nodesOf(Saga);

    expect(nodesOf(Saga)).toHaveLength(3);
    expect(book).toHaveProperty('undo', {
      method: 'giveBack',
      body: Reflect.get(Saga.prototype, 'giveBack'),
      retry: { maxAttempts: 7, backoff: 'exponential', base: 1_000, maxBackoff: 3_600_000, jitter: 0.25 },
    });
    expect(pay).toHaveProperty('undo.method', 'giveBack');
    expect(ship).not.toHaveProperty('undo');
  });
});
