import type { DeclaredBlock } from './declared-block.js';
import type { DeclaredStep } from './declared-step.js';
import type { DeclaredUndo } from './declared-undo.js';
import { declaredBlock, declaredStep, declaredUndo } from './metadata.js';
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
  return declaredIn(classRef, declaredStep);
}

/** The blocks of a class in the order of their declaration. */
export function blocksOf(classRef: ClassRef): DeclaredBlock[] {
  return declaredIn(classRef, declaredBlock);
}

/** The steps and blocks of a class, in one order. */
export function nodesOf(classRef: ClassRef): (DeclaredStep | DeclaredBlock)[] {
  return declaredIn<DeclaredStep | DeclaredBlock>(
    classRef,
    (prototype, method) => declaredStep(prototype, method) ?? declaredBlock(prototype, method),
  );
}

/** The undo methods of a class in the order of their declaration. */
export function declaredUndosOf(classRef: ClassRef): DeclaredUndo[] {
  return declaredIn(classRef, declaredUndo);
}

function declaredIn<Declared>(
  classRef: ClassRef,
  declared: (prototype: object, method: string) => Declared | undefined,
): Declared[] {
  return [...methodsOf(classRef)].flatMap(([method, prototype]) => declared(prototype, method) ?? []);
}
