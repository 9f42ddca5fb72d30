import { describe, expect, it } from '@jest/globals';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import { Pipeline } from '../../../lib/definition/pipeline.js';
import { buildSteps, buildWorkflow } from '../../../lib/definition/workflow.builder.js';

interface Order {
  id: string;
}

interface OrderData extends Order {
  total: number;
}

class OrderInput {
  id = '';
}

describe('buildWorkflow', () => {
  @Workflow({
    name: 'process_order',
    version: 3,
    queue: 'orders',
    priority: -5,
    timeout: '2h',
    maxRetries: 2,
    input: OrderInput,
    output: 'summary',
  })
  class OrderWorkflow extends Pipeline<Order, OrderData, { total: number }> {
    readonly price = 42;

    @Step({ name: 'total' })
    calculateTotal(_data: Order): { total: number } {
      return { total: this.price };
    }

    summary({ total }: OrderData): { total: number } {
      return { total };
    }

    @Step({
      retry: {
        maxAttempts: 5,
        backoff: 'linear',
        base: '2s',
        maxBackoff: 10_000,
        jitter: 0,
        retryIf: (error) => error.name !== 'Declined',
      },
      timeout: '1m',
      transactional: true,
    })
    async charge(_data: OrderData): Promise<void> {}
  }

  const workflow = new OrderWorkflow();
  const definition = buildWorkflow(OrderWorkflow, workflow);

  it('takes over what the options say', () => {
    expect(definition).toMatchObject({
      name: 'process_order',
      version: 3,
      style: 'pipeline',
      classRef: OrderWorkflow,
      queue: 'orders',
      priority: -5,
      timeout: 7_200_000,
      maxRetries: 2,
      input: OrderInput,
      output: 'summary',
    });
    expect(definition.instance).toBe(workflow);
  });

  it('fills in the defaults', () => {
    @Workflow()
    class Defaults extends Pipeline {
      @Step()
      work(): void {}
    }
    const { name, version, queue, priority, maxRetries, ...rest } = buildWorkflow(Defaults, new Defaults());

    expect({ name, version, queue, priority, maxRetries }).toEqual({
      name: 'defaults',
      version: 1,
      queue: 'default',
      priority: 0,
      maxRetries: 0,
    });
    expect(Object.keys(rest).sort()).toEqual(['classRef', 'instance', 'nodes', 'steps', 'style']);
    expect(rest.steps).toEqual([
      {
        name: 'work',
        method: 'work',
        retry: { maxAttempts: 3, backoff: 'exponential', base: 1_000, maxBackoff: 3_600_000, jitter: 0.25 },
        transactional: false,
      },
    ]);
  });

  it('makes a node of each step, with the method as it was written', () => {
    const [total, charge] = definition.nodes;

    expect(definition.nodes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'step total',
      'step charge',
    ]);
    expect(total).toMatchObject({ name: 'total', method: 'calculateTotal' });
    expect(total).toHaveProperty('step', definition.steps[0]);
    expect(definition.steps[0]).toMatchObject({ name: 'total', method: 'calculateTotal' });
    expect(total?.body).not.toBe(Reflect.get(OrderWorkflow.prototype, 'calculateTotal'));
    expect(total && Reflect.apply(total.body, workflow, [{ id: '1' }])).toEqual({ total: 42 });
    expect(charge).toHaveProperty('step', {
      name: 'charge',
      method: 'charge',
      retry: {
        maxAttempts: 5,
        backoff: 'linear',
        base: 2_000,
        maxBackoff: 10_000,
        jitter: 0,
        retryIf: expect.any(Function),
      },
      timeout: 60_000,
      transactional: true,
    });
  });

  it('lets the first delay be longer than the usual longest one', () => {
    class Slow {
      @Step({ retry: { base: '2h' } })
      async work(): Promise<void> {}
    }

    expect(buildSteps(Slow)[0]?.retry).toMatchObject({ base: 7_200_000, maxBackoff: 7_200_000 });
  });

  it('knows the steps of a run method, which has no nodes', () => {
    @Workflow({ timeout: 5_000 })
    class Onboarding {
      @Run()
      async run(input: { id: string }): Promise<string> {
        return this.createAccount(input.id);
      }

      @Step()
      async createAccount(id: string): Promise<string> {
        return id;
      }
    }
    const onboarding = buildWorkflow(Onboarding, new Onboarding());

    expect(onboarding).toMatchObject({ style: 'run', nodes: [], timeout: 5_000 });
    expect(onboarding.steps.map(({ name }) => name)).toEqual(['createAccount']);
  });

  it('gives a step the same definition each time', () => {
    expect(buildWorkflow(OrderWorkflow, workflow).steps[0]).toBe(definition.steps[0]);
    const [node] = definition.nodes;
    expect(node?.kind === 'step' && node.step).toBe(definition.steps[0]);
  });
});

describe('buildSteps', () => {
  it('lists the steps of a provider, inherited ones first', () => {
    class Base {
      @Step()
      async charge(): Promise<void> {}
    }
    class Payments extends Base {
      @Step({ transactional: true })
      async refund(): Promise<void> {}
    }

    expect(buildSteps(Payments).map(({ name, transactional }) => ({ name, transactional }))).toEqual([
      { name: 'charge', transactional: false },
      { name: 'refund', transactional: true },
    ]);
  });
});
