import { Goto } from '../../definition/goto.js';
import { NotPlainObject } from '../../errors/step.error.js';
import { UndeclaredTarget } from '../../errors/block.error.js';
import { classNameOf, isPlainObject } from '../../serialization/plain.js';
import type { Added } from './pipeline-data.js';

/** Where a node leads and what it adds, as it is recorded; nothing where it does neither. */
export interface Lead {
  readonly additions?: Added;
  /** The method of a node. */
  readonly goto?: string;
}

/** @throws NotPlainObject */
export function acceptAdditions(executionId: string, node: string, result: unknown): Added {
  if (result === undefined || result === null || isPlainObject(result)) return result;
  throw new NotPlainObject(executionId, node, described(result));
}

/** @throws NotPlainObject, UndeclaredTarget */
export function acceptLead(
  executionId: string,
  { name, to }: { readonly name: string; readonly to: readonly string[] },
  result: unknown,
): Lead | undefined {
  if (!(result instanceof Goto)) {
    const additions = acceptAdditions(executionId, name, result);
    return additions === undefined || additions === null ? undefined : { additions };
  }
  const { target, additions: given } = result as Goto;
  if (!to.includes(target)) throw new UndeclaredTarget(executionId, name, target, to);
  const additions = acceptAdditions(executionId, name, given);
  return { goto: target, ...(additions !== undefined && { additions }) };
}

/** A recorded lead, as it comes back. */
export function leadOf(answer: unknown): Lead | undefined {
  return answer === undefined || answer === null ? undefined : answer;
}

/** What a value is, in words for a sentence. */
export function described(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return isPlainObject(value)
    ? 'an object'
    : `an instance of ${classNameOf(value) ?? 'a class without a name'}`;
}
