import type { EntityManager } from 'typeorm';
import type { Query } from '../../../lib/storage/queries/query.js';
import type { SentStatement } from './plan-explorer.js';

/** Takes statements down instead of sending them; each gets the next of these answers, then none. */
export class RecordedQuery {
  readonly sent: SentStatement[] = [];
  readonly #answers: (readonly object[])[];

  constructor(...answers: readonly (readonly object[])[]) {
    this.#answers = [...answers];
  }

  readonly query: Query = async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    this.sent.push({ text, values });
    return (this.#answers.shift() ?? []) as Row[];
  };

  /** The same for what asks a manager of TypeORM. */
  get manager(): EntityManager {
    return { query: this.query } as unknown as EntityManager;
  }
}

/** The statements that some code sends, given these answers. */
export async function statementsOf(
  code: (recorded: RecordedQuery) => Promise<unknown>,
  ...answers: readonly (readonly object[])[]
): Promise<SentStatement[]> {
  const recorded = new RecordedQuery(...answers);
  await code(recorded);
  return recorded.sent;
}
