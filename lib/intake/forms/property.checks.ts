import { didYouMean } from '../../definition/nearest-name.js';
import { optionFaults, type OptionCheck } from '../../definition/option.checks.js';

type Checks = Readonly<Record<string, OptionCheck>>;

/** A check for each property of each type of a union. */
export type ChecksByType<Union extends { readonly type: string }> = {
  readonly [Type in Union['type']]: Record<
    Exclude<keyof Extract<Union, { readonly type: Type }>, 'type'>,
    OptionCheck
  >;
};

/** Where a type has these, they cannot be left out: there would be nothing to answer. */
const needed = { choices: 'what there is to choose', fields: 'what there is to fill in' };

/** What is wrong with the properties of a question or a field of one of these types, each looked at by itself. */
export function propertyFaults(
  where: string,
  what: 'question' | 'field',
  asked: Readonly<Record<string, unknown>>,
  checksByType: Readonly<Record<string, Checks>>,
): string[] {
  const { type, ...given } = asked;
  if (typeof type !== 'string' || !Object.hasOwn(checksByType, type))
    return [typeFault(where, type, checksByType)];
  const checks = checksByType[type] ?? {};
  const faults: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const owners = ownersOf(name, checksByType);
    const isElsewhere = owners.length > 0 && !owners.includes(type);
    if (!isElsewhere) faults.push(...optionFaults(where, { [name]: value }, checks));
    else if (value !== undefined) {
      faults.push(`${where}: '${name}' is for a ${what} of type ${listed(owners, ' or ')}, not '${type}'`);
    }
  }
  for (const [name, purpose] of Object.entries(needed)) {
    if (Object.hasOwn(checks, name) && given[name] === undefined) {
      faults.push(`${where} needs '${name}': ${purpose}`);
    }
  }
  return faults;
}

function typeFault(where: string, type: unknown, checksByType: object): string {
  const types = Object.keys(checksByType);
  const near = typeof type === 'string' ? didYouMean(type, types) : '';
  return `${where}: 'type' must be one of ${listed(types, ', ')}${near}`;
}

/** The types that have a property of this name. */
function ownersOf(name: string, checksByType: Readonly<Record<string, Checks>>): string[] {
  return Object.keys(checksByType).filter((type) => Object.hasOwn(checksByType[type] ?? {}, name));
}

function listed(names: readonly string[], separator: string): string {
  return names.map((name) => `'${name}'`).join(separator);
}
