import { isBlockKind } from './operation-kinds.js';

/**
 * Which operation is which: the names from the execution down to it, the same on every replay.
 *
 * ```text
 * charge                 a step, or another operation, of the main line or of the run method
 * charge#2               its second call there; the first one has no number
 * charge/fetch-rate      what the body of a step calls
 * byKind/sendLicence     a child of a block
 * mail/17/send           a child of a `@ForEach`, for the item with the index 17
 * poll, poll#2           what a `@While` is asked before its first and before its second round
 * poll#2/check           a child in its second round
 * byKind/#ask/rate       what the body of a question calls, beside the children of the block
 * #undo                  where the undoing of the execution begins
 * #undo/mail%2F17%2Fsend the undo of the step at `mail/17/send`; what its body calls is below it
 * ```
 *
 * In the names of users `%`, `/` and `#` are escaped, so that a `#` is always the engine's own.
 */

/** The path of everything that is not inside a step. */
export const ROOT_PATH = '';

/** Everything that is done to undo an execution. */
export const UNDO_PATH = '#undo';

/** Beside the children of a block: what the body of its question calls. */
export const ASK = '#ask';

const SPECIAL = /[%/#]/g;
/** The number of a call; a segment that is the engine's own begins with its `#`. */
const CALL = /(?<=[^/])#(\d+)$/;

export function pathOf(parent: string, name: string, call: number): string {
  return within(parent, callPathOf(segmentOf(name), call));
}

/** The path of something inside another one, whose segment is as it stands in paths. */
export function within(parent: string, segment: string): string {
  return parent === ROOT_PATH ? segment : `${parent}/${segment}`;
}

/** The path of one of several calls, of which the first is known. */
export function callPathOf(firstCall: string, call: number): string {
  return call === 1 ? firstCall : `${firstCall}#${call}`;
}

/** Where what is done for an item of a block belongs. */
export function itemPathOf(block: string, index: number): string {
  return within(block, String(index));
}

/** A name as it stands in a path. */
export function segmentOf(name: string): string {
  return name.replace(SPECIAL, encodeURIComponent);
}

/** Where the undo of an operation is recorded. */
export function undoPathOf(path: string): string {
  return pathOf(UNDO_PATH, path, 1);
}

/** The path of the step whose undo this is; undefined where it is none. */
export function undonePathOf(path: string): string | undefined {
  return parentOf(path) === UNDO_PATH ? decodeURIComponent(lastSegmentOf(path)) : undefined;
}

/** As `undonePathOf`, also of what is called inside an undo. */
export function undonePathAround(path: string): string | undefined {
  const [undo] = pathsAround(path);
  return undonePathOf(undo ?? path);
}

/** Whether it is part of the undoing of an execution. */
export function isOfUndoing(path: string): boolean {
  return path === UNDO_PATH || path.startsWith(`${UNDO_PATH}/`);
}

/**
 * Where the operations belong that a body calls: below its own. The children of a block are there already, so what
 * its question calls has a place beside them.
 */
export function bodyPathOf({ path, kind }: { readonly path: string; readonly kind: string }): string {
  return isBlockKind(kind) ? within(path, ASK) : path;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? ROOT_PATH : path.slice(0, slash);
}

/** The paths around one, the outermost first. What undoes a step is in nothing. */
export function pathsAround(path: string): string[] {
  const around: string[] = [];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    around.push(path.slice(0, slash));
  }
  return around[0] === UNDO_PATH ? around.slice(1) : around;
}

export function lastSegmentOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The last name as the code says it, without the number of the call. */
export function nameOf(path: string): string {
  return decodeURIComponent(lastSegmentOf(firstCallOf(path)));
}

/** Which call of its name it is, from 1. */
export function callOf(path: string): number {
  return Number(CALL.exec(path)?.[1] ?? 1);
}

/** The path of the first call of the same name. */
export function firstCallOf(path: string): string {
  return path.replace(CALL, '');
}

/** The last name as the code says it, with the number of a later call: `charge#2`. */
export function labelOf(path: string): string {
  return callPathOf(nameOf(path), callOf(path));
}

/** Whether a segment is one that the engine put into a path, and no name. */
export function isOfTheEngine(segment: string): boolean {
  return segment.startsWith('#');
}
