/**
 * The same text for equal values whatever the order of their keys, from a text that a serializer made: for
 * comparing two inputs. The order in a Map or Set counts.
 */
export function canonical(text: string): string {
  return canonicalOf(JSON.parse(text));
}

function canonicalOf(node: unknown): string {
  if (typeof node !== 'object' || node === null) return JSON.stringify(node);
  if (Array.isArray(node)) return `[${node.map(canonicalOf).join(',')}]`;
  const members = Object.entries(node)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalOf(member)}`);
  return `{${members.join(',')}}`;
}
