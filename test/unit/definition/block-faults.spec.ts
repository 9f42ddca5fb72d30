import { describe, expect, it } from '@jest/globals';
import { Branch } from '../../../lib/decorators/branch.decorator.js';
import { Compensate } from '../../../lib/decorators/compensate.decorator.js';
import { Decision } from '../../../lib/decorators/decision.decorator.js';
import { ForEach } from '../../../lib/decorators/for-each.decorator.js';
import { Parallel } from '../../../lib/decorators/parallel.decorator.js';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { While } from '../../../lib/decorators/while.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import { Pipeline } from '../../../lib/definition/pipeline.js';
import type { WorkflowClass } from '../../../lib/definition/workflow-class.js';
import { faultsOf, stepFaultsOf, untyped } from '../../support/thrown-faults.js';

const decorators = { Branch, Parallel, ForEach, While, Decision };
type BlockName = keyof typeof decorators;

/** As plain JavaScript calls a decorator. */
function block(name: BlockName, given: readonly unknown[]): MethodDecorator {
  const decorator = decorators[name] as unknown as (...args: readonly unknown[]) => MethodDecorator;
  return decorator(...given);
}

/** What is wrong with the options of a block that is right in all else. */
function withBlock(name: BlockName, given: readonly unknown[]): readonly string[] {
  @Workflow()
  class Subject extends Pipeline {
    @block(name, given)
    ask(_data: object, _results: object): unknown {
      return undefined;
    }
    @Step(untyped({ in: 'ask' }))
    work(): void {}
    @Step(untyped({ in: 'ask' }))
    rest(): void {}
    @Step()
    later(): void {}
  }
  // Children that the faulty options do not name are another test's subject.
  return faultsOf(Subject).filter((fault) => !fault.includes('does not list it'));
}

describe('the options of a block', () => {
  const name = 'the name of a step or block, or a list of such names';
  it.each<[BlockName, unknown[], string | RegExp]>([
    ['Branch', [{ a: 'work' }, { inn: 'x' }], "@Branch() of 'ask' has no option 'inn': did you mean 'in'?"],
    ['Branch', [{ a: 'work' }, { in: 5 }], "@Branch() of 'ask': 'in' must be the name of a block, not 5"],
    ['Branch', [{ a: 'work' }, null], "@Branch() of 'ask' takes an object of options, not null"],
    ['Branch', [{}], "@Branch() of 'ask' has no clause"],
    ['Branch', [null], "@Branch() of 'ask' takes an object first: what runs for each answer"],
    ['Branch', [['work']], "@Branch() of 'ask' takes an object first: what runs for each answer"],
    ['Branch', [{ a: 5 }], `@Branch() of 'ask': the clause 'a' must be ${name}`],
    ['Branch', [{ a: 'work', b: [] }], `@Branch() of 'ask': the clause 'b' must be ${name}`],
    ['Branch', [{ a: ['work', 5] }], `@Branch() of 'ask': the clause 'a' must be ${name}`],
    ['Parallel', [[]], "@Parallel() of 'ask' takes a list of the names of steps and blocks first"],
    ['Parallel', ['work'], "@Parallel() of 'ask' takes a list of the names of steps and blocks first"],
    [
      'Parallel',
      [['work'], { onError: 'ignore' }],
      /'onError' must be one of 'fail', 'continue', not 'ignore'/,
    ],
    ['Parallel', [['work'], { to: [] }], /'to' must be a list of the names of steps and blocks, not \[\]/],
    ['ForEach', [{}], "@ForEach() of 'ask' needs 'do'"],
    ['ForEach', [undefined], "@ForEach() of 'ask' takes an object of options, not undefined"],
    ['ForEach', [{ do: [] }], `@ForEach() of 'ask': 'do' must be ${name}, not []`],
    [
      'ForEach',
      [{ do: 'work', concurrency: 0 }],
      /'concurrency' must be a whole number from 1 to 1000, not 0/,
    ],
    ['ForEach', [{ do: 'work', concurrency: 1_001 }], /'concurrency' must be/],
    ['ForEach', [{ do: 'work', concurrency: 2.5 }], /'concurrency' must be/],
    ['ForEach', [{ do: 'work', onError: true }], /'onError' must be/],
    [
      'ForEach',
      [{ do: 'work', into: '' }],
      "@ForEach() of 'ask': 'into' must be the name of a key of the data, not ''",
    ],
    ['ForEach', [{ do: 'work', into: 5 }], /'into' must be/],
    ['While', [{ do: 'work' }], "@While() of 'ask' needs 'max'"],
    ['While', [{ max: 5 }], "@While() of 'ask' needs 'do'"],
    ['While', [{ do: 'work', max: 0 }], /'max' must be a whole number from 1 to 2147483647, not 0/],
    ['While', [{ do: 'work', max: Infinity }], /'max' must be/],
    [
      'While',
      [{ do: 'work', max: 5, into: 'x' }],
      "@While() of 'ask' has no option 'into': did you mean 'in'?",
    ],
  ])('of @%s() may not be %p', (decorator, given, fault) => {
    expect(withBlock(decorator, given)).toEqual([
      typeof fault === 'string' ? fault : expect.stringMatching(fault),
    ]);
  });

  it.each([
    [undefined, "@Decision() of 'ask' takes an object of options, not undefined"],
    [{}, "@Decision() of 'ask' needs 'to'"],
    [
      { to: 'later' },
      "@Decision() of 'ask': 'to' must be a list of the names of steps and blocks, not 'later'",
    ],
    [{ to: [] }, "@Decision() of 'ask': 'to' must be a list of the names of steps and blocks, not []"],
  ])('of @Decision() may not be %p', (options, fault) => {
    @Workflow()
    class Subject extends Pipeline {
      @block('Decision', [options])
      ask(): void {}
      @Step()
      later(): void {}
    }

    expect(faultsOf(Subject)).toEqual([fault]);
  });

  it.each<[BlockName, unknown[]]>([
    ['Branch', [{ a: 'work', default: ['rest'] }, { in: undefined }]],
    ['Branch', [{ 1: 'work', true: ['rest', 'work'] }]],
    ['Parallel', [['work', 'rest'], { onError: 'continue', to: ['later'] }]],
    ['Parallel', [['work', 'rest']]],
    ['ForEach', [{ do: ['work', 'rest'], concurrency: 1_000, onError: 'continue', into: 'all' }]],
    ['While', [{ do: ['rest', 'work'], max: 2_147_483_647 }]],
  ])('of @%s() may be %p', (decorator, given) => {
    expect(withBlock(decorator, given)).toEqual([]);
  });
});

