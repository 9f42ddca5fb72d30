import { declaredStep } from './metadata.js';
import type { DeclaredStep } from './declared-step.js';
import type { ClassRef } from './workflow-class.js';

/** The prototypes of a class that belong to users, the furthest base first. */
export function prototypesOf(classRef: ClassRef): object[] {
  const prototypes: object[] = [];
  let prototype: object | null = (classRef.prototype as object | undefined) ?? null;
  while (prototype !== null) {
    const parent: object | null = Object.getPrototypeOf(prototype) as object | null;
    // The last one is Object.prototype.
    if (parent !== null) prototypes.unshift(prototype);
    prototype = parent;
  }
  return prototypes;
}

/**
 * The methods of a class in the order of their declaration, base class first, each with the prototype that has the
 * last word on it: an override keeps the place of what it overrides.
 */
export function methodsOf(classRef: ClassRef): Map<string, object> {
  const methods = new Map<string, object>();
  for (const prototype of prototypesOf(classRef)) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name !== 'constructor' && ownMethod(prototype, name) !== undefined) methods.set(name, prototype);
    }
  }
  return methods;
}

/** The function itself; accessors are not asked. */
export function ownMethod(prototype: object, name: string): unknown {
  const value: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
  return typeof value === 'function' ? value : undefined;
}

/** The steps of a class in the order of their declaration. */
export function stepsOf(classRef: ClassRef): DeclaredStep[] {
  return [...methodsOf(classRef)].flatMap(([method, prototype]) => declaredStep(prototype, method) ?? []);
}
