import { declaredUndosOf } from './class-methods.js';
import type { UndoDefinition } from './undo-definition.js';
import type { ClassRef } from './workflow-class.js';

const undosByClass = new WeakMap<ClassRef, ReadonlyMap<string, UndoDefinition>>();

/**
 * What undoes the steps of a class, by the step's method: of a pipeline, of a class with a run method, or of any
 * provider.
 *
 * @throws InvalidDefinition where the options of an undo are wrong
 */
export function undosOf(classRef: ClassRef): ReadonlyMap<string, UndoDefinition> {
  const known = undosByClass.get(classRef);
  if (known !== undefined) return known;
  const undos = new Map(
    declaredUndosOf(classRef).flatMap((undo) =>
      undo.steps.map((step): [string, UndoDefinition] => [step, undo.definition]),
    ),
  );
  undosByClass.set(classRef, undos);
  return undos;
}
