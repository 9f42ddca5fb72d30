/** Longer paths keep their beginning and end. */
const LONGEST = 12;
const KEPT_END = 2;

/** Where in a value the encoder is: written out only when something there cannot be stored. */
export class ValuePath {
  private readonly segments: string[] = [];

  get depth(): number {
    return this.segments.length;
  }

  enterKey(key: string): void {
    this.segments.push(/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${quoted(key)}]`);
  }

  enterIndex(index: number): void {
    this.segments.push(`[${index}]`);
  }

  /** The value of a Map under a key. */
  enterEntry(key: unknown, index: number): void {
    this.segments.push(typeof key === 'string' ? `.get(${quoted(key)})` : `.values()[${index}]`);
  }

  /** A call that gives an iterator: `keys` of a Map, `values` of a Set. */
  enterItem(of: 'keys' | 'values', index: number): void {
    this.segments.push(`.${of}()[${index}]`);
  }

  leave(): void {
    this.segments.pop();
  }

  /** Back to where it was `depth` segments deep, after an error passed by. */
  leaveTo(depth: number): void {
    this.segments.length = depth;
  }

  /** The path, or that of the ancestor `depth` segments deep. */
  text(depth = this.segments.length): string {
    const segments = this.segments.slice(0, depth);
    if (segments.length <= LONGEST) return `$${segments.join('')}`;
    const begin = segments.slice(0, LONGEST - KEPT_END).join('');
    return `$${begin}…${segments.slice(-KEPT_END).join('')}`;
  }
}

/** JSON's quotes also escape what could not be stored, and the path itself is stored with the error. */
function quoted(key: string): string {
  return JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}…` : key);
}
