import { BLOCK_DECORATORS, type BlockDeclaration } from './block-definition.js';
import { methodFaults } from './method.checks.js';
import {
  isOneOf,
  isOptions,
  isParent,
  isWholeNumber,
  optionFaults,
  type OptionCheck,
} from './option.checks.js';
import type { Method } from './workflow-class.js';

const MOST_AT_ONCE = 1_000;
const MOST_ROUNDS = 2_147_483_647;

const isNameOrNames: OptionCheck = (value) =>
  typeof value === 'string'
    ? undefined
    : isNames(value) && 'the name of a step or block, or a list of such names';

const isNames: OptionCheck = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string')
    ? undefined
    : 'a list of the names of steps and blocks';

const isKey: OptionCheck = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'the name of a key of the data';

const optionChecks = {
  branch: { in: isParent },
  parallel: { in: isParent, onError: isOneOf('fail', 'continue'), to: isNames },
  foreach: {
    in: isParent,
    do: isNameOrNames,
    concurrency: isWholeNumber(1, MOST_AT_ONCE),
    onError: isOneOf('fail', 'continue'),
    into: isKey,
  },
  while: { in: isParent, do: isNameOrNames, max: isWholeNumber(1, MOST_ROUNDS) },
  decision: { in: isParent, to: isNames },
} satisfies {
  [Kind in BlockDeclaration['kind']]: Record<keyof OptionsOf<Kind>, OptionCheck>;
};

const required: Readonly<Record<BlockDeclaration['kind'], readonly string[]>> = {
  branch: [],
  parallel: [],
  foreach: ['do'],
  while: ['do', 'max'],
  decision: ['to'],
};

type OptionsOf<Kind> = Extract<BlockDeclaration, { kind: Kind }>['options'];

/** Everything that is wrong with one block, looked at by itself. */
export function blockFaults(method: string, declaration: BlockDeclaration, body: Method): string[] {
  const { kind, options } = declaration;
  const where = `${BLOCK_DECORATORS[kind]} of '${method}'`;
  return [
    ...methodFaults(method, body, 'a block', 'no answer'),
    ...childrenFaults(where, declaration),
    ...optionFaults(where, options, optionChecks[kind]),
    ...required[kind].flatMap((option) => missingFaults(where, options, option)),
    ...joinFaults(method, declaration, body),
  ];
}

/** The children that are no option, but what the decorator is given first. */
function childrenFaults(where: string, declaration: BlockDeclaration): string[] {
  if (declaration.kind === 'branch') return clauseFaults(where, declaration.clauses);
  if (declaration.kind !== 'parallel') return [];
  const fault = isNames(declaration.children);
  return fault === undefined ? [] : [`${where} takes ${fault} first`];
}

function clauseFaults(where: string, clauses: unknown): string[] {
  if (!isOptions(clauses)) return [`${where} takes an object first: what runs for each answer`];
  if (Object.keys(clauses).length === 0) return [`${where} has no clause`];
  return Object.entries(clauses).flatMap(([clause, children]) => {
    const fault = isNameOrNames(children);
    return fault === undefined ? [] : [`${where}: the clause '${clause}' must be ${fault}`];
  });
}

function missingFaults(where: string, options: unknown, option: string): string[] {
  return isOptions(options) && options[option] === undefined ? [`${where} needs '${option}'`] : [];
}

/** With `continue` nothing is merged by itself: a join that does not look would lose what came of the children. */
function joinFaults(method: string, declaration: BlockDeclaration, body: Method): string[] {
  if (declaration.kind !== 'parallel' || body.length > 0) return [];
  const options: unknown = declaration.options;
  return isOptions(options) && options['onError'] === 'continue'
    ? [
        `'${method}' has to take (data, results): with onError 'continue' nothing else sees what came of the children`,
      ]
    : [];
}
