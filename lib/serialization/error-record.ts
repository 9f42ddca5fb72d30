import { inspect, types } from 'node:util';
import { DurableError } from '../errors/durable.error.js';

/** What is stored of an error. */
export interface ErrorRecord {
  name: string;
  message: string;
  code?: string | number;
  stack?: string;
  /** Its own fields, encoded. */
  fields?: Record<string, unknown>;
  cause?: ErrorRecord;
  /** Those of an AggregateError. */
  errors?: ErrorRecord[];
  /** The encoded value, where what was thrown is not an error. */
  thrown?: unknown;
}

/** Encodes a field; `undefined` where it cannot be stored. */
export type FieldEncoder = (value: unknown) => unknown;

/** About what one error may take in the database, in bytes, and what a single part of it may. */
const WHOLE = 31_000;
const LONGEST_TEXT = 8_000;
const LONGEST_NAME = 200;
/** The punctuation of one record. */
const FRAME = 120;
const DEEPEST_CAUSE = 8;
/** With less left than this, causes say too little to be kept. */
const LEAST_FOR_CAUSE = 500;

const ownParts = new Set(['name', 'message', 'stack', 'cause', 'errors', 'code']);

/** Whether the value is an error of this or another realm. */
export function isError(value: unknown): value is Error {
  return (
    types.isNativeError(value) ||
    value instanceof Error ||
    Object.prototype.toString.call(value) === '[object DOMException]'
  );
}

/** Never throws, whatever was thrown. */
export function recordOfError(thrown: unknown, encodeField: FieldEncoder): ErrorRecord {
  try {
    return new ErrorRecorder(encodeField).record(thrown, 0);
  } catch {
    return { name: 'Error', message: 'Something was thrown that cannot be described.' };
  }
}

/** Writes an error and what it has within, the outermost first, until the budget is used up. */
class ErrorRecorder {
  private readonly seen = new Set<unknown>();
  private left = WHOLE;

  constructor(private readonly encodeField: FieldEncoder) {}

  record(thrown: unknown, depth: number): ErrorRecord {
    if (isErrorLike(thrown)) this.seen.add(thrown);
    this.left -= FRAME;
    if (!isErrorLike(thrown)) return this.recordOfValue(thrown);
    const record: ErrorRecord = {
      name: this.text(read(thrown, 'name'), LONGEST_NAME) || 'Error',
      message: this.text(read(thrown, 'message'), LONGEST_TEXT),
    };
    const code = read(thrown, 'code');
    if (typeof code === 'string') record.code = this.text(code, LONGEST_NAME);
    if (typeof code === 'number' && Number.isFinite(code)) record.code = code;
    const stack = this.text(read(thrown, 'stack'), LONGEST_TEXT);
    if (stack !== '') record.stack = stack;
    const fields = this.fieldsOf(thrown);
    if (fields !== undefined) record.fields = fields;
    this.recordInner(thrown, record, depth);
    return record;
  }

  private recordInner(error: object, record: ErrorRecord, depth: number): void {
    if (depth >= DEEPEST_CAUSE) return;
    const cause = read(error, 'cause');
    if (cause !== undefined && this.hasRoomFor(cause)) record.cause = this.record(cause, depth + 1);
    const errors = read(error, 'errors');
    if (!Array.isArray(errors) || !isError(error)) return;
    record.errors = [];
    for (const inner of errors as unknown[]) {
      if (this.hasRoomFor(inner)) record.errors.push(this.record(inner, depth + 1));
    }
  }

  private hasRoomFor(inner: unknown): boolean {
    return this.left >= LEAST_FOR_CAUSE && !this.seen.has(inner);
  }

  private recordOfValue(value: unknown): ErrorRecord {
    const shown = inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 1_000 });
    const record: ErrorRecord = {
      name: 'Error',
      message: this.text(`A value that is not an error was thrown: ${shown}`, LONGEST_TEXT),
    };
    const thrown = this.encodeField(value);
    if (thrown !== undefined && this.spend(thrown)) record.thrown = thrown;
    return record;
  }

  private fieldsOf(error: object): Record<string, unknown> | undefined {
    const facts = error instanceof DurableError ? error.toDetails() : error;
    const fields: [string, unknown][] = [];
    for (const key of Object.keys(facts)) {
      if (ownParts.has(key) || cleaned(key) !== key) continue;
      const field = this.encodeField(read(facts, key));
      if (field !== undefined && this.spend([key, field])) fields.push([key, field]);
    }
    return fields.length === 0 ? undefined : Object.fromEntries(fields);
  }

  /** Takes the part from the budget if that leaves as much again for what comes after. */
  private spend(part: unknown): boolean {
    const size = sizeOf(part);
    if (size > this.left / 2) return false;
    this.left -= size;
    return true;
  }

  /** The text, cut to what it may take. */
  private text(value: unknown, longest: number): string {
    if (typeof value !== 'string') return '';
    const allowed = Math.max(0, Math.min(longest, this.left / 2));
    let text = cleaned(value.length > allowed ? `${value.slice(0, allowed)}…` : value);
    while (text.length > 1 && sizeOf(text) > allowed) text = cleaned(`${text.slice(0, text.length / 2)}…`);
    this.left -= sizeOf(text);
    return text;
  }
}

/** What `throw` is used for: errors, and objects that look like one. */
export function isErrorLike(thrown: unknown): thrown is object {
  if (typeof thrown !== 'object' || thrown === null) return false;
  try {
    return isError(thrown) || typeof read(thrown, 'message') === 'string';
  } catch {
    // A revoked proxy refuses even to say what it is.
    return false;
  }
}

/** A getter may throw. */
function read(from: object, key: string): unknown {
  try {
    return Reflect.get(from, key);
  } catch {
    return undefined;
  }
}

/** Without what PostgreSQL does not store: NUL and half characters, which a cut may leave too. */
function cleaned(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

function sizeOf(part: unknown): number {
  return Buffer.byteLength(JSON.stringify(part));
}
