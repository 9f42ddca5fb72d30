import { ExecutionNotFound } from '../errors/execution.error.js';
import { isUuid } from '../identity/uuid-text.js';
import type { Serializer } from '../serialization/serializer.js';
import { countExecutions } from '../storage/queries/counting.queries.js';
import {
  findExecution,
  findStanding,
  type StoredExecution,
  stepsOf,
} from '../storage/queries/execution.queries.js';
import { listExecutions } from '../storage/queries/listing.queries.js';
import type { Query } from '../storage/queries/query.js';
import { shown } from './argument.checks.js';
import type { Execution } from './execution.js';
import type { ExecutionFilter } from './execution-filter.js';
import { isLivingStatus, statusOf, type ExecutionStatus } from './execution-status.js';
import { executionStepsOf } from './execution-steps.js';
import { executionOf } from './execution-views.js';
import { checkFilter } from './filter.checks.js';
import { decodeCursor, encodeCursor } from './listing-cursor.js';
import { listingRequestOf, type ListingRequest } from './listing-request.js';

const DEFAULT_LIMIT = 50;

export interface ExecutionReaderOptions {
  readonly query: Query;
  /** The quoted name of the schema. */
  readonly schema: string;
  readonly serializer: Serializer;
}

/** Reads executions for those who look at them. Writes nothing, and needs no worker. */
export class ExecutionReader {
  constructor(private readonly options: ExecutionReaderOptions) {}

  /** @throws ExecutionNotFound */
  async get(id: string, { steps = false }: { readonly steps?: boolean } = {}): Promise<Execution> {
    const { query, schema, serializer } = this.options;
    const row = await findExecution(query, schema, existing(id));
    if (row === undefined) throw new ExecutionNotFound(shown(id));
    const execution = executionOf(row, serializer);
    if (!steps) return execution;
    const lines = await stepsOf(query, schema, id);
    const isAlive = isLivingStatus(execution.status);
    return { ...execution, steps: executionStepsOf(lines, { isAlive, serializer }) };
  }

  /** @throws ExecutionNotFound */
  async status(id: string): Promise<ExecutionStatus> {
    const standing = await findStanding(this.options.query, this.options.schema, existing(id));
    if (standing === undefined) throw new ExecutionNotFound(shown(id));
    return statusOf(standing);
  }

  /**
   * The newest first, a page at a time.
   *
   * @throws InvalidArgument, InvalidCursor
   */
  async list(filter: ExecutionFilter = {}): Promise<{ executions: Execution[]; cursor: string | undefined }> {
    checkFilter('listExecutions()', filter);
    const request = listingRequestOf(filter);
    const limit = filter.limit ?? DEFAULT_LIMIT;
    const below = filter.cursor === undefined ? undefined : decodeCursor(request.identity, filter.cursor);
    // One more than asked for, to know whether there is another page.
    const rows = await this.#newest(request, below, limit + 1);
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      executions: page.map((row) => executionOf(row, this.options.serializer)),
      cursor: last && encodeCursor(request.identity, last.id),
    };
  }

  /**
   * Exactly how many there are.
   *
   * @throws InvalidArgument
   */
  async count(filter: ExecutionFilter = {}): Promise<number> {
    checkFilter('countExecutions()', filter);
    const { sources, criteria } = listingRequestOf(filter);
    return await countExecutions(this.options.query, this.options.schema, sources, criteria);
  }

  async #newest(
    { sources, criteria }: ListingRequest,
    below: string | undefined,
    limit: number,
  ): Promise<StoredExecution[]> {
    const { query, schema } = this.options;
    const found = new Map<string, StoredExecution>();
    for (const source of sources) {
      // A cursor is never above the time that the filter ends at: it comes from a page of the same filter.
      const bounded = { ...criteria, below: below ?? criteria.below };
      // What has ended since an earlier source was read is in both, and as it is now in the later.
      for (const row of await listExecutions(query, schema, source, bounded, limit)) found.set(row.id, row);
    }
    return [...found.values()].toSorted((left, right) => (left.id < right.id ? 1 : -1)).slice(0, limit);
  }
}

/** A text that is no id at all is that of no execution. */
function existing(id: unknown): string {
  if (typeof id !== 'string' || !isUuid(id)) throw new ExecutionNotFound(shown(id));
  return id;
}
