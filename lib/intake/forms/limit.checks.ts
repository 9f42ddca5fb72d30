import { lastMomentOf, momentOf } from './moment.js';

/** What is wrong with the limits of a question or a field taken together: that no answer keeps within them. */
export function limitFaults(where: string, asked: Readonly<Record<string, unknown>>): string[] {
  return [
    ...crossed(where, asked, ['minLength', 'maxLength']),
    ...crossed(where, asked, ['minItems', 'maxItems']),
    ...crossed(where, asked, ['min', 'max']),
    ...tooFewChoices(where, asked),
    ...noWholeNumber(where, asked),
  ];
}

function crossed(
  where: string,
  asked: Readonly<Record<string, unknown>>,
  [least, most]: readonly [string, string],
): string[] {
  const from = numberOf(asked[least]) ?? momentOf(asked[least]) ?? -Infinity;
  const to = numberOf(asked[most]) ?? lastMomentOf(asked[most]) ?? Infinity;
  return from > to ? [`${where}: '${least}' is more than '${most}'`] : [];
}

function tooFewChoices(where: string, { choices, minItems }: Readonly<Record<string, unknown>>): string[] {
  const least = numberOf(minItems);
  return Array.isArray(choices) && least !== undefined && least > choices.length
    ? [`${where}: 'minItems' is more than there are choices`]
    : [];
}

function noWholeNumber(where: string, { min, max, integer }: Readonly<Record<string, unknown>>): string[] {
  const [from, to] = [numberOf(min), numberOf(max)];
  if (integer !== true || from === undefined || to === undefined || from > to) return [];
  return Math.ceil(from) > Math.floor(to) ? [`${where}: there is no whole number from 'min' to 'max'`] : [];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
