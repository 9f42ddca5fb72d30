// What a random pipeline is, before it is a class: everything that its bodies will do is written down here.

/**
 * For which items something happens: an entry for each loop over items around it, from the outside in. `null` is
 * every item. Without loops around it, it happens always.
 */
export type When = readonly (number | null)[];

/** How something fails in the end, and how much goes down with it. */
export interface Failure {
  readonly when: When;
  /** How deep the outermost part of the pipeline lies that fails with it: 0 is all of it. */
  readonly reach: number;
}

interface NodeBase {
  /** The name of the method. */
  readonly name: string;
}

export interface UndoPlan {
  readonly method: string;
  /** So many attempts fail before one succeeds; Infinity for an undo that always fails. */
  readonly stumbles: number;
  readonly inline: boolean;
  /** It calls commit(), which is its own affair. */
  readonly commits: boolean;
}

export interface StepPlan extends NodeBase {
  readonly kind: 'step';
  /** The name under which it is recorded, where it is another one. */
  readonly title: string | undefined;
  readonly returns: 'nothing' | 'null' | 'additions';
  /** Keys that it adds, with a value of its own under each. */
  readonly adds: readonly string[];
  /** Keys that it removes. */
  readonly removes: readonly string[];
  /** The counter that it raises: it is the first step of a round. */
  readonly counts: string | undefined;
  /** So many attempts fail before one succeeds. */
  readonly stumbles: number;
  readonly fails: Failure | undefined;
  /** How many inline steps its body has. */
  readonly inline: number;
  /** How long its body sleeps, in milliseconds. */
  readonly naps: number;
  readonly commits: boolean;
  readonly undo: UndoPlan | undefined;
}

export interface BranchPlan extends NodeBase {
  readonly kind: 'branch';
  readonly clauses: Readonly<Record<string, readonly NodePlan[]>>;
  /** What it may answer, all of which have a clause. */
  readonly answers: readonly (string | number | boolean | null)[];
  readonly fails: Failure | undefined;
}

export interface ParallelPlan extends NodeBase {
  readonly kind: 'parallel';
  readonly children: readonly NodePlan[];
  readonly onError: 'fail' | 'continue';
  /** What its method does: leaves the merging to the engine, answers with additions of its own, or leads on. */
  readonly join: 'merges' | 'adds' | 'leads';
  readonly to: readonly string[];
  /** Two of its children add one key, and its method leaves the merging to the engine. */
  readonly fails: Failure | undefined;
}

export interface ForEachPlan extends NodeBase {
  readonly kind: 'foreach';
  readonly children: readonly NodePlan[];
  readonly isSingle: boolean;
  readonly items: number;
  readonly concurrency: number;
  readonly onError: 'fail' | 'continue';
  readonly into: string | undefined;
  readonly fails: Failure | undefined;
}

export interface WhilePlan extends NodeBase {
  readonly kind: 'while';
  readonly children: readonly NodePlan[];
  readonly counter: string;
  readonly rounds: number;
  /** It never has enough. */
  readonly fails: Failure | undefined;
}

export interface DecisionPlan extends NodeBase {
  readonly kind: 'decision';
  readonly to: readonly string[];
  /** Its first attempt asks for another one. */
  readonly stumbles: boolean;
  readonly fails: Failure | undefined;
}

export type BlockPlan = BranchPlan | ParallelPlan | ForEachPlan | WhilePlan | DecisionPlan;
export type NodePlan = StepPlan | BlockPlan;

export interface PipelinePlan {
  readonly seed: number;
  readonly nodes: readonly NodePlan[];
}

export function childrenOf(node: NodePlan): readonly NodePlan[] {
  switch (node.kind) {
    case 'step':
    case 'decision':
      return [];
    case 'branch':
      return Object.values(node.clauses).flat();
    case 'parallel':
    case 'foreach':
    case 'while':
      return node.children;
  }
}

/** A step that sleeps for longer than this waits only for its end. */
const LONGEST_NAP_MS = 1_000;

/** For each step that only sleeps until a step beside it fails, the recorded name of that one. */
export function culpritsIn(nodes: readonly NodePlan[]): ReadonlyMap<string, string> {
  const culprits = new Map(nodes.flatMap((node) => [...culpritsIn(childrenOf(node))]));
  for (const node of nodes) {
    if (node.kind !== 'parallel' || node.onError === 'continue') continue;
    const steps = node.children.filter((child) => child.kind === 'step');
    const culprit = steps.find(({ fails }) => fails !== undefined);
    const sleeper = steps.find(({ naps }) => naps > LONGEST_NAP_MS);
    if (culprit !== undefined && sleeper !== undefined) culprits.set(sleeper.name, recordedNameOf(culprit));
  }
  return culprits;
}

/** The counters of all loops in some nodes. */
export function countersIn(nodes: readonly NodePlan[]): string[] {
  return nodes.flatMap((node) => [
    ...(node.kind === 'while' ? [node.counter] : []),
    ...countersIn(childrenOf(node)),
  ]);
}

/** The recorded names of the steps that have an undo. */
export function undoableIn(nodes: readonly NodePlan[]): ReadonlySet<string> {
  return new Set(
    nodes.flatMap((node) => [
      ...(node.kind === 'step' && node.undo !== undefined ? [recordedNameOf(node)] : []),
      ...undoableIn(childrenOf(node)),
    ]),
  );
}

function recordedNameOf({ name, title }: StepPlan): string {
  return (title ?? name).replace(/[%/#]/g, encodeURIComponent);
}

/** A plan as text, to be read when a seed has found something. */
export function shownPlan({ nodes }: PipelinePlan): string {
  const shown = (node: NodePlan, indent: string): string[] => {
    const { name, kind, ...facts } = node;
    const told = Object.entries(facts).filter(
      ([key, value]) => !['children', 'clauses', 'title'].includes(key) && !isIdle(value),
    );
    const line = `${indent}${kind} ${name} ${told.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ')}`;
    return [line, ...childrenOf(node).flatMap((child) => shown(child, `${indent}  `))];
  };
  return nodes.flatMap((node) => shown(node, '  ')).join('\n');
}

function isIdle(value: unknown): boolean {
  return (
    value === undefined || value === 0 || value === false || (Array.isArray(value) && value.length === 0)
  );
}
