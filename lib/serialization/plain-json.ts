import { TAG } from './tag.js';

/** Deeper values, circular ones among them, are left to the encoder, which keeps account of where it is. */
const DEEPEST = 16;

/**
 * Whether JSON.stringify alone stores the value as it is. This is the short cut for nearly every value, so it
 * only ever says a quick no; the encoder then finds out why. Texts are not looked at: what is wrong in them
 * shows in JSON's escapes.
 */
export function isPlainJson(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && (value !== 0 || 1 / value > 0);
    case 'object':
      return value === null || (depth < DEEPEST && hasPlainMembers(value, depth + 1));
    default:
      return false;
  }
}

function hasPlainMembers(value: object, depth: number): boolean {
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype) return false;
    // By index, because a hole must be seen.
    for (let index = 0; index < value.length; index++) {
      if (!isPlainJson(value[index], depth)) return false;
    }
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    if (key === TAG || !isPlainJson((value as Record<string, unknown>)[key], depth)) return false;
  }
  return Object.getOwnPropertySymbols(value).length === 0;
}
