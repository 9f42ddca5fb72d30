/**
 * Whether the value is an object without a class: `{}`, also from another realm (a vm context, a test
 * runner's sandbox), or one without a prototype.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || isForeignObjectPrototype(prototype);
}

/** Whether the array is of the class Array itself, of this or another realm. */
export function isPlainArray(value: unknown): value is unknown[] {
  if (!Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Array.prototype || isOfClass(value, 'Array');
}

/** Whether the object's own class (not one that it extends) has the name: classes differ between realms. */
export function isOfClass(value: object, name: string): boolean {
  return classNameOf(value) === name;
}

/** The name of the object's class, or `undefined` where it has none. */
export function classNameOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null) return undefined;
  const classRef: unknown = Reflect.get(prototype, 'constructor');
  return typeof classRef === 'function' ? classRef.name : undefined;
}

/** An Object.prototype is at the end of its chain, and owns what only an Object.prototype owns. */
function isForeignObjectPrototype(prototype: unknown): boolean {
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  );
}

/** Sets an own key also where it is `__proto__`, which an assignment would take for the prototype. */
export function setOwn(object: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    (object as Record<string, unknown>)[key] = value;
  }
}
