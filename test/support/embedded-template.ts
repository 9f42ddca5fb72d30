import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Migrator } from '../../lib/storage/migrator.js';
import { openDatabase } from '../../lib/storage/open-database.js';
import { fromSetup, TEMPLATE } from './test-environment.js';

/**
 * Making a cluster takes PGlite seconds, and copying one a moment: the first test file of a run that needs one
 * makes this, and the teardown of the run deletes it.
 */
export function embeddedTemplate(): string {
  return join(tmpdir(), `${fromSetup(TEMPLATE)}_embedded`);
}

/** A directory for an embedded database of a test's own, with the engine's tables in it. */
export async function createEmbeddedDirectory(): Promise<{ directory: string; drop(): Promise<void> }> {
  if (!existsSync(embeddedTemplate())) await makeTemplate();
  const directory = await mkdtemp(join(tmpdir(), 'durable-embedded-'));
  await cp(embeddedTemplate(), directory, { recursive: true });
  return { directory, drop: () => rm(directory, { recursive: true, force: true }) };
}

async function makeTemplate(): Promise<void> {
  const draft = `${embeddedTemplate()}_${randomUUID()}`;
  const database = await openDatabase({ embedded: draft });
  await new Migrator(database).run();
  await database.close();
  try {
    await rename(draft, embeddedTemplate());
  } catch {
    // A parallel Jest worker was faster.
    await rm(draft, { recursive: true, force: true });
  }
}
