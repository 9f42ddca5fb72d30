import { describe, expect, it } from '@jest/globals';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import { Pipeline } from '../../../lib/definition/pipeline.js';
import { buildWorkflow } from '../../../lib/definition/workflow.builder.js';
import { faultsOf, stepFaultsOf, thrownFaults, untyped } from '../../support/thrown-faults.js';

function withWorkflowOptions(options: unknown): readonly string[] {
  @Workflow(untyped(options))
  class Subject extends Pipeline {
    @Step()
    work(): void {}
    summary(): void {}
  }
  return faultsOf(Subject);
}

function withStepOptions(options: unknown): readonly string[] {
  class Subject {
    @Step(untyped(options))
    async work(): Promise<void> {}
  }
  return stepFaultsOf(Subject);
}

describe('the style of a workflow', () => {
  it('is one, not both', () => {
    @Workflow()
    class Both extends Pipeline {
      @Step()
      work(): void {}
      // @ts-expect-error a Pipeline has no run method
      @Run()
      async run(): Promise<void> {}
    }

    expect(faultsOf(Both)).toEqual(["'run' has @Run() in a Pipeline: a workflow is one or the other"]);
  });

  it('is one, not none', () => {
    // @ts-expect-error neither a Pipeline nor a run method
    @Workflow()
    class Neither {}
    // @ts-expect-error neither a Pipeline nor a run method
    @Workflow()
    class OnlySteps {
      @Step()
      async work(): Promise<void> {}
    }
    @Workflow()
    class Unmarked {
      async run(): Promise<void> {}
    }

    expect(faultsOf(Neither)).toEqual(["it neither extends Pipeline nor has a method 'run' with @Run()"]);
    expect(faultsOf(OnlySteps)).toEqual([
      "it has steps and no way to run them: extend Pipeline, or write a method 'run' with @Run()",
    ]);
    expect(faultsOf(Unmarked)).toEqual(["its method 'run' has no @Run()"]);
  });

  it('needs a step in a Pipeline', () => {
    @Workflow()
    class Empty extends Pipeline {
      work(): void {}
    }

    expect(faultsOf(Empty)).toEqual(['it is a Pipeline without any step: mark its methods with @Step()']);
  });

  it('has @Run() on run, and nowhere else', () => {
    @Workflow()
    class Misplaced {
      @Run()
      async run(): Promise<void> {}
      // @ts-expect-error not the method run
      @Run()
      async runs(): Promise<void> {}
    }
    @Workflow()
    class AlsoAStep {
      @Run()
      @Step()
      async run(): Promise<void> {}
    }
    @Workflow()
    class Static {
      @Run()
      async run(): Promise<void> {}
      // @ts-expect-error not the method run
      @Run()
      static async start(): Promise<void> {}
    }

    expect(faultsOf(Misplaced)).toEqual(["'runs' has @Run(), which belongs on the method 'run'"]);
    expect(faultsOf(AlsoAStep)).toEqual(["'run' has @Step(), which belongs on the methods that it calls"]);
    expect(faultsOf(Static)).toEqual(["@Run() is on the static method 'start'"]);
  });

  it('is not lost when a subclass overrides run', () => {
    @Workflow()
    class Base {
      @Run()
      async run(): Promise<void> {}
    }
    class Unmarked extends Base {
      override async run(): Promise<void> {}
    }

    expect(faultsOf(Unmarked)).toEqual(["its method 'run' has no @Run()"]);
  });

  it('is nothing without @Workflow()', () => {
    class Forgotten extends Pipeline {
      @Step()
      work(): void {}
    }

    expect(faultsOf(Forgotten)).toEqual(['it has no @Workflow()']);
  });

  it('has one @Workflow()', () => {
    @Workflow({ name: 'second' })
    @Workflow({ name: 'first' })
    class Twice extends Pipeline {
      @Step()
      work(): void {}
    }

    expect(faultsOf(Twice)).toEqual(['@Workflow() is there twice']);
  });
});

