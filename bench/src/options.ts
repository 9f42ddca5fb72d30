import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.js';
import { engineNames, type EngineName } from './engines/catalog.js';
import type { Preload } from './growth/preload.js';
import type { Effort } from './run/order.js';
import { workloadNames, type WorkloadName } from './workloads/workloads.js';

export interface Options {
  readonly workloads: readonly WorkloadName[];
  readonly engines: readonly EngineName[];
  readonly rounds: number;
  readonly effort: Effort;
  readonly preload: Preload | undefined;
  readonly json: string | undefined;
}

export const USAGE = `npm run bench -- [options]
  --workloads w1,w2,…       of w1 to w5 (default: all; w1 has two parts, w1-drain is the second alone)
  --engines ours,dbos,…     of ${engineNames.join(', ')} (default: all)
  --rounds 3                how often each engine has its turn
  --quick                   small sizes: to see that everything runs, not to compare
  --preload finished=1000000,waiting=100000
                            measures ours twice, with empty and with grown tables
  --json out.json           writes machine, rounds, medians and ratios`;

const FULL: Effort = { warmUpSeconds: 2, seconds: 8, ourItemsAtLeast: 20_000, itemsAtMost: 1_000_000 };
const QUICK: Effort = { warmUpSeconds: 0.5, seconds: 1, ourItemsAtLeast: 0, itemsAtMost: 2_000 };

/** Undefined where only the usage was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workloads: { type: 'string', default: workloadNames.join(',') },
      engines: { type: 'string', default: engineNames.join(',') },
      rounds: { type: 'string', default: '3' },
      preload: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const asked = listOf(values.workloads).flatMap((name) => (name === 'w1' ? ['w1', 'w1-drain'] : [name]));
  return {
    workloads: chosen('--workloads', asked, workloadNames),
    engines: chosen('--engines', listOf(values.engines), engineNames),
    rounds: wholeNumber('--rounds', values.rounds),
    effort: values.quick ? QUICK : FULL,
    preload: values.preload === undefined ? undefined : parsePreload(values.preload),
    json: values.json,
  };
}

function listOf(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function chosen<Name extends string>(
  option: string,
  asked: readonly string[],
  known: readonly Name[],
): readonly Name[] {
  const unknown = asked.filter((name) => !known.some((candidate) => candidate === name));
  if (unknown.length > 0) {
    throw new BenchError(`${option}: ${unknown.join(', ')} is not known. Choose from ${known.join(', ')}.`);
  }
  return known.filter((name) => asked.includes(name));
}

function wholeNumber(option: string, text: string | undefined): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new BenchError(`${option} takes a whole number above zero, not ${text}.`);
}

function parsePreload(text: string): Preload {
  const given = new Map(listOf(text).map((part) => part.split('=') as [string, string]));
  const unknown = [...given.keys()].filter((key) => key !== 'finished' && key !== 'waiting');
  if (unknown.length > 0)
    throw new BenchError(`--preload: ${unknown.join(', ')} is not known. Give finished and waiting.`);
  const count = (key: keyof Preload): number => wholeNumber(`--preload ${key}=`, given.get(key));
  return { finished: count('finished'), waiting: count('waiting') };
}
