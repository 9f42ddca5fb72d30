import { ASK, segmentOf, within } from '../identity/operation-path.js';

/**
 * Which node is which. An operation's path says it, but for the numbers of items and rounds; `#` is escaped in the
 * names of a path, so what the graph adds by itself collides with nothing.
 */

export const START = '#start';
export const END = '#end';

/** Of a node in a list; the id of what is in no block is its name. */
export const idOf = (parent: string, { name }: { readonly name: string }): string =>
  within(parent, segmentOf(name));
export const questionOf = (block: string): string => `${block}/${ASK}`;
export const forkOf = (block: string): string => `${block}/#fork`;
export const joinOf = (block: string): string => `${block}/#join`;
export const undoOf = (step: string): string => `${step}/#undo`;
/** Where the ways of a history meet. */
export const meetingOf = (parent: string, place: number): string => within(parent, `#meet-${place}`);
