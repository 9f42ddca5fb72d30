import { END, START, undoOf } from './graph-ids.js';
import { undoPathOf } from '../identity/operation-path.js';
import type { HistoryTree } from './history-tree.js';
import type { RecordedOperations } from './recorded-operations.js';
import type { Situation } from './situation.js';
import { Tallies } from './tallies.js';

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
