import { parentOf, UNDO_PATH } from '../identity/operation-path.js';

/** The name as the code says it: in paths, some characters are escaped and later calls are numbered. */
export function nameOf(path: string): string {
  const own = path.slice(path.lastIndexOf('/') + 1);
  const [name = own] = own.split('#');
  return decodeURIComponent(name);
}

/** The path of the step that the line undoes; undefined where it undoes nothing. */
export function undonePathOf(path: string): string | undefined {
  return parentOf(path) === UNDO_PATH ? decodeURIComponent(path.slice(UNDO_PATH.length + 1)) : undefined;
}

/** Whether it is part of the undoing of an execution. */
export function isOfUndoing(path: string): boolean {
  return path === UNDO_PATH || path.startsWith(`${UNDO_PATH}/`);
}
