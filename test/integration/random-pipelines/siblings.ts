import type { Failure, NodePlan } from './pipeline-plan.js';
import type { Standing } from './standing.js';

const LONG_MS = 3_600_000;

/** Where two steps side by side may do it: they add the same key, which is a failure of their block. */
export function clashOf(
  { reach, items }: Standing,
  children: readonly NodePlan[],
): { readonly children: readonly NodePlan[]; readonly fails: Failure } | undefined {
  if (reach === undefined || items.length > 0) return undefined;
  const key = `of_both_${children[0]?.name ?? ''}`;
  const clashing = children.flatMap((child) =>
    child.kind === 'step' && child.fails === undefined
      ? [{ ...child, returns: 'additions' as const, adds: [...child.adds, key] }]
      : [],
  );
  return clashing.length === children.length
    ? { children: clashing, fails: { when: items, reach } }
    : undefined;
}

/** Beside a step that fails for certain one may sleep for as long as it likes: it is not waited for. */
export function withSleeper(children: readonly NodePlan[]): readonly NodePlan[] {
  const isDoomed = children.some(
    (child) => child.kind === 'step' && child.fails?.when.every((item) => item === null) === true,
  );
  const place = children.findIndex((child) => child.kind === 'step' && child.fails === undefined);
  if (!isDoomed || place === -1) return children;
  return children.map((child, index) =>
    index === place && child.kind === 'step'
      ? { ...child, title: undefined, naps: LONG_MS, commits: false, stumbles: 0 }
      : child,
  );
}
