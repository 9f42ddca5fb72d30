import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const source = fileURLToPath(new URL('./app', import.meta.url));
const run = promisify(execFile);

/** What a Nest application has in its tsconfig.json, as `nest new` writes it. */
const compilerOptions = {
  target: 'ES2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  isolatedModules: true,
  skipLibCheck: true,
  strictPropertyInitialization: false,
  types: ['node'],
  rootDir: 'src',
  outDir: 'dist',
};

/** A directory with the packages of one generation of Nest, for the applications inside it. */
export async function install(directory, packages) {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'load-check', private: true }));
  const command = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...packages];
  await inDirectory(directory, 'npm', command);
}

/** Lays the application down, to be compiled as an ES module or as CommonJS. */
export async function layDown(directory, type, overrides = {}) {
  await cp(source, directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'app', private: true, type }));
  const options = { ...compilerOptions, ...overrides };
  await writeFile(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['src'] }),
  );
}

export async function compile(directory) {
  await inDirectory(directory, process.execPath, ['../node_modules/typescript/bin/tsc', '-p', '.']);
}

/** Runs a program there, without what npm and Jest tell their children, and gives what it wrote. */
export async function inDirectory(directory, program, args) {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_ENV: '' };
  try {
    const { stdout } = await run(program, args, { cwd: directory, env, timeout: 300_000 });
    return stdout.trim();
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}
