import { copyOf } from '../../serialization/copy.js';
import { setOwn } from '../../serialization/plain.js';
import type { Serializer } from '../../serialization/serializer.js';

/** What the nodes of a pipeline see. Never changed: what is added makes a new one. */
export type PipelineData = Readonly<Record<string, unknown>>;

/** What a node adds to the data; `undefined` under a key removes it. */
export type Added = Readonly<Record<string, unknown>> | null | undefined;

export function merge(data: PipelineData, added: Added): PipelineData {
  if (added === undefined || added === null) return data;
  const merged: Record<string, unknown> = { ...data, ...added };
  for (const key of Object.keys(added)) if (merged[key] === undefined) delete merged[key];
  return merged;
}

/** Two additions one after the other, as one: what is removed stays to be removed. */
export function addedTogether(first: Added, second: Added): Added {
  if (first === undefined || first === null) return second;
  return second === undefined || second === null ? first : { ...first, ...second };
}

/**
 * A copy that is made key by key, when a key is first read. For the items of a list: each run of a body gets its own
 * data, which holds the whole list, and few look at it.
 */
export function lazyCopyOf(data: PipelineData, serializer: Serializer): PipelineData {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'object' && value !== null)
      Object.defineProperty(copy, key, lazily(value, serializer));
    else setOwn(copy, key, value);
  }
  return copy;
}

/** The copy is kept here and not put in the property's place: the object may be frozen before it is read. */
function lazily(value: object, serializer: Serializer): PropertyDescriptor {
  let own: unknown = value;
  let isOwn = false;
  return {
    configurable: true,
    enumerable: true,
    get: () => {
      if (!isOwn) [own, isOwn] = [copyOf(value, serializer), true];
      return own;
    },
    set: (other: unknown) => {
      [own, isOwn] = [other, true];
    },
  };
}
