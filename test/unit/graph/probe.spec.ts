import { it, expect } from '@jest/globals';
import { layOutDot, parseMermaid } from './real-parsers.js';
it('loads', async () => {
  expect((await parseMermaid('flowchart TB\n a["x#35;"] --> b')).texts.get('a')).toBe('x#');
  expect(layOutDot('digraph { a -> b }').names).toEqual(['a', 'b']);
});
