import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const root = new URL('../../../', import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  scripts: Record<string, string>;
};
const samples = readdirSync(new URL('sample/', root), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('The command of a sample', () => {
  it.each(samples.filter((name) => name !== 'shop'))('starts %s', (name) => {
    expect(scripts[`sample:${name}`]).toBe(
      `npm run --silent build:samples && node build/sample/${name}/main.js`,
    );
    expect(existsSync(new URL(`sample/${name}/main.ts`, root))).toBe(true);
  });

  it('starts the shop, which is the demo', () => {
    expect(scripts['demo']).toBe('npm run --silent build:samples && node build/sample/shop/demo.js');
    expect(existsSync(new URL('sample/shop/demo.ts', root))).toBe(true);
  });

  it('is in the README, for every sample', () => {
    const readme = readFileSync(new URL('README.md', root), 'utf8');

    for (const script of Object.keys(scripts).filter((each) => each.startsWith('sample:'))) {
      expect(readme).toContain(`npm run ${script}`);
    }
  });
});
