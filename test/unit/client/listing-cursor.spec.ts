import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor } from '../../../lib/client/listing-cursor.js';
import { InvalidCursor } from '../../../lib/errors/execution.error.js';

const id = '019a0000-1234-7abc-8def-0123456789ab';

describe('A cursor', () => {
  it('brings the last id of a page to the next', () => {
    expect(decodeCursor('{"a":1}', encodeCursor('{"a":1}', id))).toBe(id);
  });

  it('is a text that goes into a URL as it is', () => {
    expect(encodeCursor('{}', id)).toMatch(/^[\w-]{32}$/);
  });

  it('is refused by another filter', () => {
    expect(() => decodeCursor('{"a":2}', encodeCursor('{"a":1}', id))).toThrow(InvalidCursor);
  });

  it.each([
    ['nothing', ''],
    ['an id', id],
    ['rubbish', 'not a cursor at all, but of 32 ch'],
    ['a cursor with something behind it', `${encodeCursor('{}', id)}A`],
    ['a cursor that lacks its end', encodeCursor('{}', id).slice(0, -1)],
    ['a cursor with padding', `${encodeCursor('{}', id)}==`],
    ['a cursor with a line end in it', `\n${encodeCursor('{}', id)}`],
  ])('is refused when it is %s', (_, cursor) => {
    expect(() => decodeCursor('{}', cursor)).toThrow(InvalidCursor);
  });
});
