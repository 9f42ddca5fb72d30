import { hash32 } from '../../../lib/identity/hash.js';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** A value as one can compare it between two executions: an error is its words, and ids are left out. */
export function plain(value: unknown): unknown {
  if (value instanceof Error) {
    return {
      error: value.name,
      message: plain(value.message),
      ...(value.cause !== undefined && { cause: plain(value.cause) }),
    };
  }
  if (value instanceof Date) return { date: value.getTime() };
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (typeof value === 'string') return value.replace(UUID, '<id>');
  if (value === undefined) return { nothing: true };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** A number that stands for values: the same for the same ones, keys in the same order. */
export function digestOf(...values: readonly unknown[]): number {
  return hash32(JSON.stringify(plain(values))) >>> 0;
}

/** A value made of a number, of one type or another. */
export function valueOf(digest: number): unknown {
  const shapes = [
    digest,
    `text ${digest}`,
    new Date(1_600_000_000_000 + (digest % 1_000_000)),
    BigInt(digest) * 10_000_000_000n,
    { deep: [digest % 7, { deeper: digest % 5 === 0 ? null : true }] },
    [],
  ];
  return shapes[digest % shapes.length];
}
