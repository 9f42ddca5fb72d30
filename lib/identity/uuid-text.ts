const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text is a UUID of any version, in the form that PostgreSQL prints. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** Byte `index` of `bytes` as two hexadecimal digits. */
export function hexAt(bytes: Uint8Array, index: number): string {
  return hexOfByte[bytes[index] ?? 0] ?? '00';
}

/** The UUID whose 16 bytes begin at `from`. */
export function uuidOfBytes(bytes: Uint8Array, from = 0): string {
  let text = '';
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += hexAt(bytes, from + index);
  }
  return text;
}
