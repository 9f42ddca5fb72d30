import { DuplicateWorkflow, WorkflowNotRegistered } from '../errors/definition.error.js';
import type { WorkflowClass } from './workflow-class.js';
import type { WorkflowDefinition } from './workflow-definition.js';
import { identityOf } from './workflow-identity.js';

/** The workflows that this process can run. */
export class WorkflowRegistry {
  private readonly versionsByName = new Map<string, Map<number, WorkflowDefinition>>();

  /** @throws DuplicateWorkflow */
  add(definition: WorkflowDefinition): void {
    const { name, version, classRef } = definition;
    const versions = this.versionsByName.get(name) ?? new Map<number, WorkflowDefinition>();
    const other = versions.get(version);
    if (other !== undefined) throw new DuplicateWorkflow(name, version, [other.classRef.name, classRef.name]);
    versions.set(version, definition);
    this.versionsByName.set(name, versions);
  }

  get(name: string, version: number): WorkflowDefinition | undefined {
    return this.versionsByName.get(name)?.get(version);
  }

  /** The highest version of a workflow: the one that new executions start on when they are started by name. */
  latest(name: string): WorkflowDefinition | undefined {
    const versions = [...(this.versionsByName.get(name)?.values() ?? [])];
    return versions.reduce<WorkflowDefinition | undefined>(
      (highest, next) => (highest === undefined || next.version > highest.version ? next : highest),
      undefined,
    );
  }

  /**
   * The definition of a class, or of a subclass that takes its place (`{ provide: Base, useClass: Sub }`).
   *
   * @throws WorkflowNotRegistered
   */
  of(classRef: WorkflowClass): WorkflowDefinition {
    const identity = identityOf(classRef);
    const definition = identity && this.get(identity.name, identity.version);
    if (definition === undefined || !isSameOrSubclass(definition.classRef, classRef)) {
      throw new WorkflowNotRegistered(classRef);
    }
    return definition;
  }

  all(): WorkflowDefinition[] {
    return [...this.versionsByName.values()].flatMap((versions) => [...versions.values()]);
  }
}

function isSameOrSubclass(classRef: WorkflowClass, base: WorkflowClass): boolean {
  return classRef === base || Object.prototype.isPrototypeOf.call(base, classRef);
}
