import { isStorableText } from './text.checks.js';

/**
 * What an attribute of an execution may be: something that a listing can be filtered by.
 *
 * @publicApi
 */
export type AttributeValue = string | number | boolean | null;

/** What is wrong with an attribute, if anything. */
export function attributeFault(name: string, value: unknown): string | undefined {
  if (name === '' || !isStorableText(name)) {
    return 'the name of an attribute is a text without NUL and lone surrogates';
  }
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return undefined;
  if (typeof value === 'string' && isStorableText(value)) return undefined;
  return `the attribute '${name}' is a text (without NUL and lone surrogates), a finite number, a boolean or null`;
}
