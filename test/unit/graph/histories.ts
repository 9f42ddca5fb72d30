import type { WorkflowDefinition } from '../../../lib/definition/workflow-definition.js';
import { executionGraph, type GraphedExecution } from '../../../lib/graph/execution-graph.js';
import type { GraphLine } from '../../../lib/graph/recorded-operations.js';
import type { GraphNodeRun, WorkflowGraph } from '../../../lib/graph/workflow-graph.js';

type LineFacts = Partial<Omit<GraphLine, 'output'>> & { readonly output?: unknown };

/**
 * A history in the making, as it comes from the database: each line begins when the one before ended, and takes ten
 * milliseconds. Items are counted there, unless a line says that they are not.
 */
export class History {
  readonly lines: GraphLine[] = [];
  #time = 1_000;

  add(path: string, { output = null, ...facts }: LineFacts = {}): this {
    const startedAt = facts.startedAt ?? this.#time;
    const endedAt = facts.endedAt ?? startedAt + 10;
    this.#time = Math.max(this.#time, endedAt);
    const isCounted = facts.kind === 'foreach' && facts.itemCount !== null && Array.isArray(output);
    this.lines.push({
      seq: this.lines.length + 1,
      path,
      kind: 'step',
      attempt: 1,
      outcome: 'completed',
      error: null,
      ...facts,
      startedAt,
      endedAt,
      output: isCounted ? null : JSON.stringify(output),
      itemCount: isCounted ? output.length : null,
    });
    return this;
  }

  failed(path: string, error = 'no', facts: LineFacts = {}): this {
    return this.add(path, { outcome: 'failed', error, ...facts });
  }

  opened(path: string, facts: LineFacts = {}): this {
    return this.add(path, { outcome: 'opened', ...facts });
  }

  undoing(): this {
    return this.opened('#undo', { kind: 'compensation' });
  }

  undone(path: string, facts: LineFacts = {}): this {
    return this.add(`#undo/${encodeURIComponent(path)}`, { kind: 'undo', ...facts });
  }
}

export function history(): History {
  return new History();
}

export function graphOf(
  definition: WorkflowDefinition | undefined,
  { lines }: History,
  status: GraphedExecution['status'] = 'running',
  parse: (text: string) => unknown = JSON.parse,
): WorkflowGraph {
  const isAlive = ['pending', 'running', 'waiting', 'compensating'].includes(status);
  return executionGraph({
    definition,
    lines,
    parse,
    execution: {
      id: 'f1f4',
      workflow: 'order',
      version: 1,
      status,
      startedAt: status === 'pending' ? undefined : new Date(1_000),
      completedAt: isAlive ? undefined : new Date(9_000),
    },
  });
}

export function statusesOf({ nodes }: WorkflowGraph): Record<string, string | undefined> {
  return Object.fromEntries(nodes.map(({ id, run }) => [id, run?.status]));
}

export function runAt({ nodes }: WorkflowGraph, id: string): GraphNodeRun {
  const run = nodes.find((node) => node.id === id)?.run;
  if (run === undefined)
    throw new Error(`There is no run at ${id}: ${nodes.map((node) => node.id).join(', ')}`);
  return run;
}

/** `source->target` of the edges that were taken, with how often where it was more than once. */
export function takenEdges({ edges }: WorkflowGraph): string[] {
  return edges
    .filter(({ taken = 0 }) => taken > 0)
    .map(({ source, target, taken }) => `${source}->${target}${taken === 1 ? '' : ` ×${taken}`}`);
}
