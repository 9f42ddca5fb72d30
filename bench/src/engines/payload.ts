/** What every engine carries as input, as the result of each step and as output. */
export interface Payload {
  readonly text: string;
}

/** 100 bytes as JSON: 11 of braces, quotes and key, and 89 of text. */
export const PAYLOAD: Payload = { text: 'x'.repeat(89) };
