import { InvalidArgument } from '../errors/option.error.js';

/**
 * How instances of a class are stored: `encode` gives a value that can be stored itself (plain objects, dates,
 * other registered classes…), `decode` makes an instance of it again.
 *
 * @publicApi
 */
export interface ClassCodec<Instance extends object, Encoded> {
  encode(instance: Instance): Encoded;
  decode(encoded: Encoded): Instance;
}

export interface RegisteredClass {
  readonly name: string;
  readonly codec: ClassCodec<object, unknown>;
}

/** A class, also one with a private constructor. */
export interface ClassReference<Instance extends object> {
  readonly name: string;
  readonly prototype: Instance;
}

/** The classes that users have taught the serializer, by prototype and by name. */
export class RegisteredClasses {
  private readonly byName = new Map<string, RegisteredClass>();
  private readonly byPrototype = new Map<object, RegisteredClass>();

  add<Instance extends object, Encoded>(
    name: string,
    classRef: ClassReference<Instance>,
    codec: ClassCodec<Instance, Encoded>,
  ): void {
    if (name === '') throw new InvalidArgument('register()', 'the name of a class must not be empty.');
    const known = this.byName.get(name) ?? this.byPrototype.get(classRef.prototype);
    if (known !== undefined) {
      throw new InvalidArgument(
        'register()',
        `${classRef.name} or its name "${name}" is registered already.`,
      );
    }
    // Looked up by the prototype, so `codec` only ever meets its own instances and what it encoded.
    const entry: RegisteredClass = { name, codec };
    this.byName.set(name, entry);
    this.byPrototype.set(classRef.prototype, entry);
  }

  /** The entry of the object's own class. One that extends it is another class. */
  of(instance: object): RegisteredClass | undefined {
    if (this.byPrototype.size === 0) return undefined;
    const prototype: unknown = Object.getPrototypeOf(instance);
    return typeof prototype === 'object' && prototype !== null ? this.byPrototype.get(prototype) : undefined;
  }

  named(name: string): RegisteredClass | undefined {
    return this.byName.get(name);
  }
}
