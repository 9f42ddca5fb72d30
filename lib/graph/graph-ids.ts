import { ASK } from '../identity/operation-path.js';

/**
 * Which node is which. An operation's path says it, but for the numbers of items and rounds; `#` is escaped in the
 * names of a path, so what the graph adds by itself collides with nothing.
 */

export const START = '#start';
export const END = '#end';

/** The path of something inside another one; the empty path is the execution's own. */
export function within(path: string, segment: string): string {
  return path === '' ? segment : `${path}/${segment}`;
}

/** The path of a call of a name that was called before. */
export function occurrenceOf(path: string, occurrence: number): string {
  return occurrence === 1 ? path : `${path}#${occurrence}`;
}

/** A name of a path as the code says it, without the number of the call. */
export function nameOf(segment: string): string {
  const [name = segment] = segment.split('#');
  return decodeURIComponent(name);
}

export const questionOf = (block: string): string => `${block}/${ASK}`;
export const forkOf = (block: string): string => `${block}/#fork`;
export const joinOf = (block: string): string => `${block}/#join`;
export const undoOf = (step: string): string => `${step}/#undo`;

/** Whether a segment is one that the engine put into a path. */
export function isOfTheEngine(segment: string): boolean {
  return segment.startsWith('#');
}
