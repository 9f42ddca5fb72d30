import { blocksOf, methodsOf, nodesOf, prototypesOf, stepsOf } from './class-methods.js';
import { compensationFaults } from './compensation.checks.js';
import { DeclaredStep } from './declared-step.js';
import { declaredBlock, declaredStep, declaredUndo, decoratorOf, isClass, notedFaults } from './metadata.js';
import { isOptions } from './option.checks.js';
import { isPipeline } from './pipeline-class.js';
import type { ClassRef } from './workflow-class.js';

/** Everything that is wrong with the steps, blocks and undos of a class, workflow or not. */
export function stepClassFaults(classRef: ClassRef): string[] {
  return [
    ...prototypesOf(classRef).flatMap(({ constructor }) =>
      isClass(constructor) ? notedFaults(constructor) : [],
    ),
    ...nodesOf(classRef).flatMap((node) => node.faults()),
    ...nameFaults(classRef),
    ...overrideFaults(classRef),
    ...(isPipeline(classRef) ? [] : placeFaults(classRef)),
    ...compensationFaults(classRef),
  ];
}

function nameFaults(classRef: ClassRef): string[] {
  const methods = new Map<unknown, string[]>();
  for (const node of nodesOf(classRef)) {
    const name = recordedName(node.method, node instanceof DeclaredStep ? node.options : undefined);
    methods.set(name, [...(methods.get(name) ?? []), node.method]);
  }
  const blocks = new Set(blocksOf(classRef).map(({ method }) => method));
  return [...methods]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => {
      const what = same.some((method) => blocks.has(method)) ? 'several steps and blocks' : 'several steps';
      return `${what} are named '${String(name)}': ${same.map((method) => `'${method}'`).join(', ')}`;
    });
}

function recordedName(method: string, options: unknown): unknown {
  return isOptions(options) ? (options['name'] ?? method) : method;
}

// Silence would be worse either way: the step would be gone, or the override would not be called.
function overrideFaults(classRef: ClassRef): string[] {
  const prototypes = prototypesOf(classRef);
  return [...methodsOf(classRef)].flatMap(([method, last]) => {
    if (decoratorOf(last, method) !== undefined) return [];
    const overridden = prototypes
      .filter((prototype) => prototype !== last)
      .flatMap((prototype) => declarationOf(prototype, method) ?? [])[0];
    return overridden === undefined
      ? []
      : `'${method}' overrides ${overridden.what} of ${overridden.owner.name} and has no ${overridden.decorator} itself`;
  });
}

function declarationOf(
  prototype: object,
  method: string,
): { what: string; decorator: string; owner: ClassRef } | undefined {
  const decorator = decoratorOf(prototype, method);
  const declared =
    declaredStep(prototype, method) ?? declaredBlock(prototype, method) ?? declaredUndo(prototype, method);
  if (decorator === undefined || declared === undefined) return undefined;
  const what = { '@Step()': 'a step', '@Compensate()': 'an undo' }[decorator] ?? 'a block';
  return { what, decorator, owner: declared.owner };
}

/** Blocks, and steps in them, where no pipeline runs them. */
function placeFaults(classRef: ClassRef): string[] {
  return [
    ...blocksOf(classRef).map(
      ({ method, decorator }) => `'${method}' has ${decorator}, and only a Pipeline has blocks`,
    ),
    ...stepsOf(classRef).flatMap(({ method, parent }) =>
      parent === undefined ? [] : `'${method}' has 'in', and only a Pipeline has blocks`,
    ),
  ];
}