describe('the options of @Workflow()', () => {
  it.each([
    [{ verison: 2 }, "@Workflow() has no option 'verison': did you mean 'version'?"],
    [{ scope: 2 }, "@Workflow() has no option 'scope'"],
    [{ constructor: 2 }, "@Workflow() has no option 'constructor'"],
    [null, '@Workflow() takes an object of options, not null'],
    ['orders', "@Workflow() takes an object of options, not 'orders'"],
    [{ name: '' }, /'name' must be a text .* not ''/],
    [{ name: ' orders' }, /'name' must be a text/],
    [{ name: 'or\u0000ders' }, /'name' must be a text/],
    [{ name: 'or\ud800ders' }, /'name' must be a text/],
    [{ name: 'x'.repeat(201) }, /'name' must be a text/],
    [{ name: 5 }, /'name' must be a text .* not 5/],
    [{ name: null }, /'name' must be a text .* not null/],
    [{ queue: '' }, /'queue' must be a text/],
    [{ version: 0 }, "@Workflow(): 'version' must be a whole number from 1 to 2147483647, not 0"],
    [{ version: 1.5 }, /'version' must be a whole number/],
    [{ version: '1' }, /'version' must be a whole number .* not '1'/],
    [{ version: 2 ** 31 }, /'version' must be a whole number/],
    [{ priority: -101 }, "@Workflow(): 'priority' must be a whole number from -100 to 100, not -101"],
    [{ priority: 101 }, /'priority' must be/],
    [{ priority: NaN }, /'priority' must be/],
    [{ maxRetries: -1 }, /'maxRetries' must be a whole number from 0/],
    [{ maxRetries: Infinity }, /'maxRetries' must be/],
    [{ timeout: 'soon' }, /'timeout' must be a duration .* not 'soon'/],
    [{ timeout: 0 }, /'timeout' must be a duration .* of more than 0/],
    [{ timeout: -1 }, /'timeout' must be a duration/],
    [{ timeout: '200000d' }, /'timeout' must be a duration .* at most 100 years/],
    [{ timeout: {} }, /'timeout' must be a duration/],
    [{ input: {} }, "@Workflow(): 'input' must be a class, not {}"],
    [{ input: () => undefined }, /'input' must be a class/],
    [{ output: 5 }, "@Workflow(): 'output' must be the name of a method, not 5"],
    [
      { output: 'sumary' },
      "@Workflow(): 'output' names 'sumary', which is no method: did you mean 'summary'?",
    ],
    [{ output: 'total' }, "@Workflow(): 'output' names 'total', which is no method"],
    [
      { output: 'work' },
      "@Workflow(): 'output' names 'work', which has @Step(): it has to be a method without",
    ],
  ])('may not be %p', (options, fault) => {
    expect(withWorkflowOptions(options)).toEqual([
      typeof fault === 'string' ? fault : expect.stringMatching(fault),
    ]);
  });

  it.each([
    [{ name: 'a', version: 2_147_483_647, priority: -100, maxRetries: 0, queue: 'b', timeout: 1 }],
    [{ priority: 100, output: 'summary', input: class Dto {}, timeout: '36525d' }],
    [{ name: undefined, timeout: undefined, input: undefined, output: undefined }],
  ])('may be %p', (options) => {
    expect(withWorkflowOptions(options)).toEqual([]);
  });

  it('have no output beside a run method', () => {
    @Workflow(untyped({ output: 'summary' }))
    class Summing {
      @Run()
      async run(): Promise<void> {}
      summary(): void {}
    }

    expect(faultsOf(Summing)).toEqual([
      "@Workflow(): only a Pipeline has 'output', a run method returns its output",
    ]);
  });

  it('have a name where the class has none', () => {
    @Workflow()
    class Nameless extends Pipeline {
      @Step()
      work(): void {}
    }
    Object.defineProperty(Nameless, 'name', { value: '' });

    expect(faultsOf(Nameless)).toEqual(['@Workflow() needs a name: the class has none']);
  });
});

