import { UnknownStoredKind } from '../errors/serialization.error.js';
import { decodeBinary } from './binary.js';
import { errorOfRecord } from './error-revival.js';
import { setOwn } from './plain.js';
import type { RegisteredClasses } from './registered-classes.js';
import { TAG } from './tag.js';

/** Makes what JSON.parse gave back into the value that was encoded. Works in place: nobody else has it yet. */
export class Decoder {
  constructor(private readonly classes: RegisteredClasses) {}

  readonly decode = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return this.decodeItems(node);
    return Object.hasOwn(node, TAG) ? this.decodeTagged(node) : this.decodeMembers(node);
  };

  private decodeItems(nodes: unknown[]): unknown[] {
    for (let index = 0; index < nodes.length; index++) nodes[index] = this.decode(nodes[index]);
    return nodes;
  }

  private decodeMembers(node: object): object {
    for (const [key, member] of Object.entries(node)) {
      if (typeof member === 'object') setOwn(node, key, this.decode(member));
    }
    return node;
  }

  private decodeTagged(node: object): unknown {
    const { [TAG]: kind, value, name } = node as Record<string, unknown>;
    switch (kind) {
      case 'undefined':
        return undefined;
      case 'number':
        return Number(value);
      case 'bigint':
        return BigInt(String(value));
      case 'Date':
        return new Date(typeof value === 'string' ? value : NaN);
      case 'Map':
        return new Map(this.decode(value) as [unknown, unknown][]);
      case 'Set':
        return new Set(this.decode(value) as unknown[]);
      case 'Error':
        return errorOfRecord(value, this.decode);
      case 'Object':
        // The user's own object with the tag's key: its members are looked at, it is not.
        return this.decodeMembers(value as object);
      case 'class':
        return this.decodeRegistered(String(name), value);
      default:
        return decodeBinary(String(kind), String(value)) ?? unknownKind(String(kind));
    }
  }

  private decodeRegistered(name: string, value: unknown): object {
    const registered = this.classes.named(name) ?? unknownKind(name);
    return registered.codec.decode(this.decode(value));
  }
}

function unknownKind(kind: string): never {
  throw new UnknownStoredKind(kind);
}
