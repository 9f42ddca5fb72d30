/**
 * Which operation is which: the names from the execution down to it, and, in code, which call of that name it
 * is. `charge`, `charge#2`, `ship/fetch-rate`. The same on every replay. A name that begins with `#` is the engine's
 * own: those of users have the character escaped.
 */

/** The path of everything that is not inside a step. */
export const ROOT_PATH = '';

/** Everything that is done to undo an execution. */
export const UNDO_PATH = '#undo';

/** Beside the children of a block: what the body of its question calls. */
export const ASK = '#ask';

const BLOCKS: ReadonlySet<string> = new Set(['branch', 'parallel', 'foreach', 'while', 'decision']);

const SPECIAL = /[%/#]/g;

export function pathOf(parent: string, name: string, occurrence: number): string {
  const own = segmentOf(name) + (occurrence === 1 ? '' : `#${occurrence}`);
  return parent === ROOT_PATH ? own : `${parent}/${own}`;
}

/** A name as it stands in a path. */
export function segmentOf(name: string): string {
  return name.replace(SPECIAL, encodeURIComponent);
}

/** Where the undo of an operation is recorded. */
export function undoPathOf(path: string): string {
  return pathOf(UNDO_PATH, path, 1);
}

/**
 * Where the operations belong that a body calls: below its own. The children of a block are there already, so what
 * its question calls has a place beside them.
 */
export function bodyPathOf({ path, kind }: { readonly path: string; readonly kind: string }): string {
  return BLOCKS.has(kind) ? `${path}/${ASK}` : path;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? ROOT_PATH : path.slice(0, slash);
}