describe('the options of @Step()', () => {
  it.each([
    [{ retries: 3 }, "@Step() of 'work' has no option 'retries': did you mean 'retry'?"],
    [{ in: 'byKind' }, "'work' has 'in', and only a Pipeline has blocks"],
    [{ in: 5 }, "@Step() of 'work': 'in' must be the name of a block, not 5"],
    [null, "@Step() of 'work' takes an object of options, not null"],
    [[], "@Step() of 'work' takes an object of options, not []"],
    [{ name: '' }, /@Step\(\) of 'work': 'name' must be a text/],
    [{ timeout: '5 parsecs' }, /@Step\(\) of 'work': 'timeout' must be a duration .* not '5 parsecs'/],
    [{ timeout: 0 }, /'timeout' must be a duration/],
    [{ transactional: 'yes' }, "@Step() of 'work': 'transactional' must be one of true, false, not 'yes'"],
    [{ retry: 3 }, "@Step() of 'work': 'retry' must be an object of options, not 3"],
    [{ retry: [] }, /'retry' must be an object of options/],
    [{ retry: { attempts: 3 } }, "'retry' of 'work' has no option 'attempts': did you mean 'maxAttempts'?"],
    [
      { retry: { maxAttempts: 0 } },
      "'retry' of 'work': 'maxAttempts' must be a whole number from 1 to 32767, not 0",
    ],
    [{ retry: { maxAttempts: 2.5 } }, /'maxAttempts' must be a whole number/],
    [
      { retry: { backoff: 'quadratic' } },
      "'retry' of 'work': 'backoff' must be one of 'exponential', 'linear', 'constant', not 'quadratic'",
    ],
    [{ retry: { base: 'soon' } }, /'base' must be a duration .* not 'soon'/],
    [{ retry: { maxBackoff: -5 } }, /'maxBackoff' must be a duration/],
    [{ retry: { base: '2m', maxBackoff: '1m' } }, /'maxBackoff' is shorter than 'base'/],
    [{ retry: { maxBackoff: 10 } }, /'maxBackoff' is shorter than 'base'/],
    [{ retry: { jitter: 1.1 } }, "'retry' of 'work': 'jitter' must be a number from 0 to 1, not 1.1"],
    [{ retry: { jitter: NaN } }, /'jitter' must be a number/],
    [{ retry: { retryIf: true } }, "'retry' of 'work': 'retryIf' must be a function, not true"],
  ])('may not be %p', (options, fault) => {
    expect(withStepOptions(options)).toEqual([
      typeof fault === 'string' ? fault : expect.stringMatching(fault),
    ]);
  });

  it.each([
    [{ name: 'w', timeout: '1ms', transactional: false, retry: {} }],
    [
      {
        retry: {
          maxAttempts: 1,
          base: 0,
          maxBackoff: 0,
          jitter: 1,
          backoff: 'constant',
          retryIf: () => true,
        },
      },
    ],
    [{ name: undefined, retry: undefined }],
  ])('may be %p', (options) => {
    expect(withStepOptions(options)).toEqual([]);
  });
});

