import { blocksOf, nodesOf } from './class-methods.js';
import type { DeclaredBlock } from './declared-block.js';
import { DeclaredStep } from './declared-step.js';
import { repeatedIn, whyNoNode } from './references.js';
import { targetFaults } from './target.checks.js';
import type { ClassRef } from './workflow-class.js';

type DeclaredNode = DeclaredStep | DeclaredBlock;

/** Everything that is wrong with how the nodes of a pipeline hang together. */
export function treeFaults(classRef: ClassRef): string[] {
  return new Tree(classRef).faults();
}

class Tree {
  private readonly nodes: ReadonlyMap<string, DeclaredNode>;
  private readonly blocks: readonly DeclaredBlock[];
  /** The methods of the blocks that list a child, by the child. */
  private readonly owners: ReadonlyMap<string, readonly string[]>;

  constructor(private readonly classRef: ClassRef) {
    this.nodes = new Map(nodesOf(classRef).map((node) => [node.method, node]));
    this.blocks = blocksOf(classRef);
    this.owners = ownersIn(this.blocks);
  }

  faults(): string[] {
    const nodes = [...this.nodes.values()];
    return [
      ...this.blocks.flatMap((block) => this.childFaults(block)),
      ...[...this.owners].flatMap(([child, owners]) => ownerFaults(child, owners)),
      ...nodes.flatMap((node) => this.parentFaults(node)),
      ...nodes.flatMap((node) => this.recursionFaults(node)),
      ...this.blocks.flatMap((block) => targetFaults(this.classRef, block)),
    ];
  }

  private childFaults(block: DeclaredBlock): string[] {
    const where = `${block.decorator} of '${block.method}'`;
    const twice = block.lists.flatMap(({ children }) =>
      repeatedIn(children).map((child) => `${where} names '${child}' twice in one list`),
    );
    return [...twice, ...childrenOf(block).flatMap((child) => this.listingFaults(where, block, child))];
  }

  private listingFaults(where: string, block: DeclaredBlock, child: string): string[] {
    const node = this.nodes.get(child);
    if (node === undefined) return [`${where} names '${child}', ${whyNoNode(this.classRef, child)}`];
    const { parent } = node;
    // With several owners, one sentence says all.
    if (parent === block.method || this.ownersOf(child).length > 1) return [];
    return parent === undefined
      ? [`${where} names '${child}', which does not say so: give it { in: '${block.method}' }`]
      : [`${where} names '${child}', which says that it is in '${parent}'`];
  }

  private parentFaults({ method, parent }: DeclaredNode): string[] {
    if (parent === undefined) return [];
    const block = this.nodes.get(parent);
    if (block === undefined) return [`'${method}' is in '${parent}', ${whyNoNode(this.classRef, parent)}`];
    if (block instanceof DeclaredStep) return [`'${method}' is in '${parent}', which is a step and no block`];
    if (block.declaration.kind === 'decision') {
      return [`'${method}' is in '${parent}', which is a @Decision() and has no children`];
    }
    // Where others list it, a sentence about them has said so.
    return this.ownersOf(method).length === 0
      ? [`'${method}' is in '${parent}', which does not list it`]
      : [];
  }

  /** Children and parents agree once all else is right, so it is enough to go up. */
  private recursionFaults({ method }: DeclaredNode): string[] {
    const way = [method];
    let parent = this.nodes.get(method)?.parent;
    while (parent !== undefined && !way.includes(parent)) {
      way.push(parent);
      parent = this.nodes.get(parent)?.parent;
    }
    if (parent !== method || !this.isFirstOf(way)) return [];
    const shown = [...way, method].map((name) => `'${name}'`).join(' in ');
    return [`'${method}' is inside itself${way.length > 1 ? `: ${shown}` : ''}`];
  }

  /** So that one ring is one fault. */
  private isFirstOf(ring: readonly string[]): boolean {
    return [...this.nodes.keys()].find((name) => ring.includes(name)) === ring[0];
  }

  private ownersOf(child: string): readonly string[] {
    return this.owners.get(child) ?? [];
  }
}

function ownersIn(blocks: readonly DeclaredBlock[]): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const block of blocks) {
    for (const child of childrenOf(block)) owners.set(child, [...(owners.get(child) ?? []), block.method]);
  }
  return owners;
}

function ownerFaults(child: string, owners: readonly string[]): string[] {
  if (owners.length < 2) return [];
  return [`'${child}' is a child of several blocks: ${owners.map((owner) => `'${owner}'`).join(', ')}`];
}

/** Each once: several clauses of a branch may lead to the same child. */
function childrenOf(block: DeclaredBlock): string[] {
  return [...new Set(block.lists.flatMap(({ children }) => children))];
}
