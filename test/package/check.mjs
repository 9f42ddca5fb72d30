import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, inDirectory, install, layDown } from './apps.mjs';
import { pack } from './tarball.mjs';

/**
 * Does the package load where it is installed? Packs it as `npm publish` would, installs it into throw-away
 * applications outside this repository, compiles each, lets each run one workflow to its result, and sees that
 * `import` and `require` give the same classes. The newest Nest also checks our declarations, and tests the workflow
 * with Vitest, as `nest new` sets it up.
 *
 *     npm run check:package
 */

const rest = [
  '@electric-sql/pglite@^0.5.0',
  'pg@^8.13.0',
  'reflect-metadata@^0.2.0',
  'rxjs@^7.8.0',
  'typeorm@^1.0.0',
  '@types/node@^20',
];

const generations = [
  {
    nest: 11,
    packages: ['@nestjs/common@^11', '@nestjs/core@^11', '@nestjs/schedule@^6', 'typescript@~5.9', ...rest],
    // The first releases of this `nest new` wrote "commonjs", which knows `main` and `types` and no `exports`.
    apps: [
      { name: 'esm', type: 'module' },
      { name: 'commonjs', type: 'commonjs' },
      {
        name: 'commonjs-classic',
        type: 'commonjs',
        overrides: { module: 'commonjs', moduleResolution: 'node10' },
      },
    ],
  },
  {
    nest: 12,
    packages: [
      ...['@nestjs/common@^12', '@nestjs/core@^12', '@nestjs/schedule@^12', '@nestjs/testing@^12'],
      ...['typescript@~6.0', '@types/pg@^8', 'vitest@^4.1.2', 'vite-tsconfig-paths@^5.1.4'],
      ...rest,
    ],
    apps: [
      { name: 'esm', type: 'module', overrides: { skipLibCheck: false }, vitest: true },
      { name: 'commonjs', type: 'commonjs', overrides: { skipLibCheck: false } },
    ],
  },
];

async function checkApp(directory, { type, overrides, vitest = false }) {
  await layDown(directory, type, overrides);
  await compile(directory);
  const greeting = await inDirectory(directory, process.execPath, ['dist/main.js']);
  if (greeting !== 'Hello, Ada!') throw new Error(`The workflow gave: ${greeting}`);
  if (vitest) await runVitest(directory);
  return await classNames(directory);
}

async function runVitest(directory) {
  const vitest = '../node_modules/vitest/vitest.mjs';
  await inDirectory(directory, process.execPath, [vitest, 'run', '--config', 'vitest/vitest.config.ts']);
}

async function classNames(directory) {
  const [fromModule, fromCommonJs] = await Promise.all(
    ['same-classes.mjs', 'same-classes.cjs'].map((script) =>
      inDirectory(directory, process.execPath, [script]),
    ),
  );
  if (fromModule !== fromCommonJs) throw new Error(`import: ${fromModule}\nrequire: ${fromCommonJs}`);
  return fromModule.split(' ').length;
}

const workplace = await mkdtemp(join(tmpdir(), 'nest-durable-package-'));
try {
  const { tarball, files, kilobytes } = await pack(workplace);
  console.log(`packed: ${files} files, ${kilobytes} kB`);
  for (const { nest, packages, apps } of generations) {
    const directory = join(workplace, `nest-${nest}`);
    await install(directory, [tarball, ...packages]);
    const manifest = await readFile(join(directory, 'node_modules/@nestjs/core/package.json'), 'utf8');
    for (const app of apps) {
      const names = await checkApp(join(directory, app.name), app);
      const also = app.vitest === true ? ', Vitest' : '';
      console.log(
        `Nest ${JSON.parse(manifest).version}, ${app.name}: compiles, runs, ${names} exports${also}`,
      );
    }
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(workplace, { recursive: true, force: true });
}
