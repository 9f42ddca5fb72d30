import type { DurableClient } from 'nest-durable';

/** The history of an execution in few words, `path status` for each line. */
export async function recordedOf(client: DurableClient, id: string): Promise<string[]> {
  const { steps } = await client.getExecution(id, { steps: true });
  return (steps ?? []).map(({ path, status }) => `${path} ${status}`);
}
