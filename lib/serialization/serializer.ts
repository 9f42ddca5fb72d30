/**
 * How values become the text that is stored, and come back.
 *
 * What `parse` gives back for the text of a value must be a copy of the value: workflow code is handed copies
 * on its first pass too, so that a replay sees what the first pass saw.
 *
 * @publicApi
 */
export interface Serializer {
  /** @throws NotSerializable naming the path of what cannot be stored */
  stringify(value: unknown): string;
  parse(text: string): unknown;
}
