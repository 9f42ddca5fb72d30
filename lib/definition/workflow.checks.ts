import { methodsOf, nodesOf, ownMethod, stepsOf } from './class-methods.js';
import { DeclaredStep } from './declared-step.js';
import { declaredWorkflow, decoratorOf, isClass, isRunMethod } from './metadata.js';
import { didYouMean } from './nearest-name.js';
import {
  isName,
  isOptions,
  isTimeout,
  isWholeNumber,
  optionFaults,
  type OptionCheck,
} from './option.checks.js';
import { isPipeline } from './pipeline-class.js';
import { stepClassFaults } from './step-class.checks.js';
import { treeFaults } from './tree.checks.js';
import type { ClassRef } from './workflow-class.js';
import type { WorkflowOptions } from './workflow-definition.js';

// What the columns hold.
const MOST_VERSIONS = 2_147_483_647;
const MOST_RETRIES = 32_767;

const workflowChecks = {
  name: isName,
  version: isWholeNumber(1, MOST_VERSIONS),
  queue: isName,
  priority: isWholeNumber(-100, 100),
  timeout: isTimeout,
  maxRetries: isWholeNumber(0, MOST_RETRIES),
  input: (value) => (isClass(value) && value.prototype !== undefined ? undefined : 'a class'),
  output: (value) => (typeof value === 'string' ? undefined : 'the name of a method'),
} satisfies Record<keyof WorkflowOptions, OptionCheck>;

/** Everything that is wrong with a class as a workflow. */
export function workflowFaults(classRef: ClassRef): string[] {
  const style = isPipeline(classRef) ? pipelineFaults(classRef) : runFaults(classRef);
  return [...optionsFaults(classRef), ...style, ...stepClassFaults(classRef)];
}

/** The methods that are marked with `@Run()` where the class has its last word on them. */
export function runMethodsOf(classRef: ClassRef): string[] {
  return [...methodsOf(classRef)].flatMap(([name, prototype]) => (isRunMethod(prototype, name) ? name : []));
}

function optionsFaults(classRef: ClassRef): string[] {
  const declared = declaredWorkflow(classRef);
  if (declared === undefined) return ['it has no @Workflow()'];
  const { options, declaredBy } = declared;
  const faults = optionFaults('@Workflow()', options, workflowChecks);
  if (declaredBy.name === '' && isOptions(options) && options.name === undefined) {
    faults.push('@Workflow() needs a name: the class has none');
  }
  return faults;
}

function pipelineFaults(classRef: ClassRef): string[] {
  const faults = runMethodsOf(classRef).map(
    (method) => `'${method}' has @Run() in a Pipeline: a workflow is one or the other`,
  );
  const steps = stepsOf(classRef);
  if (steps.length === 0) faults.push('it is a Pipeline without any step: mark its methods with @Step()');
  return [...faults, ...wrapperFaults(classRef), ...treeFaults(classRef), ...outputFaults(classRef)];
}

function wrapperFaults(classRef: ClassRef): string[] {
  const methods = methodsOf(classRef);
  return nodesOf(classRef).flatMap((node) => {
    const [decorator, left] =
      node instanceof DeclaredStep ? ['@Step()', node.wrapper] : [node.decorator, node.body];
    const prototype = methods.get(node.method);
    return prototype === undefined || ownMethod(prototype, node.method) === left
      ? []
      : `'${node.method}' is wrapped outside its ${decorator}, where a pipeline does not see it: put ${decorator} on top`;
  });
}

function outputFaults(classRef: ClassRef): string[] {
  const output: unknown = declaredWorkflow(classRef)?.options?.output;
  if (typeof output !== 'string') return [];
  const methods = methodsOf(classRef);
  const prototype = methods.get(output);
  if (prototype === undefined) {
    return [
      `@Workflow(): 'output' names '${output}', which is no method${didYouMean(output, methods.keys())}`,
    ];
  }
  const decorator = decoratorOf(prototype, output);
  return decorator === undefined
    ? []
    : [`@Workflow(): 'output' names '${output}', which has ${decorator}: it has to be a method without`];
}

function runFaults(classRef: ClassRef): string[] {
  const marked = runMethodsOf(classRef);
  const faults = marked
    .filter((method) => method !== 'run')
    .map((method) => `'${method}' has @Run(), which belongs on the method 'run'`);
  if (marked.length === 0) faults.push(noStyle(classRef));
  const run = methodsOf(classRef).get('run');
  const decorator = run && decoratorOf(run, 'run');
  if (decorator === '@Step()' || decorator === '@Compensate()') {
    faults.push(`'run' has ${decorator}, which belongs on the methods that it calls`);
  }
  if (declaredWorkflow(classRef)?.options?.output !== undefined) {
    faults.push("@Workflow(): only a Pipeline has 'output', a run method returns its output");
  }
  return faults;
}

function noStyle(classRef: ClassRef): string {
  if (methodsOf(classRef).has('run')) return "its method 'run' has no @Run()";
  return stepsOf(classRef).length > 0
    ? "it has steps and no way to run them: extend Pipeline, or write a method 'run' with @Run()"
    : "it neither extends Pipeline nor has a method 'run' with @Run()";
}
