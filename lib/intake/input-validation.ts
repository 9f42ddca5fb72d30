import type { Ctor } from '../definition/workflow-class.js';
import { InvalidInput, type InvalidField } from '../errors/start.error.js';
import { isPlainObject } from '../serialization/plain.js';
import { type Verdict, WHOLE } from './verdict.js';

/** The parts of class-validator's error that become fields; a parameter of a nested object has children. */
interface ValidationFault {
  /** None where the class as a whole is the fault: class-validator knows nothing of it. */
  readonly property?: string | undefined;
  readonly constraints?: Readonly<Record<string, string>> | undefined;
  readonly children?: readonly ValidationFault[] | undefined;
}

/**
 * Checks an input against the DTO class of its workflow, and returns it as the plain object that is stored.
 *
 * @throws InvalidInput with the messages of every field
 */
export async function validateInput(workflow: string, dto: Ctor, input: unknown): Promise<unknown> {
  const verdict = await checkByClass(dto, 'input', input);
  if (!verdict.ok) throw new InvalidInput(workflow, verdict.fields);
  return verdict.value;
}

/**
 * Checks a value against a DTO class: the plain object that is stored, or the messages of every field.
 *
 * class-validator and class-transformer are optional peers: they are loaded when a class is first checked by.
 *
 * @param what the value is, for the sentence: `input`
 */
export async function checkByClass(dto: Ctor, what: string, value: unknown): Promise<Verdict> {
  const [{ validate }, { plainToInstance, instanceToPlain }] = await Promise.all([
    import('class-validator'),
    import('class-transformer'),
  ]);
  const plain: unknown = isPlainObject(value) ? value : instanceToPlain(value as object);
  if (!isPlainObject(plain)) {
    return { ok: false, fields: [{ path: WHOLE, messages: [`the ${what} must be an object`] }] };
  }
  const classRef: new () => object = dto;
  const faults = await validate(plainToInstance(classRef, plain), {
    forbidUnknownValues: true,
  });
  return faults.length > 0 ? { ok: false, fields: fieldsOf(faults) } : { ok: true, value: plain };
}

function fieldsOf(faults: readonly ValidationFault[], parent = ''): InvalidField[] {
  return faults.flatMap(({ property, constraints, children }) => {
    const path = [parent, property].filter(Boolean).join('.') || WHOLE;
    const own = constraints === undefined ? [] : [{ path, messages: Object.values(constraints) }];
    return [...own, ...fieldsOf(children ?? [], path)];
  });
}
