import { execution } from 'nest-durable';

/** How `undefined` is noted, which JSON does not tell from null in a list. */
export const UNDEFINED = '(undefined)';

/** What one run of a piece of code was given, in order. */
type Run = string[];

const runs = new Map<string, Run[]>();

/**
 * Begins a run of code inside an execution: a function that takes note of what the code saw, and gives it back. Code
 * that is replayed begins another run.
 *
 * @param what the code, where an execution has several
 */
export function witness(what = 'run'): <T>(seen: T) => T {
  const name = `${execution().id} ${what}`;
  const run: Run = [];
  runs.set(name, [...(runs.get(name) ?? []), run]);
  return (seen) => {
    run.push(JSON.stringify(seen, (_, value: unknown) => (value === undefined ? UNDEFINED : value)));
    return seen;
  };
}

/** How often code of an execution was begun. */
export function runsOf(id: string, what = 'run'): number {
  return runs.get(`${id} ${what}`)?.length ?? 0;
}

/** What the run saw that came furthest. */
export function seenBy(id: string, what = 'run'): unknown[] {
  return longest(runs.get(`${id} ${what}`) ?? []).map((seen) => JSON.parse(seen) as unknown);
}

/** Runs of the same code that saw different things: each has to be a beginning of the one that came furthest. */
export function contradictions(): string[] {
  return [...runs].flatMap(([name, all]) => {
    const furthest = longest(all);
    return all
      .filter((run) => run.some((seen, place) => furthest[place] !== seen))
      .map((run) => `${name} saw ${run.join(', ')} and ${furthest.join(', ')}`);
  });
}

function longest(all: readonly Run[]): Run {
  return all.reduce<Run>((best, run) => (run.length > best.length ? run : best), []);
}
