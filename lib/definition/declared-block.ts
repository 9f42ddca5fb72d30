import { BLOCK_DECORATORS, type BlockDeclaration } from './block-definition.js';
import { blockFaults } from './block.checks.js';
import { isOptions } from './option.checks.js';
import type { ClassRef, Method } from './workflow-class.js';

/** Children that run one after the other (or, in a parallel block, at once). */
export interface ChildList {
  /** The answer for which they run, in a branch. */
  readonly clause?: string;
  readonly children: readonly string[];
}

/** What a block decorator leaves behind: what it was given, and the method as it was written. */
export class DeclaredBlock {
  constructor(
    readonly owner: ClassRef,
    readonly method: string,
    readonly declaration: BlockDeclaration,
    readonly body: Method,
  ) {}

  get decorator(): string {
    return BLOCK_DECORATORS[this.declaration.kind];
  }

  /** The block that it says it is in. */
  get parent(): string | undefined {
    const options: unknown = this.declaration.options;
    return isOptions(options) ? asName(options['in']) : undefined;
  }

  /** Everything that is wrong with it, looked at by itself. */
  faults(): string[] {
    return blockFaults(this.method, this.declaration, this.body);
  }

  /** The lists of its children; what is no name is left out, and found by the checks. */
  get lists(): readonly ChildList[] {
    const { declaration } = this;
    switch (declaration.kind) {
      case 'branch':
        return clausesOf(declaration.clauses);
      case 'parallel':
        return [{ children: namesIn(declaration.children) }];
      case 'foreach':
      case 'while':
        return [{ children: isOptions(declaration.options) ? namesIn(declaration.options.do) : [] }];
      case 'decision':
        return [];
      default:
        return declaration satisfies never;
    }
  }

  /** Where it may lead. */
  get targets(): readonly string[] {
    const { declaration } = this;
    if (declaration.kind !== 'decision' && declaration.kind !== 'parallel') return [];
    return isOptions(declaration.options) ? namesIn(declaration.options.to) : [];
  }
}

function clausesOf(clauses: unknown): ChildList[] {
  if (!isOptions(clauses)) return [];
  return Object.entries(clauses).map(([clause, children]) => ({ clause, children: namesIn(children) }));
}

function namesIn(value: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((name) => typeof name === 'string');
}

function asName(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
