import { describe, expect, it } from '@jest/globals';
import { Compensate } from '../../../lib/decorators/compensate.decorator.js';
import { Parallel } from '../../../lib/decorators/parallel.decorator.js';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import { Pipeline } from '../../../lib/definition/pipeline.js';
import { faultsOf, stepFaultsOf, untyped } from '../../support/thrown-faults.js';

function withUndo(steps: unknown, options?: unknown): readonly string[] {
  class Subject {
    @Step()
    async charge(): Promise<void> {}
    @Step()
    async reserve(): Promise<void> {}
    @Compensate(untyped(steps), untyped(options))
    undo(): void {}
    helper(): void {}
  }
  return stepFaultsOf(Subject);
}

describe('what @Compensate() is given', () => {
  it.each([
    ['chrge', "@Compensate() of 'undo' names 'chrge', which is no method: did you mean 'charge'?"],
    ['nowhere', "@Compensate() of 'undo' names 'nowhere', which is no method"],
    ['helper', "@Compensate() of 'undo' names 'helper', which is no step"],
    ['undo', "@Compensate() of 'undo' names 'undo', which is an undo and no step"],
    [['charge', 'charge'], "@Compensate() of 'undo' names 'charge' twice"],
    [[], "@Compensate() of 'undo' names no step"],
    [undefined, "@Compensate() of 'undo' takes the name of a step, or a list of such names"],
    [['charge', 5], "@Compensate() of 'undo' takes the name of a step, or a list of such names"],
  ])('may not be %p', (steps, fault) => {
    expect(withUndo(steps)).toEqual([fault]);
  });

  it.each([
    [null, "@Compensate() of 'undo' takes an object of options, not null"],
    [
      { timeout: -5 },
      "@Compensate() of 'undo': 'timeout' must be a duration (milliseconds, or a text such as '90s' or '1h30m') of more than 0 and at most 100 years, not -5",
    ],
    [{ retries: 5 }, "@Compensate() of 'undo' has no option 'retries': did you mean 'retry'?"],
    [{ retry: 5 }, "@Compensate() of 'undo': 'retry' must be an object of options, not 5"],
    [{ retry: { attempts: 5 } }, "'retry' of 'undo' has no option 'attempts': did you mean 'maxAttempts'?"],
    [
      { retry: { maxAttempts: 0 } },
      "'retry' of 'undo': 'maxAttempts' must be a whole number from 1 to 32767, not 0",
    ],
    [
      { retry: { base: '2m', maxBackoff: '1m' } },
      "'retry' of 'undo': 'maxBackoff' is shorter than 'base', the first delay",
    ],
  ])('may not have the options %p', (options, fault) => {
    expect(withUndo('charge', options)).toEqual([fault]);
  });

  it('may be one step or several, with or without a retry', () => {
    expect(withUndo('charge')).toEqual([]);
    expect(withUndo(['charge', 'reserve'], { retry: { maxAttempts: 1 } })).toEqual([]);
  });
});

describe('an undo', () => {
  it('undoes steps, not blocks', () => {
    @Workflow()
    class Blocks extends Pipeline {
      @Parallel(['work'])
      both(): void {}
      @Step({ in: 'both' })
      work(): void {}
      @Compensate('both')
      undo(): void {}
    }

    expect(faultsOf(Blocks)).toEqual([
      "@Compensate() of 'undo' names 'both', which is a block: name the steps in it",
    ]);
  });

  it('is the only one of its step', () => {
    class Base {
      @Step()
      async charge(): Promise<void> {}
      @Compensate('charge')
      refund(): void {}
    }
    class Rivals extends Base {
      @Compensate('charge')
      giveBack(): void {}
    }

    expect(stepFaultsOf(Rivals)).toEqual(["'charge' has several undos: 'refund', 'giveBack'"]);
  });

  it('is a named method of an instance, marked once, and no generator', () => {
    const hidden = Symbol('hidden');
    class Odd {
      @Step()
      async work(): Promise<void> {}
      // @ts-expect-error a static method is no undo
      @Compensate('work')
      static shared(): void {}
      // @ts-expect-error a symbol is no name
      @Compensate('work')
      [hidden](): void {}
      @Compensate('work')
      @Compensate('work')
      *twice(): Generator<void> {}
    }

    expect([...stepFaultsOf(Odd)].sort()).toEqual([
      "'shared' cannot be an undo: it is static",
      "'twice' cannot be an undo: a generator returns no promise",
      "'twice' has @Compensate() twice",
      'Symbol(hidden) cannot be an undo: it has no name',
    ]);
  });

  it('is not lost when a subclass overrides it', () => {
    class Base {
      @Step()
      async charge(): Promise<void> {}
      @Compensate('charge')
      refund(): void {}
    }
    class Payments extends Base {
      override refund(): void {}
    }

    expect(stepFaultsOf(Payments)).toEqual([
      "'refund' overrides an undo of Base and has no @Compensate() itself",
    ]);
  });

  it('is the outermost wrapper of its method, wherever it is', () => {
    const traced: MethodDecorator = (_target, _key, descriptor) => {
      Object.assign(descriptor, { value: (): void => undefined });
    };
    class Traced {
      @Step()
      async charge(): Promise<void> {}
      @traced
      @Compensate('charge')
      refund(): void {}
    }

    expect(stepFaultsOf(Traced)).toEqual([
      "'refund' is wrapped outside its @Compensate(), where the engine does not see it: put @Compensate() on top",
    ]);
  });

  it('is not the run method', () => {
    @Workflow()
    class Running {
      @Compensate('work')
      @Run()
      async run(): Promise<void> {}
      @Step()
      async work(): Promise<void> {}
    }

    expect(faultsOf(Running)).toEqual([
      "'run' has @Compensate(), which belongs on the methods that it calls",
    ]);
  });

  it('needs a step to undo, also in a provider that has no other', () => {
    class Alone {
      // @ts-expect-error no such method
      @Compensate('charge')
      refund(): void {}
    }

    expect(stepFaultsOf(Alone)).toEqual(["@Compensate() of 'refund' names 'charge', which is no method"]);
  });
});
