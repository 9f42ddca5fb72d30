import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';

/**
 * Compiles `test/types` as a user would: against our declarations, with each TypeScript that we promise. There, a
 * comment `@ts-expect-error <sentence>` says that the next line is refused; here it has to be refused with that
 * sentence, and nothing else may be refused.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = join(root, 'test/types');
const workplace = join(root, 'build/types');
const marker = '// @ts-expect-error ';

interface Refusal {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

async function compile(compiler: string, config: object): Promise<string> {
  const project = join(workplace, `tsconfig.${compiler}.json`);
  await writeFile(project, JSON.stringify(config));
  const tsc = join(root, 'node_modules', compiler, 'bin/tsc');
  return new Promise((resolve) => {
    // What it found is on its standard output; how it ends says nothing more.
    execFile(
      process.execPath,
      [tsc, '-p', project, '--pretty', 'false'],
      { cwd: workplace },
      (_error, stdout) => resolve(stdout),
    );
  });
}

/** One for each message, without those about other files than the copies. */
function refusalsIn(output: string): Refusal[] {
  return output
    .split(/\n(?=\S)/)
    .filter((message) => message.trim() !== '' && !/^[^(\n]*\//.test(message))
    .map((message) => {
      const place = /^([^(\n]+)\((\d+),\d+\): /.exec(message);
      return { file: place?.[1] ?? '', line: Number(place?.[2] ?? 0), text: message };
    });
}

async function copyTests(): Promise<Refusal[]> {
  const expected: Refusal[] = [];
  for (const file of await readdir(sources)) {
    const text = await readFile(join(sources, file), 'utf8');
    const copy = text.replaceAll(marker, '// refused: ').replaceAll("'../../lib/", "'./declarations/lib/");
    await writeFile(join(workplace, file), copy);
    text.split('\n').forEach((line, index) => {
      const start = line.indexOf(marker);
      if (start >= 0) expected.push({ file, line: index + 2, text: line.slice(start + marker.length) });
    });
  }
  return expected;
}

const shared = {
  extends: '../../tsconfig.json',
  compilerOptions: {
    noEmit: true,
    paths: {},
    rootDir: '.',
    noUnusedParameters: false,
    noUnusedLocals: false,
  },
  include: ['*.ts'],
  exclude: [],
};

const declarations = {
  extends: '../../tsconfig.json',
  compilerOptions: {
    noEmit: false,
    emitDeclarationOnly: true,
    outDir: 'declarations',
    rootDir: '../..',
    paths: {},
  },
  include: ['../../lib'],
  exclude: [],
};

describe('the types that users see', () => {
  let expected: Refusal[] = [];

  beforeAll(async () => {
    await rm(workplace, { recursive: true, force: true });
    await mkdir(workplace, { recursive: true });
    expected = await copyTests();
    await compile('typescript', declarations);
  }, 120_000);

  it.each([
    ['5.9', 'typescript-5.9'],
    ['6.0', 'typescript'],
    ['7.0', 'typescript-7.0'],
  ])(
    'refuse what is wrong, with its sentence, and nothing else (TypeScript %s)',
    async (version, compiler) => {
      const manifest = await readFile(join(root, 'node_modules', compiler, 'package.json'), 'utf8');
      expect((JSON.parse(manifest) as { version: string }).version).toMatch(new RegExp(`^${version}\\.`));

      const refused = refusalsIn(await compile(compiler, shared));
      const isExpected = (refusal: Refusal): boolean =>
        expected.some(
          ({ file, line, text }) =>
            file === refusal.file && line === refusal.line && refusal.text.includes(text),
        );
      const isRefused = ({ file, line, text }: Refusal): boolean =>
        refused.some(
          (refusal) => file === refusal.file && line === refusal.line && refusal.text.includes(text),
        );

      expect(refused.filter((refusal) => !isExpected(refusal))).toEqual([]);
      expect(expected.filter((refusal) => !isRefused(refusal))).toEqual([]);
      expect(expected.length).toBeGreaterThan(40);
    },
    120_000,
  );
});
