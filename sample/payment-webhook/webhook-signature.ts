import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether a body was signed by somebody who knows the secret. The body is the one that came, byte by byte: one that was
 * parsed and written again may have other spaces. The comparison takes as long for a signature that is almost right.
 */
export function isSigned(body: Buffer | undefined, signature: string | undefined, secret: string): boolean {
  if (body === undefined || signature === undefined) return false;
  const expected = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
