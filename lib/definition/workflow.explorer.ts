import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { InvalidDefinition, RequestScopedWorkflow } from '../errors/definition.error.js';
import { stepsOf } from './class-methods.js';
import { declaredWorkflow, isClass } from './metadata.js';
import { isPipeline } from './pipeline-class.js';
import { whyRequestScoped } from './request-scope.js';
import { stepClassFaults } from './step-class.checks.js';
import type { ClassRef, WorkflowClass } from './workflow-class.js';
import { runMethodsOf } from './workflow.checks.js';

export interface FoundWorkflow {
  readonly classRef: WorkflowClass;
  readonly instance: object;
}

export interface FoundProviders {
  readonly workflows: readonly FoundWorkflow[];
  /** The classes of other providers that have steps. */
  readonly stepClasses: readonly ClassRef[];
}

/** Finds the workflows and the steps among the providers of all modules. */
@Injectable()
export class WorkflowExplorer {
  private readonly logger = new Logger(WorkflowExplorer.name);

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws RequestScopedWorkflow, InvalidDefinition */
  explore(): FoundProviders {
    const workflows = new Map<ClassRef, FoundWorkflow>();
    const stepClasses = new Set<ClassRef>();
    for (const provider of this.discovery.getProviders()) {
      const classRef = classOf(provider);
      if (classRef === undefined) continue;
      if (isWorkflow(classRef)) this.addWorkflow(workflows, classRef, provider);
      else if (hasSteps(classRef)) stepClasses.add(classRef);
    }
    return { workflows: [...workflows.values()], stepClasses: [...stepClasses] };
  }

  private addWorkflow(
    workflows: Map<ClassRef, FoundWorkflow>,
    classRef: WorkflowClass,
    provider: InstanceWrapper<unknown>,
  ): void {
    const instance = instanceOf(provider, classRef);
    const known = workflows.get(classRef);
    if (known === undefined) {
      workflows.set(classRef, { classRef, instance });
    } else if (known.instance !== instance) {
      // An alias is the same instance again and needs no word.
      this.logger.warn(
        `${classRef.name} is in the providers of several modules: its executions run on the first instance.`,
      );
    }
  }
}

/**
 * Derived by hand: values and factories have a class only through what they made, and that may be anything, also
 * an object without a prototype.
 */
function classOf(provider: InstanceWrapper<unknown>): WorkflowClass | undefined {
  const { metatype, inject } = provider;
  if (metatype && !inject) return asClass(metatype);
  const { instance } = provider;
  return typeof instance === 'object' && instance !== null ? asClass(instance.constructor) : undefined;
}

function asClass(value: unknown): WorkflowClass | undefined {
  return isClass(value) ? (value as WorkflowClass) : undefined;
}

/** Also half of one, for the builder to say what is missing. */
function isWorkflow(classRef: ClassRef): boolean {
  return (
    declaredWorkflow(classRef) !== undefined || isPipeline(classRef) || runMethodsOf(classRef).length > 0
  );
}

function instanceOf(provider: InstanceWrapper<unknown>, classRef: ClassRef): object {
  const why = whyRequestScoped(provider);
  if (why !== undefined) throw new RequestScopedWorkflow(classRef.name, why);
  const { instance } = provider;
  if (provider.isTransient || typeof instance !== 'object' || instance === null) {
    throw new InvalidDefinition(classRef.name, [
      'its scope is TRANSIENT: every class that injects it would get a workflow of its own; leave the scope out',
    ]);
  }
  return instance;
}

function hasSteps(classRef: ClassRef): boolean {
  return stepsOf(classRef).length > 0 || stepClassFaults(classRef).length > 0;
}
