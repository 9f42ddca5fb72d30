import 'reflect-metadata';
import type { DeclaredBlock } from './declared-block.js';
import type { DeclaredStep } from './declared-step.js';
import type { DeclaredUndo } from './declared-undo.js';
import type { ClassRef } from './workflow-class.js';
import type { WorkflowOptions } from './workflow-definition.js';

export const WORKFLOW_METADATA = 'durable:workflow';
export const STEP_METADATA = 'durable:step';
export const BLOCK_METADATA = 'durable:block';
export const UNDO_METADATA = 'durable:undo';
export const RUN_METADATA = 'durable:run';
/** What decorators saw that no later look at the class can find again, as sentences for the error at boot. */
export const FAULT_METADATA = 'durable:fault';

export interface DeclaredWorkflow {
  readonly options: WorkflowOptions;
  /** The class that carries the decorator; a subclass without one of its own inherits it. */
  readonly declaredBy: ClassRef;
}

export function declareWorkflow(classRef: ClassRef, options: WorkflowOptions): void {
  if (Reflect.hasOwnMetadata(WORKFLOW_METADATA, classRef)) noteFault(classRef, '@Workflow() is there twice');
  const declared: DeclaredWorkflow = { options, declaredBy: classRef };
  Reflect.defineMetadata(WORKFLOW_METADATA, declared, classRef);
}

export function declaredWorkflow(classRef: ClassRef): DeclaredWorkflow | undefined {
  return Reflect.getMetadata(WORKFLOW_METADATA, classRef) as DeclaredWorkflow | undefined;
}

export function declareRun(target: object, key: string | symbol): void {
  if (isClass(target)) return noteFault(target, `@Run() is on the static method '${String(key)}'`);
  Reflect.defineMetadata(RUN_METADATA, true, target, key);
}

/** Whether the method that `prototype` itself declares under this name is marked with `@Run()`. */
export function isRunMethod(prototype: object, method: string): boolean {
  return Reflect.hasOwnMetadata(RUN_METADATA, prototype, method);
}

/**
 * A step is declared on the prototype, not on its function, so that no other decorator that replaces the function
 * can lose it.
 */
export function declareStep(prototype: object, step: DeclaredStep): void {
  Reflect.defineMetadata(STEP_METADATA, step, prototype, step.method);
}

/** The step that `prototype` itself declares under this name. */
export function declaredStep(prototype: object, method: string): DeclaredStep | undefined {
  return Reflect.getOwnMetadata(STEP_METADATA, prototype, method) as DeclaredStep | undefined;
}

export function declareBlock(prototype: object, block: DeclaredBlock): void {
  Reflect.defineMetadata(BLOCK_METADATA, block, prototype, block.method);
}

/** The block that `prototype` itself declares under this name. */
export function declaredBlock(prototype: object, method: string): DeclaredBlock | undefined {
  return Reflect.getOwnMetadata(BLOCK_METADATA, prototype, method) as DeclaredBlock | undefined;
}

export function declareUndo(prototype: object, undo: DeclaredUndo): void {
  Reflect.defineMetadata(UNDO_METADATA, undo, prototype, undo.method);
}

/** The undo that `prototype` itself declares under this name. */
export function declaredUndo(prototype: object, method: string): DeclaredUndo | undefined {
  return Reflect.getOwnMetadata(UNDO_METADATA, prototype, method) as DeclaredUndo | undefined;
}

/** The decorator that already says what the method of this name is. */
export function decoratorOf(prototype: object, method: string): string | undefined {
  if (declaredStep(prototype, method) !== undefined) return '@Step()';
  if (declaredUndo(prototype, method) !== undefined) return '@Compensate()';
  return declaredBlock(prototype, method)?.decorator;
}

export function noteFault(classRef: ClassRef, fault: string): void {
  Reflect.defineMetadata(FAULT_METADATA, [...notedFaults(classRef), fault], classRef);
}

/** The faults that the decorators of this class itself noted. */
export function notedFaults(classRef: ClassRef): readonly string[] {
  return (Reflect.getOwnMetadata(FAULT_METADATA, classRef) as readonly string[] | undefined) ?? [];
}

export function isClass(value: unknown): value is ClassRef {
  return typeof value === 'function';
}
