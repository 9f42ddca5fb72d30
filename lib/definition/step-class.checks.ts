import { methodsOf, prototypesOf, stepsOf } from './class-methods.js';
import { declaredStep, isClass, notedFaults } from './metadata.js';
import { isOptions } from './option.checks.js';
import type { ClassRef } from './workflow-class.js';

/** Everything that is wrong with the steps of a class, workflow or not. */
export function stepClassFaults(classRef: ClassRef): string[] {
  return [
    ...prototypesOf(classRef).flatMap(({ constructor }) =>
      isClass(constructor) ? notedFaults(constructor) : [],
    ),
    ...stepsOf(classRef).flatMap((step) => step.faults()),
    ...nameFaults(classRef),
    ...overrideFaults(classRef),
  ];
}

function nameFaults(classRef: ClassRef): string[] {
  const methods = new Map<unknown, string[]>();
  for (const { method, options } of stepsOf(classRef)) {
    const name: unknown = isOptions(options) ? (options.name ?? method) : method;
    methods.set(name, [...(methods.get(name) ?? []), method]);
  }
  return [...methods]
    .filter(([, same]) => same.length > 1)
    .map(
      ([name, same]) => `several steps are named '${String(name)}': ${same.map((m) => `'${m}'`).join(', ')}`,
    );
}

// Silence would be worse either way: the step would be gone, or the override would not be called.
function overrideFaults(classRef: ClassRef): string[] {
  const prototypes = prototypesOf(classRef);
  return [...methodsOf(classRef)].flatMap(([method, last]) => {
    const overridden = prototypes.filter((prototype) => prototype !== last);
    const wasStep = overridden
      .map((prototype) => declaredStep(prototype, method))
      .find((step) => step !== undefined);
    return wasStep !== undefined && declaredStep(last, method) === undefined
      ? `'${method}' overrides a step of ${wasStep.owner.name} and has no @Step() itself`
      : [];
  });
}
