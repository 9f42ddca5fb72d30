import { describe, expect, it, jest } from '@jest/globals';
import { forwardRef, Inject, Injectable, Logger, Module, Scope, type Provider } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import { Pipeline } from '../../../lib/definition/pipeline.js';
import { WorkflowExplorer, type FoundProviders } from '../../../lib/definition/workflow.explorer.js';
import { InvalidDefinition, RequestScopedWorkflow } from '../../../lib/errors/definition.error.js';

@Injectable()
class Payments {
  @Step()
  async charge(): Promise<void> {}
}

@Workflow()
class OrderWorkflow extends Pipeline {
  constructor(readonly payments: Payments) {
    super();
  }

  @Step()
  work(): void {}
}

@Workflow()
class MailWorkflow {
  @Run()
  async run(): Promise<void> {}
}

@Injectable({ scope: Scope.REQUEST })
class Tenant {}

async function explore(...providers: Provider[]): Promise<FoundProviders> {
  const app = await Test.createTestingModule({ imports: [DiscoveryModule], providers }).compile();
  return new WorkflowExplorer(app.get(DiscoveryService)).explore();
}

function classesOf(found: FoundProviders): string[] {
  return found.workflows.map(({ classRef }) => classRef.name).sort();
}

describe('WorkflowExplorer', () => {
  it('finds workflows of both styles with their instances, and the steps of other providers', async () => {
    const found = await explore(OrderWorkflow, MailWorkflow, Payments);
    const order = found.workflows.find(({ classRef }) => classRef === OrderWorkflow)?.instance;

    expect(classesOf(found)).toEqual(['MailWorkflow', 'OrderWorkflow']);
    expect(order).toBeInstanceOf(OrderWorkflow);
    expect((order as OrderWorkflow).payments).toBeInstanceOf(Payments);
    expect(found.stepClasses).toEqual([Payments]);
  });

  it('finds them in every module', async () => {
    @Module({ providers: [OrderWorkflow, Payments] })
    class Orders {}
    const app = await Test.createTestingModule({
      imports: [DiscoveryModule, Orders],
      providers: [MailWorkflow],
    }).compile();

    expect(classesOf(new WorkflowExplorer(app.get(DiscoveryService)).explore())).toEqual([
      'MailWorkflow',
      'OrderWorkflow',
    ]);
  });

  it('finds them behind factories, values and tokens', async () => {
    const mail = new MailWorkflow();
    const found = await explore(
      Payments,
      { provide: 'orders', inject: [Payments], useFactory: async (p: Payments) => new OrderWorkflow(p) },
      { provide: 'mails', useValue: mail },
    );

    expect(classesOf(found)).toEqual(['MailWorkflow', 'OrderWorkflow']);
    expect(found.workflows.find(({ classRef }) => classRef === MailWorkflow)?.instance).toBe(mail);
  });

  it('finds the class that takes the place of another one', async () => {
    class FakeMail extends MailWorkflow {}
    const found = await explore({ provide: MailWorkflow, useClass: FakeMail });

    expect(found.workflows.map(({ classRef }) => classRef)).toEqual([FakeMail]);
  });

  it('takes an alias for what it is', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const found = await explore(MailWorkflow, { provide: 'alias', useExisting: MailWorkflow });

    expect(classesOf(found)).toEqual(['MailWorkflow']);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('says so where one class has several instances, and takes the first', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const [first, second] = [new MailWorkflow(), new MailWorkflow()];
    const found = await explore(
      { provide: 'first', useValue: first },
      { provide: 'second', useValue: second },
    );

    expect(found.workflows.map(({ instance }) => instance)).toEqual([first]);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('MailWorkflow is in the providers of several'));
    warn.mockRestore();
  });

  it('is not disturbed by what else is in the container', async () => {
    const odd = Object.assign(Object.create(null) as object, { constructor: 'none' });
    const found = await explore(
      MailWorkflow,
      { provide: 'null prototype', useValue: Object.create(null) as object },
      { provide: 'odd constructor', useValue: odd },
      { provide: 'null', useValue: null },
      { provide: 'undefined', useFactory: () => undefined },
      { provide: 'text', useValue: 'text' },
      { provide: 'function', useValue: () => 'function' },
      { provide: 'a class as a value', useValue: OrderWorkflow },
      { provide: 'null prototype from a factory', useFactory: () => Object.create(null) as object },
    );

    expect(classesOf(found)).toEqual(['MailWorkflow']);
    expect(found.stepClasses).toEqual([]);
  });

  it('keeps half a workflow for the builder to say what is missing', async () => {
    @Injectable()
    class Forgotten extends Pipeline {
      @Step()
      work(): void {}
    }
    @Injectable()
    class AlsoForgotten {
      @Run()
      async run(): Promise<void> {}
    }

    expect(classesOf(await explore(Forgotten, AlsoForgotten))).toEqual(['AlsoForgotten', 'Forgotten']);
  });

  it('lists a provider whose only step is wrong', async () => {
    @Injectable()
    class Wrong {
      // @ts-expect-error a static method is no step
      @Step()
      static async work(): Promise<void> {}
    }

    expect((await explore(Wrong)).stepClasses).toEqual([Wrong]);
  });

  it('lists steps of request-scoped providers, which nobody but requests can call', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Basket {
      @Step()
      async empty(): Promise<void> {}
    }

    expect((await explore(Basket)).stepClasses).toEqual([Basket]);
  });
});

