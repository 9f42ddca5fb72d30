import { decoratorOf, isClass, noteFault } from '../definition/metadata.js';
import type { ClassRef, Method } from '../definition/workflow-class.js';

export interface DecoratedMethod {
  readonly owner: ClassRef;
  readonly method: string;
  /** As it was written, or as the decorators below left it. */
  readonly body: Method;
}

/**
 * The method that a decorator stands on, or nothing where it stands on something else. Faults are noted, not thrown:
 * at boot one error lists all of a class.
 *
 * @param decorator as the sentences name it, such as `@Step()`
 * @param what it makes of the method, such as `a step`
 */
export function decoratedMethod(
  target: object,
  key: string | symbol,
  descriptor: { value?: Method } | undefined,
  { decorator, what }: { readonly decorator: string; readonly what: string },
): DecoratedMethod | undefined {
  const refuse = (classRef: ClassRef, why: string): undefined => {
    noteFault(classRef, why);
    return undefined;
  };
  if (isClass(target)) return refuse(target, `'${String(key)}' cannot be ${what}: it is static`);
  const owner = target.constructor as ClassRef;
  if (typeof key === 'symbol') return refuse(owner, `${String(key)} cannot be ${what}: it has no name`);
  const body = descriptor?.value;
  if (typeof body !== 'function') return refuse(owner, `'${key}' cannot be ${what}: it is not a method`);
  const other = decoratorOf(target, key);
  if (other === decorator) return refuse(owner, `'${key}' has ${decorator} twice`);
  if (other !== undefined) {
    return refuse(owner, `'${key}' has ${decorator} and ${other}: a method is one or the other`);
  }
  return { owner, method: key, body };
}
