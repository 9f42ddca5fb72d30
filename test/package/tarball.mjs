import { readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inDirectory } from './apps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shipped =
  /^(?:dist\/(?:lib|migrations)\/.+(?:\.js|\.d\.ts)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;

/** Packs what `npm publish` would send, and says no to what a user has no use for. */
export async function pack(directory) {
  const printed = await inDirectory(root, 'npm', [
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    directory,
  ]);
  const report = JSON.parse(printed);
  // npm 11 gives a list, npm 12 an object by name.
  const [{ filename, files, size }] = Object.values(report);
  const paths = files.map(({ path }) => path);

  const surplus = paths.filter((path) => !shipped.test(path));
  if (surplus.length > 0) throw new Error(`Packed without need: ${surplus.join(', ')}`);
  await checkReferences(new Set(paths));
  return { tarball: join(directory, filename), files: paths.length, kilobytes: Math.round(size / 1024) };
}

/** Whatever a packed file refers to by a relative path is packed as well. */
async function checkReferences(paths) {
  const { exports, main, types } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const entries = [main, types, ...Object.values(exports['.'])].map((path) => posix.normalize(path));
  const dangling = entries.filter((path) => !paths.has(path));
  for (const path of paths) {
    if (!/\.(?:js|d\.ts)$/.test(path)) continue;
    const text = await readFile(join(root, path), 'utf8');
    for (const [, relative] of text.matchAll(/(?:from |import\(|import )'(\.{1,2}\/[^']+)'/g)) {
      const target = posix.join(dirname(path), relative);
      const wanted = path.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target;
      if (!paths.has(wanted)) dangling.push(`${path} → ${relative}`);
    }
    if (/^\/\/# sourceMappingURL=/m.test(text)) dangling.push(`${path} → its source map`);
  }
  if (dangling.length > 0) throw new Error(`Refers to what is not packed: ${dangling.join(', ')}`);
}