describe('a step', () => {
  it('has a name of its own in its class, bases included', () => {
    class Base {
      @Step()
      async charge(): Promise<void> {}
    }
    class Payments extends Base {
      @Step({ name: 'charge' })
      async chargeAgain(): Promise<void> {}
      @Step({ name: 'refund' })
      async giveBack(): Promise<void> {}
      @Step()
      async refund(): Promise<void> {}
    }

    expect(stepFaultsOf(Payments)).toEqual([
      "several steps are named 'charge': 'charge', 'chargeAgain'",
      "several steps are named 'refund': 'giveBack', 'refund'",
    ]);
  });

  it('may take over the name of the one that it overrides', () => {
    class Base {
      @Step({ name: 'charge' })
      async work(): Promise<void> {}
    }
    class Payments extends Base {
      @Step({ name: 'charge' })
      override async work(): Promise<void> {}
    }

    expect(stepFaultsOf(Payments)).toEqual([]);
  });

  it('is not lost when a subclass overrides it', () => {
    class Base {
      @Step()
      async charge(): Promise<void> {}
    }
    class Payments extends Base {
      override async charge(): Promise<void> {}
    }

    expect(stepFaultsOf(Payments)).toEqual(["'charge' overrides a step of Base and has no @Step() itself"]);
  });

  it('is not sorted before its place by JavaScript', () => {
    @Workflow()
    class Numbered extends Pipeline {
      @Step()
      first(): void {}
      @Step()
      2(): void {}
    }

    expect(faultsOf(Numbered)).toEqual([
      "'2' cannot be a step: JavaScript sorts number-like names first, whatever their place",
    ]);
  });

  it('is not what Nest calls at boot', () => {
    class Hooked {
      @Step()
      async onModuleInit(): Promise<void> {}
    }

    expect(stepFaultsOf(Hooked)).toEqual([
      "'onModuleInit' cannot be a step: Nest calls it as a lifecycle hook",
    ]);
  });

  it('is no generator', () => {
    class Generating {
      // @ts-expect-error returns no promise
      @Step()
      *work(): Generator<number> {
        yield 1;
      }
      // @ts-expect-error returns no promise
      @Step()
      async *works(): AsyncGenerator<number> {
        yield 1;
      }
    }

    expect(stepFaultsOf(Generating)).toEqual([
      "'work' cannot be a step: a generator returns neither a promise nor additions",
      "'works' cannot be a step: a generator returns neither a promise nor additions",
    ]);
  });

  it('is a named method of an instance, marked once', () => {
    const hidden = Symbol('hidden');
    class Odd {
      // @ts-expect-error a static method is no step
      @Step()
      static async shared(): Promise<void> {}
      // @ts-expect-error an accessor is no step
      @Step()
      get size(): number {
        return 1;
      }
      // @ts-expect-error a symbol is no name
      @Step()
      async [hidden](): Promise<void> {}
      @Step()
      @Step()
      async twice(): Promise<void> {}
    }

    expect([...stepFaultsOf(Odd)].sort()).toEqual([
      "'shared' cannot be a step: it is static",
      "'size' cannot be a step: it is not a method",
      "'twice' has @Step() twice",
      'Symbol(hidden) cannot be a step: it has no name',
    ]);
  });

  it('is the outermost wrapper of a method of a Pipeline', () => {
    const traced: MethodDecorator = (_target, _key, descriptor) => {
      const inner = descriptor.value;
      if (typeof inner !== 'function') return;
      Object.assign(descriptor, {
        value(this: object, ...args: unknown[]): unknown {
          return Reflect.apply(inner, this, args);
        },
      });
    };
    @Workflow()
    class Traced extends Pipeline {
      @traced
      @Step()
      outside(): void {}
      @Step()
      @traced
      inside(): void {}
    }

    expect(faultsOf(Traced)).toEqual([
      "'outside' is wrapped outside its @Step(), where a pipeline does not see it: put @Step() on top",
    ]);
  });
});

describe('the error', () => {
  it('lists all faults of a class, of its options, its style and its steps', () => {
    @Workflow(untyped({ verison: 1, priority: 1_000, output: 'sumary' }))
    class Wrong extends Pipeline {
      // @ts-expect-error a Pipeline has no run method
      @Run()
      async run(): Promise<void> {}
      @Step(untyped({ timeuot: 5, retry: { maxAttempts: 0, bakoff: 'linear' } }))
      work(): void {}
      @Step({ name: 'work' })
      again(): void {}
      @Step()
      7(): void {}
      summary(): void {}
    }
    const build = () => buildWorkflow(Wrong, new Wrong());

    expect(thrownFaults(build)).toHaveLength(9);
    expect(build).toThrow(/^Wrong cannot be used/);
    for (const part of [
      'verison',
      'priority',
      'sumary',
      'run',
      'timeuot',
      'maxAttempts',
      'bakoff',
      '7',
      'several',
    ]) {
      expect(build).toThrow(part);
    }
  });
});
