/**
 * A fast hash of a text as a signed 32-bit number: what a PostgreSQL `int` holds. FNV-1a over the UTF-16
 * units with a final mix. It tells texts apart; it protects nothing.
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // FNV leaves the high bits of short texts alike; murmur3's finish spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
