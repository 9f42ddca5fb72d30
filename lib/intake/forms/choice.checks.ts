import { optionFaults } from '../../definition/option.checks.js';
import { isPlainObject } from '../../serialization/plain.js';
import { isFilledText, isText } from '../text.checks.js';

const choiceChecks = { value: isFilledText, label: isText };

/** What is wrong with each choice of a list, and that none is there twice. */
export function choiceFaults(where: string, choices: unknown): string[] {
  if (!Array.isArray(choices)) return [];
  const list: readonly unknown[] = choices;
  // Not a map of the list: that would leave out its holes.
  const faults = Array.from(list, (choice, index) => faultsOf(`${where}: choice ${index + 1}`, choice));
  const values = Array.from(list, (choice) => (isPlainObject(choice) ? choice['value'] : choice));
  const twice = values.filter((value, index) => typeof value === 'string' && values.indexOf(value) < index);
  return [
    ...faults.flat(),
    ...[...new Set(twice)].map((value) => `${where}: the choice '${String(value)}' is there twice`),
  ];
}

function faultsOf(where: string, choice: unknown): string[] {
  if (typeof choice === 'string') return optionFaults(where, { value: choice }, choiceChecks);
  if (!isPlainObject(choice)) return [`${where} must be a text, or { value, label }`];
  if (choice['value'] === undefined)
    return [`${where} needs a 'value'`, ...optionFaults(where, choice, choiceChecks)];
  return optionFaults(where, choice, choiceChecks);
}
