import { compileFunction } from 'node:vm';
import { transformSync } from '@swc/core';
import { describe, expect, it } from '@jest/globals';
import * as ts from 'typescript';
import { Step } from '../../../lib/decorators/step.decorator.js';
import { methodsOf, stepsOf } from '../../../lib/definition/class-methods.js';
import { Pipeline } from '../../../lib/definition/pipeline.js';
import type { ClassRef } from '../../../lib/definition/workflow-class.js';

// Not in the order of the alphabet, and with bases, overrides and an accessor in between.
const source = `
  import { Pipeline, Step } from 'decorators';
  class Base extends Pipeline {
    @Step() open() {}
    helper() {}
    @Step() audit(): unknown { return { by: 'base' }; }
  }
  class Middle extends Base {
    @Step() work() {}
    get later() { throw new Error('an accessor is not asked'); }
  }
  export class Leaf extends Middle {
    @Step() zeta() {}
    @Step() override audit() { return { by: 'leaf' }; }
    @Step() override helper() {}
    @Step() alpha() {}
  }
`;

function withTypeScript(target: ts.ScriptTarget): string {
  return ts.transpileModule(source, {
    compilerOptions: {
      target,
      module: ts.ModuleKind.CommonJS,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  }).outputText;
}

function withSwc(target: 'es2015' | 'es2022'): string {
  return transformSync(source, {
    swcrc: false,
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target,
    },
    module: { type: 'commonjs' },
  }).code;
}

function load(code: string): ClassRef {
  const exported: { Leaf?: ClassRef } = {};
  compileFunction(code, ['exports', 'require'])(exported, () => ({ Pipeline, Step }));
  if (exported.Leaf === undefined) throw new Error('the code exports no class');
  return exported.Leaf;
}

describe('the order of the steps of a class', () => {
  const compilers: Record<string, () => string> = {
    'tsc for ES2015': () => withTypeScript(ts.ScriptTarget.ES2015),
    'tsc for ES2022': () => withTypeScript(ts.ScriptTarget.ES2022),
    'swc for ES2015': () => withSwc('es2015'),
    'swc for ES2022': () => withSwc('es2022'),
  };

  it.each(Object.keys(compilers))('is that of the declarations, base class first (%s)', (compiler) => {
    const leaf = load(compilers[compiler]?.() ?? '');

    expect(stepsOf(leaf).map(({ method }) => method)).toEqual([
      'open',
      'helper',
      'audit',
      'work',
      'zeta',
      'alpha',
    ]);
  });

  it('gives an override the place of what it overrides', () => {
    const audit = stepsOf(load(withSwc('es2022'))).find(({ method }) => method === 'audit');

    expect(audit?.owner.name).toBe('Leaf');
    expect(audit && Reflect.apply(audit.body, {}, [])).toEqual({ by: 'leaf' });
  });

  it('leaves the base class as it is', () => {
    const base = Object.getPrototypeOf(Object.getPrototypeOf(load(withSwc('es2022')))) as ClassRef;

    expect(stepsOf(base).map(({ method, owner }) => `${owner.name}.${method}`)).toEqual([
      'Base.open',
      'Base.audit',
    ]);
  });
});

describe('methodsOf', () => {
  it('knows no constructor, no accessor and nothing of Object', () => {
    class Plain {
      get now(): number {
        throw new Error('an accessor is not asked');
      }
      work(): void {}
    }

    expect([...methodsOf(Plain).keys()]).toEqual(['work']);
  });
});
