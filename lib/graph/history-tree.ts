import { isOfTheEngine, nameOf, within } from './graph-ids.js';
import { UNDO_PATH, undoPathOf } from '../identity/operation-path.js';
import type { RecordedOperation } from './recorded-operations.js';

/** More calls of one name than this, in one place, are one node with their numbers. */
const FOLDED_ABOVE = 20;

/** An operation with what was called inside it; where calls are folded, several of them. */
export interface HistoryTree {
  readonly id: string;
  readonly label: string;
  readonly operations: readonly RecordedOperation[];
  readonly undos: readonly RecordedOperation[];
  readonly children: readonly HistoryTree[];
}

/** A place in the history: a segment of a path below the segments around it. */
class Place {
  readonly operations: RecordedOperation[] = [];
  readonly undos: RecordedOperation[] = [];
  readonly children = new Map<string, Place>();

  at(segment: string): Place {
    let place = this.children.get(segment);
    if (place === undefined) {
      place = new Place();
      this.children.set(segment, place);
    }
    return place;
  }

  /** Takes over all that is at another place. */
  absorb(other: Place): void {
    for (const operation of other.operations) this.operations.push(operation);
    for (const undo of other.undos) this.undos.push(undo);
    for (const [segment, place] of other.children) this.at(segment).absorb(place);
  }
}

/** The operations of a history inside each other, as their paths say. */
export function historyTrees(operations: readonly RecordedOperation[]): HistoryTree[] {
  const root = new Place();
  const undos = new Map(operations.filter(({ kind }) => kind === 'undo').map((undo) => [undo.path, undo]));
  for (const operation of operations) {
    const segments = operation.path.split('/');
    if (segments.some(isOfTheEngine)) continue;
    const place = segments.reduce((around, segment) => around.at(segment), root);
    place.operations.push(operation);
    const undo = undos.size === 0 ? undefined : undos.get(undoPathOf(operation.path));
    if (undo !== undefined) place.undos.push(undo);
  }
  return treesIn(root, '');
}

/** Whether an operation belongs to the undoing. */
export function isUndoing({ path }: RecordedOperation): boolean {
  return path === UNDO_PATH || path.startsWith(`${UNDO_PATH}/`);
}

function treesIn(place: Place, parent: string): HistoryTree[] {
  return [...folded(withoutItems(place)).children].map(([segment, child]) => {
    const id = within(parent, segment);
    return {
      id,
      label: labelOf(segment),
      operations: child.operations,
      undos: child.undos,
      children: treesIn(child, id),
    };
  });
}

/** The items of a loop are not shown one by one: what was done for them stands at the loop. */
function withoutItems(place: Place): Place {
  if (!place.operations.some(({ kind }) => kind === 'foreach')) return place;
  const loop = new Place();
  for (const item of place.children.values()) {
    for (const [segment, child] of item.children) loop.at(segment).absorb(child);
  }
  return loop;
}

function folded(place: Place): Place {
  const calls = new Map<string, number>();
  for (const segment of place.children.keys()) {
    const name = firstCallOf(segment);
    calls.set(name, (calls.get(name) ?? 0) + 1);
  }
  const kept = new Place();
  for (const [segment, child] of place.children) {
    const name = firstCallOf(segment);
    kept.at((calls.get(name) ?? 0) > FOLDED_ABOVE ? name : segment).absorb(child);
  }
  return kept;
}

function firstCallOf(segment: string): string {
  const [name = segment] = segment.split('#');
  return name;
}

/** `charge#2` as it is, other characters as the code has them. */
function labelOf(segment: string): string {
  const call = segment.slice(firstCallOf(segment).length);
  return nameOf(segment) + call;
}
