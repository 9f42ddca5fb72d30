import { describe, expect, it } from '@jest/globals';
import * as api from '../../../lib/index.js';
import { durableErrorsByCode } from '../../../lib/errors/durable-errors-by-code.js';
import { textOf } from '../../support/documentation.js';

/** The lines of the tables in docs/errors.md: class, code, when, what to do. */
const rows = [
  ...textOf('docs/errors.md').matchAll(/^\| `(\w+)` +\| `(DURABLE_\w+)` +\| (.+) \| (.+) \|$/gm),
].map(([, name, code, when, remedy]) => ({ name, code, when: when?.trim(), remedy: remedy?.trim() }));
const defined = [...durableErrorsByCode].map(([code, { name }]) => `${name} ${code}`);

describe('The table of errors', () => {
  it('has every error that there is, under its code, and no other', () => {
    expect(rows.map(({ name, code }) => `${name} ${code}`).sort()).toEqual(defined.sort());
  });

  it('says of each when it comes and what to do', () => {
    expect(rows.filter(({ when, remedy }) => when === '' || remedy === '')).toEqual([]);
  });

  it('names classes that users can import', () => {
    expect(rows.map(({ name }) => name).filter((name) => !Object.hasOwn(api, name ?? ''))).toEqual([]);
  });
});
