import { types } from 'node:util';
import { NotSerializable } from '../errors/serialization.error.js';
import { encodeBinary } from './binary.js';
import { isError, isErrorLike, recordOfError, type ErrorRecord } from './error-record.js';
import { classNameOf, isOfClass, isPlainArray, isPlainObject, setOwn } from './plain.js';
import type { RegisteredClasses } from './registered-classes.js';
import { TAG, tagged } from './tag.js';
import { ValuePath } from './value-path.js';

/** In JSON's levels, of which a Map takes three. Far above what people write, far below any parser's stack. */
const DEEPEST = 1_000;
const DEEPEST_ERRORS = 2;

/** Makes one value into what JSON can hold, with tags where JSON has no word. Used once. */
export class Encoder {
  private readonly path = new ValuePath();
  private openErrors = 0;
  private readonly ancestors: { readonly value: unknown; readonly depth: number }[] = [];

  constructor(private readonly classes: RegisteredClasses) {}

  encode(value: unknown, level = 0): unknown {
    switch (typeof value) {
      case 'string':
        this.checkText(value);
        return value;
      case 'boolean':
        return value;
      case 'number':
        return encodedNumber(value);
      case 'bigint':
        return tagged('bigint', value.toString());
      case 'undefined':
        return tagged('undefined');
      case 'object':
        return value === null ? null : this.encodeWithin(value, level);
      default:
        return this.refuse(`a ${typeof value}`);
    }
  }

  /** Keeps account of the objects that the value is in, by which a circle is seen. */
  private encodeWithin(value: object, level: number): unknown {
    const same = this.ancestors.find((ancestor) => ancestor.value === value);
    if (same !== undefined) this.refuse(`a circular reference to ${this.path.text(same.depth)}`);
    if (level >= DEEPEST) this.refuse(`nested more than ${DEEPEST} levels deep`);
    this.ancestors.push({ value, depth: this.path.depth });
    const encoded = this.encodeObject(value, level);
    this.ancestors.pop();
    return encoded;
  }

  private encodeObject(value: object, level: number): unknown {
    const registered = this.classes.of(value);
    if (registered !== undefined) {
      const encoded = this.encode(registered.codec.encode(value), level + 1);
      return { [TAG]: 'class', name: registered.name, value: encoded };
    }
    if (isPlainArray(value)) return this.encodeArray(value, level);
    if (isPlainObject(value)) return this.encodePlain(value, level);
    if (types.isDate(value) && isOfClass(value, 'Date')) return tagged('Date', encodedDate(value));
    if (types.isMap(value) && isOfClass(value, 'Map')) return this.encodeMap(value, level);
    if (types.isSet(value) && isOfClass(value, 'Set')) return this.encodeSet(value, level);
    if (isError(value)) return this.encodeError(value, level);
    return encodeBinary(value) ?? this.refuse(described(value));
  }

  private encodeArray(value: readonly unknown[], level: number): unknown[] {
    const encoded: unknown[] = [];
    // By index, because a hole is stored as undefined.
    for (let index = 0; index < value.length; index++) {
      this.path.enterIndex(index);
      encoded.push(this.encode(value[index], level + 1));
      this.path.leave();
    }
    return encoded;
  }

  private encodePlain(value: Readonly<Record<string, unknown>>, level: number): unknown {
    if (hasSymbolKeys(value)) this.refuse('an object with a symbol as a key');
    const encoded: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      this.path.enterKey(key);
      this.checkText(key);
      setOwn(encoded, key, this.encode(value[key], level + 1));
      this.path.leave();
    }
    return Object.hasOwn(encoded, TAG) ? tagged('Object', encoded) : encoded;
  }

  private encodeMap(value: ReadonlyMap<unknown, unknown>, level: number): unknown {
    const entries: unknown[] = [];
    for (const [key, member] of value) {
      this.path.enterItem('keys', entries.length);
      const encodedKey = this.encode(key, level + 3);
      this.path.leave();
      this.path.enterEntry(key, entries.length);
      entries.push([encodedKey, this.encode(member, level + 3)]);
      this.path.leave();
    }
    return tagged('Map', entries);
  }

  private encodeSet(value: ReadonlySet<unknown>, level: number): unknown {
    const members: unknown[] = [];
    for (const member of value) {
      this.path.enterItem('values', members.length);
      members.push(this.encode(member, level + 2));
      this.path.leave();
    }
    return tagged('Set', members);
  }

  private encodeError(value: object, level: number): unknown {
    // Errors in fields of errors in fields of errors: each has causes of its own, so the tree must end.
    if (this.openErrors >= DEEPEST_ERRORS) this.refuse('an error within errors');
    return tagged('Error', this.recordOfThrown(value, level));
  }

  /**
   * What is stored of something that was thrown. It carries what can be stored and drops the rest: an error
   * must never hide what it tells about.
   */
  recordOfThrown(thrown: unknown, level = 0): ErrorRecord {
    const outer = this.ancestors.length;
    // A field may lead back to the error. (Anything else that was thrown is itself what is encoded.)
    if (isErrorLike(thrown)) this.ancestors.push({ value: thrown, depth: this.path.depth });
    this.openErrors++;
    const record = recordOfError(thrown, (field) => this.encodeField(field, level + 3));
    this.openErrors--;
    this.ancestors.length = outer;
    return record;
  }

  private encodeField(field: unknown, level: number): unknown {
    const depth = this.path.depth;
    const ancestors = this.ancestors.length;
    const openErrors = this.openErrors;
    try {
      return this.encode(field, level);
    } catch {
      this.path.leaveTo(depth);
      this.ancestors.length = ancestors;
      this.openErrors = openErrors;
      return undefined;
    }
  }

  /** PostgreSQL stores neither. */
  private checkText(text: string): void {
    if (text.includes('\0')) this.refuse('text with a NUL character');
    if (!text.isWellFormed()) this.refuse('text with a lone surrogate (half a character)');
  }

  private refuse(what: string): never {
    throw new NotSerializable(this.path.text(), what);
  }
}

function encodedNumber(value: number): unknown {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return tagged('number', Object.is(value, -0) ? '-0' : String(value));
}

function encodedDate(date: Date): string | null {
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function hasSymbolKeys(value: object): boolean {
  const symbols = Object.getOwnPropertySymbols(value);
  return symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol));
}

function described(value: object): string {
  if (types.isPromise(value)) return 'a promise (is an await missing?)';
  return `an instance of ${classNameOf(value) || 'a class without a name'}`;
}
