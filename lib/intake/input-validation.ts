import type { Ctor } from '../definition/workflow-class.js';
import { InvalidInput, type InvalidField } from '../errors/start.error.js';
import { isPlainObject } from '../serialization/plain.js';

/** The parts of class-validator's error that become fields; a parameter of a nested object has children. */
interface ValidationFault {
  readonly property: string;
  readonly constraints?: Readonly<Record<string, string>> | undefined;
  readonly children?: readonly ValidationFault[] | undefined;
}

/**
 * Checks an input against the DTO class of its workflow, and returns it as the plain object that is stored.
 *
 * class-validator and class-transformer are optional peers: they are loaded when a workflow first names a DTO.
 *
 * @throws InvalidInput with the messages of every field
 */
export async function validateInput(workflow: string, dto: Ctor, input: unknown): Promise<unknown> {
  const [{ validate }, { plainToInstance, instanceToPlain }] = await Promise.all([
    import('class-validator'),
    import('class-transformer'),
  ]);
  const plain: unknown = isPlainObject(input) ? input : instanceToPlain(input as object);
  if (!isPlainObject(plain)) {
    throw new InvalidInput(workflow, [{ path: '$', messages: ['the input must be an object'] }]);
  }
  const classRef: new () => object = dto;
  const faults = await validate(plainToInstance(classRef, plain), {
    forbidUnknownValues: true,
  });
  if (faults.length > 0) throw new InvalidInput(workflow, fieldsOf(faults));
  return plain;
}

function fieldsOf(faults: readonly ValidationFault[], parent = ''): InvalidField[] {
  return faults.flatMap(({ property, constraints, children }) => {
    const path = parent === '' ? property : `${parent}.${property}`;
    const own = constraints === undefined ? [] : [{ path, messages: Object.values(constraints) }];
    return [...own, ...fieldsOf(children ?? [], path)];
  });
}
