import { isPlainObject } from '../../serialization/plain.js';

// An answer comes from anybody. What is taken of it is read once, here, and nothing that it does on being read (a
// getter or a proxy may do anything) reaches further. All else works on what was taken.

/** Stands for a value that could not be read. It is no value of any field. */
export const UNREADABLE: unique symbol = Symbol('unreadable');

/** The names of its own fields, if it is a plain object. */
export function namesIn(value: unknown): readonly string[] | undefined {
  return attempt(() => (isPlainObject(value) ? Object.keys(value) : undefined), undefined);
}

/** What it has of its own under the name: nothing that it inherits. */
export function fieldIn(value: unknown, name: string): unknown {
  return attempt(
    (): unknown =>
      Object.prototype.propertyIsEnumerable.call(value, name)
        ? Reflect.get(value as object, name)
        : undefined,
    UNREADABLE,
  );
}

/** A copy of the list, of no more than the items that are allowed and one, which shows that there are too many. */
export function listIn(value: unknown, allowed: number): readonly unknown[] | undefined {
  return attempt(() => {
    if (!Array.isArray(value)) return undefined;
    const list: readonly unknown[] = value;
    const length = Math.min(list.length, allowed + 1);
    return Array.from({ length }, (_, index) => (Object.hasOwn(list, index) ? list[index] : undefined));
  }, undefined);
}

function attempt<Taken>(look: () => Taken, otherwise: Taken): Taken {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
