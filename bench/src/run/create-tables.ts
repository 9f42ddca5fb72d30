import { Bodies } from '../engines/bodies.js';
import { catalog, type EngineName } from '../engines/catalog.js';

/** Lets an engine make its own tables, in a database that the runs are then cloned from. */
export async function createTables(order: { engine: EngineName; url: string }): Promise<void> {
  const engine = await catalog[order.engine].load(new Bodies());
  const open = await engine.open(order.url, 1);
  await open.close();
}
