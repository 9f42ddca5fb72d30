import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documents, examplesOf, faultsIn, root, textOf } from '../../support/documentation.js';

const document = (...lines: string[]): string => lines.join('\n');

describe('The examples of the documentation', () => {
  it('compile', () => {
    const examples = documents().flatMap((name) => examplesOf(name, textOf(name)));

    expect(examples.length).toBeGreaterThan(20);
    expect(faultsIn(examples)).toEqual([]);
  }, 120_000);

  it('are all in blocks that are compiled', () => {
    const others = documents().filter((name) => /^```(typescript|js|javascript)\b/m.test(textOf(name)));
    const fences = (name: string): number => textOf(name).match(/^```ts$/gm)?.length ?? 0;
    const visible = (name: string): number =>
      examplesOf(name, textOf(name)).length - (textOf(name).match(/^<!-- file /gm)?.length ?? 0);

    expect(others).toEqual([]);
    for (const name of documents()) expect([name, visible(name)]).toEqual([name, fences(name)]);
  });
});

describe('The check of the examples', () => {
  it('finds what is wrong, with its line in the document', () => {
    const text = document(
      '# A guide',
      '```ts',
      "import { Step } from 'nest-durable';",
      '',
      "Step({ retry: { maxAttempts: 'three' } });",
      '```',
      '',
      '<!-- ts',
      "import { sleep } from 'nest-durable';",
      '-->',
      '```ts',
      'await sleep(true);',
      'const unfinished = ;',
      '```',
    );

    expect(faultsIn(examplesOf('docs/wrong.md', text))).toEqual([
      expect.stringMatching(/^docs\/wrong\.md:5: Type 'string' is not assignable to type 'number'/),
      expect.stringMatching(/^docs\/wrong\.md:13: Expression expected/),
      expect.stringMatching(/^docs\/wrong\.md:12: Argument of type 'boolean' is not assignable/),
    ]);
  }, 120_000);

  it('lets examples import each other and modules that readers do not see', () => {
    const text = document(
      '<!-- file hidden.ts',
      'export const secret = 42;',
      '-->',
      '```ts',
      '// shown.ts',
      "import { secret } from './hidden.js';",
      'export const doubled = secret * 2;',
      '```',
      '```ts',
      "import { doubled } from './shown.js';",
      'const text: string = doubled;',
      '```',
    );

    expect(faultsIn(examplesOf('docs/several.md', text))).toEqual([
      "docs/several.md:11: Type 'number' is not assignable to type 'string'.",
    ]);
  }, 120_000);
});

describe('The links of the documentation', () => {
  it.each(documents())('lead somewhere (%s)', (name) => {
    const links = [...textOf(name).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].flatMap(
      ([, target]) => target ?? [],
    );

    expect(links.filter((target) => !existsSync(join(root, dirname(name), target)))).toEqual([]);
  });
});