describe('a request-scoped workflow is refused', () => {
  async function refusal(...providers: Provider[]): Promise<RequestScopedWorkflow> {
    const error: unknown = await explore(...providers).catch((thrown: unknown) => thrown);
    if (error instanceof RequestScopedWorkflow) return error;
    throw new Error(`not refused: ${String(error)}`);
  }

  it('by its own scope, above or below @Workflow()', async () => {
    @Injectable({ scope: Scope.REQUEST })
    @Workflow()
    class Above {
      @Run()
      async run(): Promise<void> {}
    }
    @Workflow()
    @Injectable({ scope: Scope.REQUEST })
    class Below {
      @Run()
      async run(): Promise<void> {}
    }

    expect((await refusal(Above)).why).toBe('its own scope is REQUEST.');
    expect((await refusal(Below)).why).toBe('its own scope is REQUEST.');
  });

  it('by the scope of its provider', async () => {
    const error = await refusal({ provide: 'mail', useClass: MailWorkflow, scope: Scope.REQUEST });

    expect(error.className).toBe('MailWorkflow');
    expect(error.message).toMatch(/^MailWorkflow is a workflow and cannot be request-scoped/);
  });

  it('by what it needs, which is named', async () => {
    @Injectable()
    class Prices {
      constructor(readonly tenant: Tenant) {}
    }
    @Workflow()
    class Quotes {
      constructor(
        readonly payments: Payments,
        readonly prices: Prices,
      ) {}
      @Run()
      async run(): Promise<void> {}
    }

    expect((await refusal(Quotes, Prices, Tenant, Payments)).why).toBe(
      'it needs Prices, which needs Tenant, which is request-scoped.',
    );
  });

  it('by what it needs in a circle', async () => {
    @Injectable()
    class Prices {
      constructor(@Inject(forwardRef(() => Discounts)) readonly discounts: object) {}
    }
    @Injectable()
    class Discounts {
      constructor(
        @Inject(forwardRef(() => Prices)) readonly prices: object,
        readonly tenant: Tenant,
      ) {}
    }
    @Workflow()
    class Quotes {
      constructor(readonly prices: Prices) {}
      @Run()
      async run(): Promise<void> {}
    }

    expect((await refusal(Quotes, Prices, Discounts, Tenant)).why).toBe(
      'it needs Prices, which needs Discounts, which needs Tenant, which is request-scoped.',
    );
  });

  it('by what is injected into a property, or is the request itself', async () => {
    @Workflow()
    class ByProperty {
      @Inject(Tenant)
      readonly tenant!: Tenant;
      @Run()
      async run(): Promise<void> {}
    }
    @Workflow()
    class ByRequest {
      constructor(@Inject(REQUEST) readonly request: object) {}
      @Run()
      async run(): Promise<void> {}
    }

    expect((await refusal(ByProperty, Tenant)).why).toBe('it needs Tenant, which is request-scoped.');
    expect((await refusal(ByRequest)).why).toMatch(/^it needs REQUEST, which is request-scoped/);
  });

  it('also where each injection gets its own', async () => {
    @Workflow()
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      @Run()
      async run(): Promise<void> {}
    }

    await expect(explore(Transient)).rejects.toThrow(InvalidDefinition);
    await expect(explore(Transient)).rejects.toThrow(/Transient.*TRANSIENT/s);
  });

  it('but not for a transient dependency', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Trace {}
    @Workflow()
    class Traced {
      constructor(readonly trace: Trace) {}
      @Run()
      async run(): Promise<void> {}
    }

    expect(classesOf(await explore(Traced, Trace))).toEqual(['Traced']);
  });
});
