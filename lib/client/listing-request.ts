import { identityOf } from '../definition/workflow-identity.js';
import { pathOf, ROOT_PATH } from '../identity/operation-path.js';
import { firstIdAt } from '../identity/uuid7.js';
import { canonical } from '../serialization/canonical.js';
import type { ListingCriteria, ListingSource } from '../storage/queries/listing-criteria.js';
import type { ExecutionFilter } from './execution-filter.js';
import { type ExecutionStatus, isLivingStatus } from './execution-status.js';

/** A filter as the queries take it. */
export interface ListingRequest {
  /** What is alive comes first: an execution that ends between two queries is found by the second. */
  readonly sources: readonly ListingSource[];
  readonly criteria: ListingCriteria;
  /** The same text for every filter that asks for the same. */
  readonly identity: string;
}

/** Of a filter that has passed its checks. */
export function listingRequestOf(filter: ExecutionFilter): ListingRequest {
  const sources = sourcesOf(filter.status);
  const { createdAfter, createdBefore, attributes } = filter;
  const criteria: ListingCriteria = {
    workflow: typeof filter.workflow === 'function' ? identityOf(filter.workflow)?.name : filter.workflow,
    queue: filter.queue,
    step: filter.step === undefined ? undefined : pathOf(ROOT_PATH, filter.step, 1),
    attributes:
      attributes === undefined || Object.keys(attributes).length === 0
        ? undefined
        : canonical(JSON.stringify(attributes)),
    parentId: filter.parentId?.toLowerCase(),
    from: createdAfter === undefined ? undefined : firstIdAt(createdAfter.getTime()),
    below: createdBefore === undefined ? undefined : firstIdAt(createdBefore.getTime()),
  };
  return { sources, criteria, identity: canonical(JSON.stringify({ sources, ...criteria })) };
}

function sourcesOf(status: ExecutionFilter['status']): ListingSource[] {
  if (status === undefined) return [{ kind: 'any' }];
  const statuses: ExecutionStatus[] = typeof status === 'string' ? [status] : [...new Set(status)].toSorted();
  const living = statuses.filter(isLivingStatus);
  const ended = statuses.filter((each) => !isLivingStatus(each));
  return [
    ...(living.length > 0 ? [{ kind: 'living' as const, statuses: living }] : []),
    ...ended.map((outcome) => ({ kind: 'ended' as const, outcome })),
  ];
}
