import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BenchError } from '../bench-error.js';
import { catalog, type EngineName } from '../engines/catalog.js';

const require = createRequire(import.meta.url);

/**
 * One Node for all engines of a bench, so that none of them owes its figure to a newer compiler: this one, or
 * the newer one from npm where a chosen peer refuses this one.
 */
export function nodeFor(engines: readonly EngineName[]): string {
  const refused = engines.filter((engine) => !admits(catalog[engine].node, process.versions.node));
  if (refused.length === 0) return process.execPath;
  const packaged = packagedNode();
  if (packaged !== undefined) return packaged;
  throw new BenchError(
    `${refused.join(' and ')} cannot run on Node ${process.versions.node}, and npm has installed no newer Node ` +
      'for this platform. Start the benchmark with Node 24, or leave them out with --engines.',
  );
}

function admits([major, minor]: readonly [number, number], version: string): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

function packagedNode(): string | undefined {
  const name = `node-${process.platform}-${process.arch}/package.json`;
  try {
    const binary = join(dirname(require.resolve(name)), 'bin', 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}
