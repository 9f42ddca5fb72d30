import { declaredUndosOf, methodsOf, ownMethod, stepsOf } from './class-methods.js';
import type { DeclaredUndo } from './declared-undo.js';
import { decoratorOf } from './metadata.js';
import { didYouMean } from './nearest-name.js';
import { repeatedIn } from './references.js';
import type { ClassRef } from './workflow-class.js';

/** Everything that is wrong with the undo methods of a class. */
export function compensationFaults(classRef: ClassRef): string[] {
  const undos = declaredUndosOf(classRef);
  return [
    ...undos.flatMap((undo) => [...undo.faults(), ...wrapperFaults(classRef, undo)]),
    ...undos.flatMap((undo) => undo.steps.flatMap((step) => stepFaults(classRef, undo, step))),
    ...undos.flatMap(({ method, steps }) =>
      repeatedIn(steps).map((step) => `@Compensate() of '${method}' names '${step}' twice`),
    ),
    ...rivalFaults(undos),
  ];
}

function wrapperFaults(classRef: ClassRef, { method, body }: DeclaredUndo): string[] {
  const prototype = methodsOf(classRef).get(method);
  return prototype !== undefined && ownMethod(prototype, method) !== body
    ? [
        `'${method}' is wrapped outside its @Compensate(), where the engine does not see it: put @Compensate() on top`,
      ]
    : [];
}

function stepFaults(classRef: ClassRef, { method }: DeclaredUndo, step: string): string[] {
  const where = `@Compensate() of '${method}' names '${step}'`;
  const prototype = methodsOf(classRef).get(step);
  if (prototype === undefined) {
    const steps = stepsOf(classRef).map((declared) => declared.method);
    return [`${where}, which is no method${didYouMean(step, steps)}`];
  }
  const decorator = decoratorOf(prototype, step);
  if (decorator === '@Step()') return [];
  if (decorator === undefined) return [`${where}, which is no step`];
  return decorator === '@Compensate()'
    ? [`${where}, which is an undo and no step`]
    : [`${where}, which is a block: name the steps in it`];
}

function rivalFaults(undos: readonly DeclaredUndo[]): string[] {
  const methods = new Map<string, string[]>();
  for (const { method, steps } of undos) {
    for (const step of new Set(steps)) methods.set(step, [...(methods.get(step) ?? []), method]);
  }
  return [...methods]
    .filter(([, rivals]) => rivals.length > 1)
    .map(([step, rivals]) => `'${step}' has several undos: ${rivals.map((name) => `'${name}'`).join(', ')}`);
}