describe('a block', () => {
  it('is a named method of an instance, marked once', () => {
    const hidden = Symbol('hidden');
    @Workflow()
    class Odd extends Pipeline {
      // @ts-expect-error a static method is no block
      @Branch({ default: 'work' })
      static shared(): string {
        return '';
      }
      // @ts-expect-error a symbol is no name
      @While({ do: 'work', max: 1 })
      [hidden](): boolean {
        return false;
      }
      // @ts-expect-error an accessor is no block
      @Branch({ default: 'work' })
      get size(): string {
        return '';
      }
      @Step()
      work(): void {}
      @Step()
      @While({ do: 'inner', max: 1 })
      twoThings(): never {
        throw new Error('never');
      }
      @Step({ in: 'twoThings' })
      inner(): void {}
      @Branch({ default: 'child' })
      @Branch({ default: 'child' })
      twice(): string {
        return '';
      }
      @Step({ in: 'twice' })
      child(): void {}
      @Compensate('work')
      @Step()
      undone(): void {}
    }

    expect([...faultsOf(Odd)].sort()).toEqual([
      "'shared' cannot be a block: it is static",
      "'size' cannot be a block: it is not a method",
      "'twice' has @Branch() twice",
      "'twoThings' has @Step() and @While(): a method is one or the other",
      "'undone' has @Compensate() and @Step(): a method is one or the other",
      'Symbol(hidden) cannot be a block: it has no name',
    ]);
  });

  it('is not sorted before its place by JavaScript, is no lifecycle hook and no generator', () => {
    @Workflow()
    class Odd extends Pipeline {
      @While({ do: 'a', max: 1 })
      1(): boolean {
        return false;
      }
      @Step(untyped({ in: '1' }))
      a(): void {}
      @While({ do: 'b', max: 1 })
      onModuleInit(): boolean {
        return false;
      }
      @Step({ in: 'onModuleInit' })
      b(): void {}
      // @ts-expect-error returns no boolean
      @While({ do: 'c', max: 1 })
      *asks(): Generator<boolean> {
        yield false;
      }
      @Step({ in: 'asks' })
      c(): void {}
    }

    expect(faultsOf(Odd)).toEqual([
      "'1' cannot be a block: JavaScript sorts number-like names first, whatever their place",
      "'onModuleInit' cannot be a block: Nest calls it as a lifecycle hook",
      "'asks' cannot be a block: a generator returns no answer",
    ]);
  });

  it('belongs in a Pipeline', () => {
    @Workflow()
    class Running {
      @Run()
      async run(): Promise<void> {}
      // @ts-expect-error no pipeline
      @Parallel(['work'])
      both(): void {}
      // @ts-expect-error no pipeline
      @Step({ in: 'both' })
      async work(): Promise<void> {}
    }
    class Provider {
      // @ts-expect-error no pipeline
      @Decision({ to: ['work'] })
      decide(): void {}
      @Step()
      async work(): Promise<void> {}
    }

    expect(faultsOf(Running)).toEqual([
      "'both' has @Parallel(), and only a Pipeline has blocks",
      "'work' has 'in', and only a Pipeline has blocks",
    ]);
    expect(stepFaultsOf(Provider)).toEqual(["'decide' has @Decision(), and only a Pipeline has blocks"]);
  });

  it('is not enough for a Pipeline: it needs a step', () => {
    @Workflow()
    class NoStep extends Pipeline {
      @Parallel(['inner'])
      outer(): void {}
      @Parallel(['helper'], { in: 'outer' })
      inner(): void {}
      helper(): void {}
    }

    expect(faultsOf(NoStep)).toEqual([
      'it is a Pipeline without any step: mark its methods with @Step()',
      "@Parallel() of 'inner' names 'helper', which is neither a step nor a block",
    ]);
  });

  it('has a name of its own in its class', () => {
    @Workflow()
    class Names extends Pipeline {
      @Parallel(['work'])
      both(): void {}
      @Step({ in: 'both', name: 'both' })
      work(): void {}
    }

    expect(faultsOf(Names)).toEqual(["several steps and blocks are named 'both': 'both', 'work'"]);
  });

  it('is not lost when a subclass overrides it, and may become something else', () => {
    class Base extends Pipeline {
      @Parallel(['work'])
      both(): void {}
      @Step({ in: 'both' })
      work(): void {}
    }
    @Workflow()
    class Unmarked extends Base {
      override both(): void {}
    }
    @Workflow()
    class Nested extends Base {
      @Parallel(['deeper'], { in: 'both' })
      override work(): void {}
      @Step({ in: 'work' })
      deeper(): void {}
    }

    expect(faultsOf(Unmarked)).toContain("'both' overrides a block of Base and has no @Parallel() itself");
    expect(faultsOf(Nested)).toEqual([]);
  });

  it('is the outermost wrapper of its method', () => {
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
      @While({ do: 'work', max: 1 })
      outside(): boolean {
        return false;
      }
      @While({ do: 'rest', max: 1 })
      @traced
      inside(): boolean {
        return false;
      }
      @Step({ in: 'outside' })
      work(): void {}
      @Step({ in: 'inside' })
      rest(): void {}
    }

    expect(faultsOf(Traced)).toEqual([
      "'outside' is wrapped outside its @While(), where a pipeline does not see it: put @While() on top",
    ]);
  });

  it('looks at the results where nothing is merged by itself', () => {
    @Workflow()
    class Blind extends Pipeline {
      // @ts-expect-error takes no results
      @Parallel(['work'], { onError: 'continue' })
      both(): void {}
      @Step({ in: 'both' })
      work(): void {}
    }

    expect(faultsOf(Blind)).toEqual([
      "'both' has to take (data, results): with onError 'continue' nothing else sees what came of the children",
    ]);
  });

  it('makes no output', () => {
    @Workflow({ output: 'both' })
    class Blocks extends Pipeline<void, void, void> {
      @Parallel(['work'])
      both(): void {}
      @Step({ in: 'both' })
      work(): void {}
    }
    @Workflow({ output: 'undo' })
    class Undone extends Pipeline<void, void, void> {
      @Step()
      work(): void {}
      @Compensate('work')
      undo(): void {}
    }

    expect(faultsOf(Blocks)).toEqual([
      "@Workflow(): 'output' names 'both', which has @Parallel(): it has to be a method without",
    ]);
    expect(faultsOf(Undone)).toEqual([
      "@Workflow(): 'output' names 'undo', which has @Compensate(): it has to be a method without",
    ]);
  });
});

