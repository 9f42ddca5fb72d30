import { describe, expect, it } from '@jest/globals';
import {
  AllEvents,
  AnyEvent,
  type Match,
  OneEvent,
  type Wanted,
} from '../../../../lib/execution/waiting/event-collector.js';
import type { Letter } from '../../../../lib/execution/waiting/letter.js';
import type { Taken } from '../../../../lib/execution/waiting/wait-terms.js';
import { TaggedSerializer } from '../../../../lib/serialization/tagged-serializer.js';

const serializer = new TaggedSerializer();

function wanted(names: readonly string[], match?: Match): Wanted {
  return { executionId: 'e-1', wait: names.join('|'), names, match, serializer };
}

let ids = 0;
function letter(name: string, payload: unknown, facts: Partial<Letter> = {}): Letter {
  ids += 1;
  const text = payload === undefined ? null : serializer.stringify(payload);
  return { id: `${ids}`, type: 'event', name, payload: text, waitSeq: null, at: 0, ...facts };
}

describe.each([
  ['OneEvent', OneEvent],
  ['AnyEvent', AnyEvent],
  ['AllEvents', AllEvents],
])('%s', (_, Collector) => {
  it('takes nothing but events of its names', () => {
    const collector = new Collector(wanted(['a']));
    expect(collector.offer(letter('b', 1))).toBeUndefined();
    for (const type of ['answer', 'cancelled', 'broadcast'] as const) {
      expect(collector.offer(letter('a', 1, { type }))).toBeUndefined();
    }
    const sent = letter('a', 1);
    expect(collector.offer(sent)).toMatchObject({ takes: [sent.id] });
  });

  it('asks the code once for each event, with a payload of its own, and remembers what it refused', () => {
    const asked: unknown[] = [];
    const match = (payload: never, event: string): boolean => {
      asked.push([payload, event]);
      (payload as { n: number }).n = 0;
      return asked.length > 1;
    };
    const collector = new Collector(wanted(['a'], match));
    const [first, second] = [letter('a', { n: 1 }), letter('a', { n: 2 })];
    expect(collector.offer(first)).toBeUndefined();
    collector.lookAnew();
    expect(collector.offer(first)).toBeUndefined();
    expect(asked).toEqual([[{ n: 0 }, 'a']]);
    // What it did to the payload reaches nobody.
    const taken = collector.offer(second);
    expect(taken).toMatchObject({ takes: [second.id] });
    expect((taken as { output: string }).output).toContain('2');
  });

  it('ends with an error, and takes nothing, where the code cannot judge or the payload cannot be read', () => {
    const throwing = new Collector(
      wanted(['a'], () => {
        throw new TypeError('cannot judge');
      }),
    );
    const thrown = throwing.offer(letter('a', 1)) as Taken;
    expect(thrown.takes).toEqual([]);
    expect(JSON.parse(thrown.error ?? '')).toMatchObject({ name: 'TypeError', message: 'cannot judge' });
    const choosing = new Collector(wanted(['a'], () => true));
    const unreadable = choosing.offer(letter('a', 1, { payload: '{"$":"no such kind"' })) as {
      error: string;
    };
    expect(JSON.parse(unreadable.error)).toMatchObject({ name: 'SyntaxError' });
  });

  it('does not ask whether it wants an event whose payload is nothing', () => {
    const asked: unknown[] = [];
    const match = (payload: never): boolean => {
      asked.push(payload);
      return true;
    };
    const collector = new Collector(wanted(['a'], match));
    expect(collector.offer(letter('a', undefined))).toMatchObject({ takes: [expect.any(String)] });
    expect(asked).toEqual([undefined]);
  });
});

describe('What the code is given', () => {
  it('of one event is what was sent, as it is', () => {
    const sent = letter('a', { at: new Date(0) });
    expect(new OneEvent(wanted(['a'])).offer(sent)).toEqual({ takes: [sent.id], output: sent.payload });
    expect(new OneEvent(wanted(['a'])).offer(letter('a', undefined))).toMatchObject({ output: null });
  });

  it('of any is the name with it', () => {
    const sent = letter('b', new Date(0));
    const taken = new AnyEvent(wanted(['a', 'b'])).offer(sent) as { output: string };
    expect(serializer.parse(taken.output)).toEqual({ event: 'b', payload: new Date(0) });
  });

  it('of all is there when all are, by name in the order of the list; second ones are for others', () => {
    const collector = new AllEvents(wanted(['a', 'b']));
    const [b, second, a] = [letter('b', 1), letter('b', 2), letter('a', undefined)];
    expect(collector.offer(b)).toBe('kept');
    expect(collector.offer(second)).toBeUndefined();
    const taken = collector.offer(a) as { takes: readonly string[]; output: string };
    expect(taken.takes).toEqual([a.id, b.id]);
    expect(Object.entries(serializer.parse(taken.output) as object)).toEqual([
      ['a', undefined],
      ['b', 1],
    ]);
  });

  it('of all begins anew with each look', () => {
    const collector = new AllEvents(wanted(['a', 'b']));
    expect(collector.offer(letter('a', 1))).toBe('kept');
    collector.lookAnew();
    expect(collector.offer(letter('b', 1))).toBe('kept');
    expect(collector.offer(letter('a', 2))).toMatchObject({
      takes: [expect.any(String), expect.any(String)],
    });
  });

  it('of all under a name that objects have is that alone', () => {
    const taken = new AllEvents(wanted(['__proto__', 'toString']));
    taken.offer(letter('__proto__', { polluted: 1 }));
    const { output } = taken.offer(letter('toString', 1)) as { output: string };
    const value = serializer.parse(output) as object;
    expect(Object.keys(value).toSorted()).toEqual(['__proto__', 'toString']);
    expect('polluted' in {}).toBe(false);
  });
});
