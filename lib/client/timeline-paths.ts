import {
  ASK,
  labelOf,
  lastSegmentOf,
  nameOf,
  parentOf,
  pathsAround,
  undonePathOf,
} from '../identity/operation-path.js';

/** Reads the paths of one history: which of them are items of a block, and have no line of their own. */
export class TimelinePaths {
  constructor(private readonly recorded: ReadonlySet<string>) {}

  /** Those around a path that a timeline has a row for: no items, and not what keeps questions apart. */
  rowsAround(path: string): string[] {
    return pathsAround(path).filter((around) => !this.isItem(around) && lastSegmentOf(around) !== ASK);
  }

  /** What a row is called: `charge#2`, `[17] send` for what is directly in an item, `↩ charge` for an undo. */
  labelOf(path: string): string {
    const undone = undonePathOf(path);
    if (undone !== undefined) return `↩ ${this.labelOf(undone)}`;
    const around = parentOf(path);
    return this.isItem(around) ? `[${nameOf(around)}] ${labelOf(path)}` : labelOf(path);
  }

  isItem(path: string): boolean {
    return /\/\d+$/.test(path) && !this.recorded.has(path);
  }
}
