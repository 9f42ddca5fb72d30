import type { OptionCheck } from '../definition/option.checks.js';

/** Whether PostgreSQL can store it. */
export function isStorableText(text: unknown): text is string {
  return typeof text === 'string' && text.isWellFormed() && !text.includes('\0');
}

export const isText: OptionCheck = (value) =>
  isStorableText(value) ? undefined : 'a text without NUL and lone surrogates';

export const isFilledText: OptionCheck = (value) =>
  isStorableText(value) && value !== ''
    ? undefined
    : 'a text without NUL and lone surrogates, and not an empty one';
