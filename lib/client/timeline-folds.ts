import { FOLDED_ABOVE } from '../graph/history-tree.js';
import {
  firstCallOf,
  parentOf,
  pathsAround,
  undonePathAround,
  undoPathOf,
} from '../identity/operation-path.js';
import type { ExecutionStep } from './execution-step.js';
import type { TimelinePaths } from './timeline-paths.js';

/** What one row tells of: an operation, or all that was done for the many items of a block. */
export interface TimelineGroup {
  readonly lines: ExecutionStep[];
  /** The lines of each item, round or call, where they are folded into this row. */
  readonly parts: Map<string, ExecutionStep[]>;
  readonly unit: 'items' | 'rounds' | 'calls';
}

/** One of many: the row that tells of all of them, and which of them it is. */
interface Repetition {
  readonly row: string;
  readonly part: string;
  readonly unit: TimelineGroup['unit'];
}

/**
 * The lines of a history by the paths of the rows that tell of them. Of many items of a block, rounds of a loop or
 * calls of a step one row tells.
 */
export function foldedGroups(
  steps: readonly ExecutionStep[],
  paths: TimelinePaths,
): Map<string, TimelineGroup> {
  const loops = new Set(steps.filter(({ kind }) => kind === 'while').map(({ path }) => path));
  const repetitions = new Map<string, Repetition[]>();
  const parts = new Map<string, Set<string>>();
  for (const { path } of steps) {
    if (repetitions.has(path)) continue;
    const all = repetitionsAround(path, paths, loops);
    repetitions.set(path, all);
    for (const each of all) parts.set(keyOf(each), (parts.get(keyOf(each)) ?? new Set()).add(each.part));
  }
  const groups = new Map<string, TimelineGroup>();
  for (const step of steps) {
    const fold = repetitions
      .get(step.path)
      ?.find((each) => (parts.get(keyOf(each))?.size ?? 0) > FOLDED_ABOVE);
    const row = fold?.row ?? step.path;
    const group: TimelineGroup = groups.get(row) ?? {
      lines: [],
      parts: new Map(),
      unit: fold?.unit ?? 'items',
    };
    groups.set(row, group);
    group.lines.push(step);
    if (fold === undefined) continue;
    const lines = group.parts.get(fold.part);
    if (lines === undefined) group.parts.set(fold.part, [step]);
    else lines.push(step);
  }
  return groups;
}

/** The items, rounds and calls that a path is in or is, the outermost first. What undoes them is told of apart. */
function repetitionsAround(path: string, paths: TimelinePaths, loops: ReadonlySet<string>): Repetition[] {
  const undone = undonePathAround(path);
  const target = undone ?? path;
  const rowOf = (block: string): string => (undone === undefined ? block : undoPathOf(block));
  return [...pathsAround(target), target].map((part): Repetition => {
    if (paths.isItem(part)) return { row: rowOf(parentOf(part)), part, unit: 'items' };
    return { row: rowOf(firstCallOf(part)), part, unit: loops.has(part) ? 'rounds' : 'calls' };
  });
}

/** The items of a block are not its calls. */
function keyOf({ unit, row }: Repetition): string {
  return `${unit} ${row}`;
}
