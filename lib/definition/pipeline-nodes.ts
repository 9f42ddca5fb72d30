import type { BranchClauses, ForEachOptions } from './block-definition.js';
import { nodesOf } from './class-methods.js';
import type { DeclaredBlock } from './declared-block.js';
import { DeclaredStep } from './declared-step.js';
import { undosOf } from './undos.js';
import type { ClassRef } from './workflow-class.js';
import type { BranchNode, ForEachNode, PipelineNode, StepNode } from './workflow-definition.js';

const DEFAULT_CONCURRENCY = 10;

/** The clause of a branch that stands for every answer without one. */
export const DEFAULT_CLAUSE = 'default';

/** The main line of a pipeline that has passed its checks, with all that is in its blocks. */
export function pipelineNodes(classRef: ClassRef): PipelineNode[] {
  const declared = nodesOf(classRef);
  const nodes = new Nodes(classRef, new Map(declared.map((node) => [node.method, node])));
  return nodes.of(declared.filter(({ parent }) => parent === undefined).map(({ method }) => method));
}

/** Makes each node once: several clauses of a branch may lead to the same one. */
class Nodes {
  private readonly made = new Map<string, PipelineNode>();

  constructor(
    private readonly classRef: ClassRef,
    private readonly declared: ReadonlyMap<string, DeclaredStep | DeclaredBlock>,
  ) {}

  of(methods: string | readonly string[]): PipelineNode[] {
    return [methods].flat().flatMap((method) => this.node(method) ?? []);
  }

  private node(method: string): PipelineNode | undefined {
    const known = this.made.get(method);
    if (known !== undefined) return known;
    const declared = this.declared.get(method);
    if (declared === undefined) return undefined;
    const node = declared instanceof DeclaredStep ? this.step(declared) : this.block(declared);
    this.made.set(method, node);
    return node;
  }

  private step({ method, definition, body }: DeclaredStep): StepNode {
    const undo = undosOf(this.classRef).get(method);
    return {
      kind: 'step',
      name: definition.name,
      method,
      step: definition,
      body,
      ...(undo !== undefined && { undo }),
    };
  }

  private block({ method, body, declaration }: DeclaredBlock): PipelineNode {
    const question = { name: method, method, body };
    switch (declaration.kind) {
      case 'branch':
        return { kind: 'branch', ...question, ...this.clauses(declaration.clauses) };
      case 'parallel': {
        const { children, options } = declaration;
        return {
          kind: 'parallel',
          ...question,
          children: this.of(children),
          onError: options.onError ?? 'fail',
          to: [...(options.to ?? [])],
        };
      }
      case 'foreach':
        return { kind: 'foreach', ...question, ...this.items(declaration.options) };
      case 'while': {
        const { options } = declaration;
        return { kind: 'while', ...question, children: this.of(options.do), max: options.max };
      }
      case 'decision':
        return { kind: 'decision', ...question, to: [...declaration.options.to] };
      default:
        return declaration satisfies never;
    }
  }

  private clauses(given: BranchClauses): Pick<BranchNode, 'clauses' | 'otherwise'> {
    const { [DEFAULT_CLAUSE]: otherwise, ...clauses } = given;
    return {
      clauses: new Map(Object.entries(clauses).map(([answer, children]) => [answer, this.of(children)])),
      ...(otherwise !== undefined && { otherwise: this.of(otherwise) }),
    };
  }

  private items(
    options: ForEachOptions,
  ): Pick<ForEachNode, 'children' | 'isSingle' | 'concurrency' | 'onError' | 'into'> {
    return {
      children: this.of(options.do),
      isSingle: typeof options.do === 'string',
      concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
      onError: options.onError ?? 'fail',
      ...(options.into !== undefined && { into: options.into }),
    };
  }
}
