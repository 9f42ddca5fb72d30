import { firstCallOf, isOfTheEngine, labelOf, undoPathOf, within } from '../identity/operation-path.js';
import { END, START, undoOf } from './graph-ids.js';
import type { RecordedOperation, RecordedOperations } from './recorded-operations.js';
import type { Situation } from './situation.js';
import { Tallies } from './tally.js';

/** More calls of one name than this, in one spot, are one node with their numbers. */
export const FOLDED_ABOVE = 20;

/** An operation with what was called inside it; where calls are folded, several of them. */
export interface HistoryTree {
  readonly id: string;
  readonly label: string;
  readonly operations: readonly RecordedOperation[];
  readonly undos: readonly RecordedOperation[];
  readonly children: readonly HistoryTree[];
}

/** A spot in the history: a segment of a path below the segments around it. */
class HistorySpot {
  readonly operations: RecordedOperation[] = [];
  readonly undos: RecordedOperation[] = [];
  readonly children = new Map<string, HistorySpot>();

  at(segment: string): HistorySpot {
    let spot = this.children.get(segment);
    if (spot === undefined) {
      spot = new HistorySpot();
      this.children.set(segment, spot);
    }
    return spot;
  }

  /** Takes over all that is at another spot. */
  absorb(other: HistorySpot): void {
    for (const operation of other.operations) this.operations.push(operation);
    for (const undo of other.undos) this.undos.push(undo);
    for (const [segment, spot] of other.children) this.at(segment).absorb(spot);
  }
}

/** The operations of a history inside each other, as their paths say. */
export function historyTrees(operations: readonly RecordedOperation[]): HistoryTree[] {
  const root = new HistorySpot();
  const undos = new Map(operations.filter(({ kind }) => kind === 'undo').map((undo) => [undo.path, undo]));
  for (const operation of operations) {
    const segments = operation.path.split('/');
    if (segments.some(isOfTheEngine)) continue;
    const spot = segments.reduce((around, segment) => around.at(segment), root);
    spot.operations.push(operation);
    const undo = undos.size === 0 ? undefined : undos.get(undoPathOf(operation.path));
    if (undo !== undefined) spot.undos.push(undo);
  }
  return treesIn(root, '');
}

/** What happened at each node of a graph that is drawn from the history. */
export function historyTallies(
  trees: readonly HistoryTree[],
  {
    recorded,
    situation,
    hasCompleted,
  }: {
    readonly recorded: RecordedOperations;
    readonly situation: Situation;
    readonly hasCompleted: boolean;
  },
): Tallies {
  const tallies = new Tallies();
  tallies.add(START, trees.length > 0 || hasCompleted ? 'completed' : situation.unreached);
  tallies.add(END, hasCompleted ? 'completed' : situation.unreached);
  const add = ({ id, operations, undos, children }: HistoryTree): void => {
    // Of a step that is under way there may be nothing but what is in it.
    if (operations.length === 0) tallies.add(id, situation.statusOf(undefined, recorded.openInside(id)));
    const undone = new Set(undos.filter(({ standing }) => standing === 'completed').map(({ path }) => path));
    for (const operation of operations) {
      const status = situation.statusOf(operation, recorded.openInside(operation.path));
      tallies.add(id, undone.has(undoPathOf(operation.path)) ? 'compensated' : status, operation);
    }
    for (const undo of undos) {
      tallies.add(undoOf(id), situation.statusOfUndo(undo, recorded.openInside(undo.path)), undo);
    }
    for (const child of children) add(child);
  };
  for (const tree of trees) add(tree);
  return tallies;
}

function treesIn(spot: HistorySpot, parent: string): HistoryTree[] {
  return [...folded(withoutItems(spot)).children].map(([segment, child]) => {
    const id = within(parent, segment);
    return {
      id,
      label: labelOf(segment),
      operations: child.operations,
      undos: child.undos,
      children: treesIn(child, id),
    };
  });
}

/** The items of a loop are not shown one by one: what was done for them stands at the loop. */
function withoutItems(spot: HistorySpot): HistorySpot {
  if (!spot.operations.some(({ kind }) => kind === 'foreach')) return spot;
  const loop = new HistorySpot();
  for (const item of spot.children.values()) {
    for (const [segment, child] of item.children) loop.at(segment).absorb(child);
  }
  return loop;
}

function folded(spot: HistorySpot): HistorySpot {
  const calls = new Map<string, number>();
  for (const segment of spot.children.keys()) {
    const name = firstCallOf(segment);
    calls.set(name, (calls.get(name) ?? 0) + 1);
  }
  const kept = new HistorySpot();
  for (const [segment, child] of spot.children) {
    const name = firstCallOf(segment);
    kept.at((calls.get(name) ?? 0) > FOLDED_ABOVE ? name : segment).absorb(child);
  }
  return kept;
}
