import { DurableError, type ErrorContext } from './durable.error.js';

/**
 * A value has a part that cannot be stored.
 *
 * @publicApi
 */
export class NotSerializable extends DurableError {
  readonly code = 'DURABLE_NOT_SERIALIZABLE';

  /**
   * @param path such as `$.user.socket` or `$.items[3]`; `$` is the value itself
   * @param what what is there, in words such as `a function`
   */
  constructor(
    readonly path: string,
    readonly what: string,
    context: ErrorContext = {},
  ) {
    super(
      `The value at ${path} cannot be stored: it is ${what}.`,
      'Use plain objects, arrays, texts, numbers, Date, Map, Set, bigint, Buffer or Error, or register the class with the serializer.',
      context,
    );
  }
}

/**
 * A stored value is of a kind that this process cannot read: a class registered elsewhere, or a newer
 * version's tag.
 *
 * @publicApi
 */
export class UnknownStoredKind extends DurableError {
  readonly code = 'DURABLE_UNKNOWN_STORED_KIND';

  constructor(readonly kind: string) {
    super(
      `A stored value is of the kind "${kind}", which this process does not know.`,
      'Register its class with the serializer in every process, or bring this process to the version that wrote it.',
    );
  }
}
