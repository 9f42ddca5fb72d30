/**
 * Where a `@Decision` or a join leads, and what it adds to the data.
 *
 * @publicApi
 */
export class Goto<Name extends string = string, Added extends object = object> {
  /** @internal */
  constructor(
    readonly target: Name,
    readonly additions: Added | undefined,
  ) {}
}

/**
 * Goes on at a later node of the same list, past those in between. Returned by a `@Decision` or by the join of a
 * `@Parallel`, which name their targets in `to`.
 *
 * ```ts
 * @Decision({ to: ['ship'] })
 * review(data: OrderData) {
 *   return data.total < 100 ? goto('ship', { approved: true }) : { approved: false };
 * }
 * ```
 *
 * @publicApi
 */
export function goto<const Name extends string, Added extends object = never>(
  target: Name,
  additions?: Added,
): Goto<Name, Added> {
  return new Goto(target, additions);
}
