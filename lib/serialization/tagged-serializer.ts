import { Decoder } from './decoder.js';
import { Encoder } from './encoder.js';
import { isPlainJson } from './plain-json.js';
import { RegisteredClasses, type ClassCodec, type ClassReference } from './registered-classes.js';
import type { Serializer } from './serializer.js';
import { TAG_IN_TEXT } from './tag.js';

/**
 * Plain JSON stays plain JSON. A tagged encoding carries what JSON has no word for: `Date`, `Map`, `Set`,
 * `bigint`, `Buffer`, typed arrays and `ArrayBuffer`, `undefined`, `NaN`, infinities and `-0`, `Error`, and
 * instances of registered classes. Anything else is refused with its path.
 *
 * @publicApi
 */
export class TaggedSerializer implements Serializer {
  private readonly classes = new RegisteredClasses();
  private readonly decoder = new Decoder(this.classes);

  /**
   * Teaches the serializer a class. Every process that reads or writes its instances must do the same.
   *
   * ```ts
   * serializer.register('money', Money, {
   *   encode: (money) => ({ amount: money.amount, currency: money.currency }),
   *   decode: ({ amount, currency }) => new Money(amount, currency),
   * });
   * ```
   *
   * @param name stored with each instance: it must stay when the class is renamed
   */
  register<Instance extends object, Encoded>(
    name: string,
    classRef: ClassReference<Instance>,
    codec: ClassCodec<Instance, Encoded>,
  ): this {
    this.classes.add(name, classRef, codec);
    return this;
  }

  stringify(value: unknown): string {
    if (isPlainJson(value)) {
      const text = JSON.stringify(value);
      // JSON writes what PostgreSQL refuses (NUL, lone surrogates) as an escape, so only then texts need a look.
      if (!text.includes('\\u')) return text;
    }
    return JSON.stringify(new Encoder(this.classes).encode(value));
  }

  parse(text: string): unknown {
    const node: unknown = JSON.parse(text);
    return text.includes(TAG_IN_TEXT) ? this.decoder.decode(node) : node;
  }
}
