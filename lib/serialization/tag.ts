/**
 * The key that marks a stored object as something JSON has no word for: `{ "$durable": "Date", "value": … }`.
 * All else in the database is plain JSON. A user's own object with this key is wrapped as kind `Object`.
 */
export const TAG = '$durable';

/** How the tag looks in a text: a text without it needs no second look after JSON.parse. */
export const TAG_IN_TEXT = `"${TAG}"`;

export interface Tagged {
  readonly [TAG]: string;
  readonly value?: unknown;
  /** For kind `class`: the name under which the class is registered. */
  readonly name?: string;
}

export function tagged(kind: string, value?: unknown): Tagged {
  return value === undefined ? { [TAG]: kind } : { [TAG]: kind, value };
}