describe('the children of a block', () => {
  it('are steps and blocks of the class', () => {
    @Workflow()
    class Unknown extends Pipeline {
      // @ts-expect-error no such methods
      @Parallel(['shipp', 'summary', 'undo', 'nowhere', 'ship'])
      both(): void {}
      @Step({ in: 'both' })
      ship(): void {}
      @Compensate('ship')
      undo(): void {}
      summary(): void {}
    }

    expect(faultsOf(Unknown)).toEqual([
      "@Parallel() of 'both' names 'shipp', which is no method: did you mean 'ship'?",
      "@Parallel() of 'both' names 'summary', which is neither a step nor a block",
      "@Parallel() of 'both' names 'undo', which is an undo",
      "@Parallel() of 'both' names 'nowhere', which is no method",
    ]);
  });

  it('say where they live', () => {
    @Workflow()
    class Silent extends Pipeline {
      @Parallel(['silent', 'elsewhere', 'inner'])
      both(): void {}
      @Step()
      silent(): void {}
      @Step({ in: 'inner' })
      elsewhere(): void {}
      @Parallel(['work'])
      inner(): void {}
      @Step({ in: 'inner' })
      work(): void {}
    }

    expect(faultsOf(Silent)).toEqual([
      "@Parallel() of 'both' names 'silent', which does not say so: give it { in: 'both' }",
      "@Parallel() of 'both' names 'elsewhere', which says that it is in 'inner'",
      "@Parallel() of 'both' names 'inner', which does not say so: give it { in: 'both' }",
    ]);
  });

  it('live in a block that lists them', () => {
    @Workflow()
    class Lost extends Pipeline {
      @Parallel(['work'])
      both(): void {}
      @Step({ in: 'both' })
      work(): void {}
      @Step({ in: 'both' })
      unlisted(): void {}
      // @ts-expect-error no such method
      @Step({ in: 'boht' })
      misspelt(): void {}
      @Step({ in: 'work' })
      inAStep(): void {}
      @Step({ in: 'decide' })
      inADecision(): void {}
      @Step({ in: 'helper' })
      inAHelper(): void {}
      @Decision({ to: ['last'] })
      decide(): void {}
      @Step()
      last(): void {}
      helper(): void {}
    }

    expect(faultsOf(Lost)).toEqual([
      "'unlisted' is in 'both', which does not list it",
      "'misspelt' is in 'boht', which is no method: did you mean 'both'?",
      "'inAStep' is in 'work', which is a step and no block",
      "'inADecision' is in 'decide', which is a @Decision() and has no children",
      "'inAHelper' is in 'helper', which is neither a step nor a block",
    ]);
  });

  it('have one owner', () => {
    @Workflow()
    class Shared extends Pipeline {
      @Parallel(['work'])
      one(): void {}
      @While({ do: 'work', max: 1 })
      other(): boolean {
        return false;
      }
      @Step({ in: 'one' })
      work(): void {}
    }

    expect(faultsOf(Shared)).toEqual(["'work' is a child of several blocks: 'one', 'other'"]);
  });

  it('are in a list once, and in several clauses if need be', () => {
    @Workflow()
    class Twice extends Pipeline {
      @Parallel(['work', 'rest', 'work'])
      both(): void {}
      @Step({ in: 'both' })
      work(): void {}
      @Step({ in: 'both' })
      rest(): void {}
      @Branch({ a: ['shared', 'shared'], b: 'shared' })
      choose(): string {
        return 'a';
      }
      @Step({ in: 'choose' })
      shared(): void {}
    }

    expect(faultsOf(Twice)).toEqual([
      "@Parallel() of 'both' names 'work' twice in one list",
      "@Branch() of 'choose' names 'shared' twice in one list",
    ]);
  });

  it('are not inside themselves', () => {
    @Workflow()
    class Ring extends Pipeline {
      @Step()
      work(): void {}
      @Parallel(['b'], { in: 'c' })
      a(): void {}
      @Parallel(['c'], { in: 'a' })
      b(): void {}
      @Parallel(['a', 'inTheRing'], { in: 'b' })
      c(): void {}
      @Step({ in: 'c' })
      inTheRing(): void {}
      @Parallel(['self'], { in: 'self' })
      self(): void {}
    }

    expect(faultsOf(Ring)).toEqual([
      "'a' is inside itself: 'a' in 'c' in 'b' in 'a'",
      "'self' is inside itself",
    ]);
  });
});

