import { describe, expect, it, jest } from '@jest/globals';

jest.unstable_mockModule('@electric-sql/pglite', () => {
  throw new Error("Cannot find package '@electric-sql/pglite'");
});

const { openDatabase } = await import('../../../lib/storage/open-database.js');

describe('An embedded database without PGlite', () => {
  it('says which package to install', async () => {
    const refusal = openDatabase({ embedded: ':memory:' });
    await expect(refusal).rejects.toMatchObject({ code: 'DURABLE_EMBEDDED_UNAVAILABLE' });
    await expect(refusal).rejects.toThrow(/npm install @electric-sql\/pglite/);
  });
});
