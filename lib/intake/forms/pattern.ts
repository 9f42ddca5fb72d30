/**
 * The regular expression that matches what the pattern matches as a whole, as in HTML; `undefined` where the pattern
 * is none. In the grammar of the flag `v`, as in browsers, or else in that of `u`, which lets pass what people wrote
 * before: `[\w-]`.
 */
export function wholeMatch(pattern: string): RegExp | undefined {
  const flag = ['v', 'u'].find((each) => compiles(pattern, each));
  return flag === undefined ? undefined : new RegExp(`^(?:${pattern})$`, flag);
}

/** By itself: within `^(?:` and `)$`, a pattern such as `a)|(b` would be something else. */
function compiles(pattern: string, flag: string): boolean {
  try {
    return new RegExp(pattern, flag) instanceof RegExp;
  } catch {
    return false;
  }
}
