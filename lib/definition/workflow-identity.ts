import { declaredWorkflow } from './metadata.js';
import { isOptions } from './option.checks.js';
import type { ClassRef } from './workflow-class.js';
import type { WorkflowOptions } from './workflow-definition.js';

export interface WorkflowIdentity {
  readonly name: string;
  readonly version: number;
}

/** What a class is stored under; nothing if it is no workflow. */
export function identityOf(classRef: ClassRef): WorkflowIdentity | undefined {
  const declared = declaredWorkflow(classRef);
  if (declared === undefined) return undefined;
  const { declaredBy } = declared;
  // Asked of classes that have not passed their checks, too.
  const options: WorkflowOptions = isOptions(declared.options) ? declared.options : {};
  return { name: options.name ?? inSnakeCase(declaredBy.name), version: options.version ?? 1 };
}

/** `OrderWorkflow` becomes `order_workflow`, `HTTPServer` becomes `http_server`. */
export function inSnakeCase(className: string): string {
  return className
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase();
}
