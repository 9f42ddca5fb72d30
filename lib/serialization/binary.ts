import { types } from 'node:util';
import { isOfClass } from './plain.js';
import { tagged, type Tagged } from './tag.js';

type ArrayOverBuffer = new (buffer: ArrayBuffer) => ArrayBufferView;

/** Stored in the byte order of the machine: little-endian wherever Node has users. */
const arrayClasses: Readonly<Record<string, ArrayOverBuffer>> = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

/** The tag of a Buffer, a typed array or an ArrayBuffer; `undefined` for all else. */
export function encodeBinary(value: object): Tagged | undefined {
  if (Buffer.isBuffer(value)) return isOfClass(value, 'Buffer') ? tagged('Buffer', base64(value)) : undefined;
  if (types.isTypedArray(value)) {
    const kind = value[Symbol.toStringTag];
    return isOfClass(value, kind) && kind in arrayClasses ? tagged(kind, base64(value)) : undefined;
  }
  if (types.isArrayBuffer(value)) return tagged('ArrayBuffer', base64(new Uint8Array(value)));
  return undefined;
}

/** What the tag stands for; `undefined` where it is none of these. */
export function decodeBinary(kind: string, text: string): object | undefined {
  if (kind === 'Buffer') return Buffer.from(text, 'base64');
  if (kind === 'ArrayBuffer') return bufferOf(text);
  if (!Object.hasOwn(arrayClasses, kind)) return undefined;
  const classRef = arrayClasses[kind];
  return classRef === undefined ? undefined : new classRef(bufferOf(text));
}

function base64(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
}

/** A buffer of its own: Node's pooled ones begin where a wider element could not be aligned. */
function bufferOf(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
