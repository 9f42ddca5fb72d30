import { isName, isWholeNumber, type OptionCheck } from '../definition/option.checks.js';
import { identityOf } from '../definition/workflow-identity.js';
import { isText } from '../intake/text.checks.js';
import type { Question } from '../intake/forms/question.js';
import { waitIdOf } from '../intake/wait-id.js';
import { canonical } from '../serialization/canonical.js';
import {
  type PendingCriteria,
  pendingEvents,
  pendingInputs,
  type StoredPendingEvent,
  type StoredPendingInput,
} from '../storage/queries/pending.queries.js';
import { checkOptions } from './argument.checks.js';
import type { ClientServices } from './client-services.js';
import { valueOf } from './execution-views.js';
import { isCursorText, isExecutionId, isMoment, isWorkflow } from './filter.checks.js';
import { decodeWaitCursor, encodeWaitCursor } from './listing-cursor.js';
import type {
  PendingEvent,
  PendingEventFilter,
  PendingEventPage,
  PendingInput,
  PendingInputFilter,
  PendingInputPage,
  PendingWait,
  PendingWaitFilter,
} from './pending-wait.js';

const DEFAULT_LIMIT = 50;

const checks = {
  workflow: isWorkflow,
  executionId: isExecutionId,
  dueBefore: isMoment,
  limit: isWholeNumber(1, 1_000),
  cursor: isCursorText,
} satisfies Record<keyof PendingWaitFilter, OptionCheck>;

/** @throws InvalidArgument, InvalidCursor */
export async function listPendingInputs(
  { query, schema, serializer }: ClientServices,
  filter: PendingInputFilter,
): Promise<PendingInputPage> {
  checkOptions('listPendingInputs()', filter, { ...checks, name: isName, assignee: isText });
  const { assignee, name } = filter;
  const { items, cursor } = await page('inputs', filter, { assignee, name }, (criteria, limit) =>
    pendingInputs(query, schema, { ...criteria, assignee, name }, limit),
  );
  return { inputs: items.map((row) => inputOf(row, (text) => valueOf(text, serializer))), cursor };
}

/** @throws InvalidArgument, InvalidCursor */
export async function listPendingEvents(
  { query, schema }: ClientServices,
  filter: PendingEventFilter,
): Promise<PendingEventPage> {
  checkOptions('listPendingEvents()', filter, { ...checks, event: isName });
  const { event } = filter;
  const { items, cursor } = await page('events', filter, { event }, (criteria, limit) =>
    pendingEvents(query, schema, { ...criteria, name: event }, limit),
  );
  return { events: items.map(eventOf), cursor };
}

/** One more than asked for, to know whether there is another page. */
async function page<Row extends { readonly executionId: string; readonly seq: number }>(
  listing: string,
  filter: PendingWaitFilter,
  own: Readonly<Record<string, string | undefined>>,
  list: (criteria: PendingCriteria, limit: number) => Promise<Row[]>,
): Promise<{ items: Row[]; cursor: string | undefined }> {
  const { limit = DEFAULT_LIMIT, cursor, dueBefore } = filter;
  const asked = {
    workflow: typeof filter.workflow === 'function' ? identityOf(filter.workflow)?.name : filter.workflow,
    executionId: filter.executionId?.toLowerCase(),
  };
  const identity = canonical(
    JSON.stringify({ listing, ...asked, ...own, dueBefore: dueBefore?.getTime() ?? null }),
  );
  const after = cursor === undefined ? undefined : decodeWaitCursor(identity, cursor);
  const rows = await list({ ...asked, dueBefore, after }, limit + 1);
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, cursor: last && encodeWaitCursor(identity, last) };
}

function inputOf(row: StoredPendingInput, parse: (text: string | null) => unknown): PendingInput {
  const question = JSON.parse(row.question) as Question;
  return {
    ...factsOf(row),
    inputId: waitIdOf(row),
    name: row.name,
    type: question.type,
    prompt: question.prompt,
    assignees: row.assignees,
    metadata: parse(row.metadata),
    fields: 'fields' in question ? question.fields : undefined,
    choices: 'choices' in question ? question.choices : undefined,
    question,
  };
}

function eventOf(row: StoredPendingEvent): PendingEvent {
  return {
    ...factsOf(row),
    kind: row.kind,
    events: row.names,
    scope: row.kind === 'broadcast' && row.scope !== null && row.scope !== '' ? row.scope : undefined,
  };
}

function factsOf(row: StoredPendingInput | StoredPendingEvent): PendingWait {
  return {
    waitId: waitIdOf(row),
    executionId: row.executionId,
    workflow: row.workflow,
    path: row.path,
    openedAt: new Date(row.openedAt),
    dueAt: row.dueAt === null ? undefined : new Date(row.dueAt),
  };
}
