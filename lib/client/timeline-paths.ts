import { ASK, UNDO_PATH } from '../identity/operation-path.js';
import { nameOf, undonePathOf } from './step-names.js';

/** The paths around one, the outermost first. What is being undone is in nothing. */
export function pathsAround(path: string): string[] {
  const names = path.split('/');
  return names
    .slice(1)
    .map((_, index) => names.slice(0, index + 1).join('/'))
    .filter((around) => around !== UNDO_PATH);
}

/** Reads the paths of one history: which of them are items of a block, and have no line of their own. */
export class TimelinePaths {
  constructor(private readonly recorded: ReadonlySet<string>) {}

  /** Those around a path that a timeline has a row for: no items, and not what keeps questions apart. */
  rowsAround(path: string): string[] {
    return pathsAround(path).filter(
      (around) => !this.isItem(around) && !around.endsWith(`/${ASK}`) && around !== ASK,
    );
  }

  /** What a row is called: `charge#2`, `[17] send` for what is directly in an item, `↩ charge` for an undo. */
  labelOf(path: string): string {
    const undone = undonePathOf(path);
    if (undone !== undefined) return `↩ ${this.labelOf(undone)}`;
    const around = pathsAround(path).at(-1);
    const item = around !== undefined && this.isItem(around) ? `[${nameOf(around)}] ` : '';
    return item + nameOf(path) + (/#\d+$/.exec(path)?.[0] ?? '');
  }

  isItem(path: string): boolean {
    return /\/\d+$/.test(path) && !this.recorded.has(path);
  }
}