describe('where a decision or a join may lead', () => {
  function leading(to: unknown): readonly string[] {
    @Workflow()
    class Subject extends Pipeline {
      @Step()
      early(): void {}
      @Decision(untyped({ to }))
      decide(): void {}
      @Parallel(['inner'])
      both(): void {}
      @Step({ in: 'both' })
      inner(): void {}
      @Step({ name: 'the end' })
      late(): void {}
      @Compensate('early')
      undo(): void {}
      helper(): void {}
    }
    return faultsOf(Subject);
  }

  it.each([
    ['lat', "which is no method: did you mean 'late'?"],
    ['the end', 'which is no method'],
    ['helper', 'which is neither a step nor a block'],
    ['undo', 'which is an undo'],
    ['decide', 'which is the block itself'],
    ['early', 'which comes before it'],
    ['inner', 'which is not in the same list'],
  ])('is not %s', (target, why) => {
    expect(leading([target])).toEqual([`@Decision() of 'decide': 'to' names '${target}', ${why}`]);
  });

  it('is a later node of the same list, a step or a block', () => {
    expect(leading(['both', 'late'])).toEqual([]);
    expect(leading(['late', 'late'])).toEqual(["@Decision() of 'decide': 'to' names 'late' twice"]);
  });

  it('is later in each clause that the block is in', () => {
    @Workflow()
    class Clauses extends Pipeline {
      @Branch({ a: ['decide', 'target'], b: ['decide', 'other'], c: ['target', 'decide'] })
      choose(): string {
        return 'a';
      }
      @Decision({ to: ['target'], in: 'choose' })
      decide(): void {}
      @Step({ in: 'choose' })
      target(): void {}
      @Step({ in: 'choose' })
      other(): void {}
      @Branch({ a: ['join', 'last'], b: 'last' })
      right(): string {
        return 'a';
      }
      @Parallel(['work'], { to: ['last'], in: 'right' })
      join(): void {}
      @Step({ in: 'join' })
      work(): void {}
      @Step({ in: 'right' })
      last(): void {}
    }

    expect(faultsOf(Clauses)).toEqual([
      "@Decision() of 'decide': 'to' names 'target', which is not in the same list",
    ]);
  });

  it('is nowhere for what runs beside others', () => {
    @Workflow()
    class Beside extends Pipeline {
      @Parallel(['decide', 'work'])
      both(): void {}
      @Decision({ to: ['work'], in: 'both' })
      decide(): void {}
      @Step({ in: 'both' })
      work(): void {}
    }

    expect(faultsOf(Beside)).toEqual([
      "@Decision() of 'decide' has 'to', and can lead nowhere: the children of 'both' run at once",
    ]);
  });
});

describe('the error', () => {
  it('lists the faults of all blocks of a class at once', () => {
    @Workflow()
    class Wrong extends Pipeline {
      @Branch(untyped({ a: 'shipp' }), untyped({ inn: 'x' }))
      choose(): string {
        return 'a';
      }
      @ForEach(untyped({ concurrency: 0 }))
      each(): string[] {
        return [];
      }
      @Step(untyped({ in: 'chose' }))
      ship(): void {}
      @Decision(untyped({ to: ['ship'] }))
      decide(): void {}
    }

    expect(faultsOf(Wrong satisfies WorkflowClass)).toEqual([
      "@Branch() of 'choose' names 'shipp', which is no method: did you mean 'ship'?",
      "'ship' is in 'chose', which is no method: did you mean 'choose'?",
      "@Decision() of 'decide': 'to' names 'ship', which is not in the same list",
      "@Branch() of 'choose' has no option 'inn': did you mean 'in'?",
      "@ForEach() of 'each': 'concurrency' must be a whole number from 1 to 1000, not 0",
      "@ForEach() of 'each' needs 'do'",
    ]);
  });
});
