import { type DurableClient, type ExecutionHandle, Run, type StartOptions, Workflow } from 'nest-durable';
import type { ApiDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { eventually } from '../../../support/eventually.js';
import { HASTY } from '../../../support/restart.js';

type Code = (input: never) => unknown;

const codes = new Map<string, Code>();

interface Call {
  readonly code: string;
  readonly input?: unknown;
}

/** A workflow whose code stands in the test. Later applications of the same process find it again. */
@Workflow({ name: 'coded' })
export class Coded {
  @Run()
  async run({ code, input }: Call): Promise<unknown> {
    return await codes.get(code)?.(input as never);
  }
}

/** Gives the code a name, under which executions may be started with it. */
export function callOf(code: Code, input?: unknown): Call {
  const name = `code ${codes.size + 1}`;
  codes.set(name, code);
  return input === undefined ? { code: name } : { code: name, input };
}

export async function begin(
  client: DurableClient,
  code: () => unknown,
  options: StartOptions = {},
): Promise<ExecutionHandle> {
  return await client.start(Coded, callOf(code), options);
}

/** Resolves when the execution has so many waits open that others can end. */
export async function listening(client: DurableClient, executionId: string, count = 1): Promise<void> {
  await eventually(async () => (await openWaits(client, executionId)).length === count);
}

/** Where the waits are that others can end: their paths. */
export async function openWaits(client: DurableClient, executionId: string): Promise<string[]> {
  const { events } = await client.listPendingEvents({ executionId });
  const { inputs } = await client.listPendingInputs({ executionId });
  return [...events, ...inputs].map(({ path }) => path);
}

export async function parked(handle: ExecutionHandle): Promise<void> {
  await eventually(async () => (await handle.status()) === 'waiting');
}

/** The next application on the same database, in which everything is replayed. */
export async function replayedIn(database: ApiDatabase, app: DurableApp): Promise<DurableApp> {
  await app.close();
  return await database.start([Coded], HASTY);
}

/** What code is given for something that is refused: to be looked at in the result. */
export async function fault(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return { resolvedWith: await call() };
  } catch (error) {
    return error;
  }
}
