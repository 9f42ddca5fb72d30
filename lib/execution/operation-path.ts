/**
 * Which operation is which: the names from the execution down to it, and, in code, which call of that name it
 * is. `charge`, `charge#2`, `ship/fetch-rate`. The same on every replay.
 */

/** The path of everything that is not inside a step. */
export const ROOT_PATH = '';

const SPECIAL = /[%/#]/g;

export function pathOf(parent: string, name: string, occurrence: number): string {
  const own = name.replace(SPECIAL, encodeURIComponent) + (occurrence === 1 ? '' : `#${occurrence}`);
  return parent === ROOT_PATH ? own : `${parent}/${own}`;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? ROOT_PATH : path.slice(0, slash);
}
