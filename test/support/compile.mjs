import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Compiles, once for a run, what runs beside Jest and not in it: the server of the tests, and the processes that they
 * start and kill. To compile at each of their starts would take as long as the start. Returns where the results are,
 * each under the path of its source; .swcrc says how.
 */
export async function compile() {
  const output = join(root, 'build', 'processes');
  const folders = await Promise.all(['lib', 'migrations', 'sample', 'test'].map(sourcesIn));
  await Promise.all([
    // The samples import the package by its name.
    write(
      join(output, 'package.json'),
      '{ "name": "nest-durable", "type": "module", "exports": "./lib/index.js" }',
    ),
    ...folders.flat().map(async (source) => {
      const { code } = await transformFile(join(root, source), { cwd: root, sourceMaps: false });
      await write(join(output, source.replace(/\.ts$/, '.js')), code);
    }),
  ]);
  return output;
}

async function sourcesIn(folder) {
  const files = await readdir(join(root, folder), { recursive: true });
  return files.map((file) => join(folder, file)).filter(isRunByProcesses);
}

function isRunByProcesses(file) {
  return file.endsWith('.ts') && !file.endsWith('.spec.ts') && !/^test.(types|package)/.test(file);
}

/** In one moment, as the processes of another run may be reading what is there. */
async function write(target, content) {
  const draft = `${target}.${randomUUID()}`;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(draft, content);
  await rename(draft, target);
}
