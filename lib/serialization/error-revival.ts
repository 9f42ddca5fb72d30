import { reviveDurableError } from '../errors/durable-errors-by-code.js';
import { isPlainObject, setOwn } from './plain.js';

type FieldDecoder = (field: unknown) => unknown;
type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

const builtinClasses: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ['EvalError', EvalError],
  ['RangeError', RangeError],
  ['ReferenceError', ReferenceError],
  ['SyntaxError', SyntaxError],
  ['TypeError', TypeError],
  ['URIError', URIError],
]);

/**
 * The error that a record tells of: one of the engine as its class, a builtin one as its own, any other as an
 * Error with its name and fields. Never throws, whatever the record: it is read where something failed already.
 */
export function errorOfRecord(record: unknown, decodeField: FieldDecoder): Error {
  if (!isPlainObject(record)) return new Error(`An error was stored that cannot be read: ${String(record)}`);
  const name = textOf(record['name']) ?? 'Error';
  const message = textOf(record['message']) ?? '';
  const error = newError(name, message, record, decodeField);
  if (error.name !== name) setHidden(error, 'name', name);
  // The place where it was thrown, not where it is read.
  setHidden(error, 'stack', textOf(record['stack']) ?? `${name}: ${message}`);
  return error;
}

function newError(
  name: string,
  message: string,
  record: Readonly<Record<string, unknown>>,
  decodeField: FieldDecoder,
): Error {
  const fields = fieldsOf(record, decodeField);
  const cause = causeOf(record, decodeField);
  const durable = reviveDurableError(message, fields, cause);
  if (durable !== undefined) return durable;
  const options = cause === undefined ? undefined : { cause };
  const error = Array.isArray(record['errors'])
    ? new AggregateError(
        record['errors'].map((inner) => innerOf(inner, decodeField)),
        message,
        options,
      )
    : new (builtinClasses.get(name) ?? Error)(message, options);
  for (const [key, value] of Object.entries(fields)) setOwn(error, key, value);
  return error;
}

/** The fields with the code. One that this process cannot read is left out. */
function fieldsOf(
  record: Readonly<Record<string, unknown>>,
  decodeField: FieldDecoder,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (record['code'] !== undefined) fields['code'] = record['code'];
  for (const [key, field] of Object.entries(record['fields'] ?? {})) {
    const value = decodedOrNothing(field, decodeField);
    if (value !== undefined) setOwn(fields, key, value);
  }
  return fields;
}

function causeOf(record: Readonly<Record<string, unknown>>, decodeField: FieldDecoder): unknown {
  if (record['cause'] !== undefined) return innerOf(record['cause'], decodeField);
  return Object.hasOwn(record, 'thrown') ? decodedOrNothing(record['thrown'], decodeField) : undefined;
}

/** An error within another; where it was no error, the value itself. */
function innerOf(record: unknown, decodeField: FieldDecoder): unknown {
  return isPlainObject(record) && Object.hasOwn(record, 'thrown')
    ? decodedOrNothing(record['thrown'], decodeField)
    : errorOfRecord(record, decodeField);
}

function decodedOrNothing(field: unknown, decodeField: FieldDecoder): unknown {
  try {
    return decodeField(field);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function setHidden(error: Error, key: 'name' | 'stack', value: string): void {
  Object.defineProperty(error, key, { value, configurable: true, enumerable: false, writable: true });
}
