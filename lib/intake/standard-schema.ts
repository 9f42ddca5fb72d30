import type { InvalidField } from '../errors/start.error.js';
import { type Verdict, WHOLE } from './verdict.js';

/**
 * The part of a Standard Schema (https://standardschema.dev, version 1) that is used here. Zod, Valibot, ArkType and
 * others make such schemas.
 *
 * @publicApi
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type StandardResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** What a schema takes. */
export type TakenBy<Schema extends StandardSchema> = TypesOf<Schema>['input'];

/** What a schema makes of it. */
export type MadeBy<Schema extends StandardSchema> = TypesOf<Schema>['output'];

type TypesOf<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>;

/** Some schemas are objects, some are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard: unknown = Reflect.get(value, '~standard');
  return (
    typeof standard === 'object' &&
    standard !== null &&
    typeof Reflect.get(standard, 'validate') === 'function'
  );
}

/** At once where the schema answers at once. */
export function checkBySchema(schema: StandardSchema, value: unknown): Verdict | Promise<Verdict> {
  const result = schema['~standard'].validate(value);
  return 'then' in result ? result.then(verdictOf) : verdictOf(result);
}

function verdictOf(result: StandardResult<unknown>): Verdict {
  return result.issues === undefined
    ? { ok: true, value: result.value }
    : { ok: false, fields: fieldsOf(result.issues) };
}

/** One for each path, with all that is said of it. */
function fieldsOf(issues: readonly StandardIssue[]): InvalidField[] {
  if (issues.length === 0) return [{ path: WHOLE, messages: ['is not valid'] }];
  const messagesByPath = new Map<string, string[]>();
  for (const { path, message } of issues) {
    const text = pathText(path ?? []);
    messagesByPath.set(text, [...(messagesByPath.get(text) ?? []), message]);
  }
  return Array.from(messagesByPath, ([path, messages]) => ({ path, messages }));
}

function pathText(path: NonNullable<StandardIssue['path']>): string {
  if (path.length === 0) return WHOLE;
  return path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.');
}
