import type { Letter } from './letter.js';

/** The letters of an execution that are here: read, and taken by no wait so far. */
export class LetterPile {
  #letters: Letter[] = [];
  /** Those that ended a wait here, and may not be recorded as taken yet. */
  #taken: Set<string>;

  /** @param before that of the same execution on its way so far */
  constructor(before?: LetterPile) {
    this.#taken = new Set(before === undefined ? [] : before.#taken);
  }

  /** In the order in which they were sent. */
  get letters(): readonly Letter[] {
    return this.#letters;
  }

  /** What lies in the mailbox now, some of which may have been taken here meanwhile. */
  replaceWith(letters: readonly Letter[]): void {
    this.#taken = new Set(letters.flatMap(({ id }) => (this.#taken.has(id) ? [id] : [])));
    this.#letters = letters.filter(({ id }) => !this.#taken.has(id));
  }

  take(ids: readonly string[]): void {
    for (const id of ids) {
      this.#taken.add(id);
      this.#letters.splice(
        this.#letters.findIndex((letter) => letter.id === id),
        1,
      );
    }
  }
}
