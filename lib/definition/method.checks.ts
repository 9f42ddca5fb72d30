import { types } from 'node:util';
import type { Method } from './workflow-class.js';

// Nest calls them itself, outside any execution.
const lifecycleHooks = new Set([
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
]);

/**
 * Why a method cannot be what its decorator says.
 *
 * @param what it is said to be, such as `a step`
 * @param awaited what a generator cannot return, such as `a promise`
 */
export function methodFaults(method: string, body: Method, what: string, awaited: string): string[] {
  const faults: string[] = [];
  if (isIntegerLike(method)) {
    faults.push(
      `'${method}' cannot be ${what}: JavaScript sorts number-like names first, whatever their place`,
    );
  }
  if (lifecycleHooks.has(method)) {
    faults.push(`'${method}' cannot be ${what}: Nest calls it as a lifecycle hook`);
  }
  if (types.isGeneratorFunction(body)) {
    faults.push(`'${method}' cannot be ${what}: a generator returns ${awaited}`);
  }
  return faults;
}

export function isIntegerLike(name: string): boolean {
  return /^\d+$/.test(name);
}
