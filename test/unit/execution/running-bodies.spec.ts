import { beforeEach, describe, expect, it } from '@jest/globals';
import { Abort } from '../../../lib/execution/abort.js';
import { Operation } from '../../../lib/execution/operation.js';
import { RunningBodies } from '../../../lib/execution/running-bodies.js';
import { Strand } from '../../../lib/execution/strand.js';
import { drained } from '../../support/held-clock.js';

const reason = new Error('a sibling failed');

let bodies: RunningBodies;
let outer: Strand;
let inner: Strand;

function begun(path: string, strand?: Strand): Operation {
  const delivery = {
    holdsBodies: false,
    replayed: async () => undefined,
    caughtUp: async () => undefined,
    forget: () => undefined,
    ended: () => undefined,
    reserve: () => ({ fill: () => undefined, void: () => undefined }),
  };
  const scope = {
    path: '',
    delivery,
    strand,
    isBody: false,
    isAlone: false,
  };
  const operation = new Operation(path, 'step', null, scope);
  bodies.begins(operation, 1);
  return operation;
}

/** Whether a promise has resolved by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await drained();
  return done;
}

beforeEach(() => {
  bodies = new RunningBodies();
  outer = new Strand(new Abort(), undefined);
  inner = new Strand(outer.abort, outer);
});

describe('Running bodies', () => {
  it('are quiet when all have ended, or only wait', async () => {
    const [first, second] = [begun('first'), begun('second')];
    const quiet = bodies.quiet();
    bodies.ends(first);
    expect(await isDone(quiet)).toBe(false);
    second.waitsUntil = 1_000;
    bodies.tell();
    expect(await isDone(quiet)).toBe(true);
    expect(bodies.count).toBe(1);
  });

  it('of a strand are quiet whatever the others do', async () => {
    begun('outside');
    const inside = begun('inside', inner);
    const quiet = bodies.quiet(outer);
    expect(await isDone(quiet)).toBe(false);
    bodies.ends(inside);
    expect(await isDone(quiet)).toBe(true);
  });

  it('that began before a time and are not recorded as open are told', () => {
    const [early, seen] = [begun('early'), begun('seen')];
    seen.isRecordedAsOpen = true;
    expect(bodies.unseenSince(1)).toEqual([early]);
    expect(bodies.unseenSince(0)).toEqual([]);
  });
});

describe('Stopping a strand', () => {
  it('awaits the bodies at work in it, and only then closes it', async () => {
    const inside = begun('inside', inner);
    begun('outside');
    const stopped = bodies.stop(outer, reason);
    expect(inner.abort.reason).toBe(reason);
    expect(await isDone(stopped)).toBe(false);
    expect([outer.isStopped, outer.isClosed, bodies.isStopping]).toEqual([true, false, true]);
    bodies.ends(inside);
    expect(await isDone(stopped)).toBe(true);
    expect([outer.isClosed, bodies.isStopping, bodies.count]).toEqual([true, false, 1]);
  });

  it('forgets bodies that only wait', async () => {
    const waits = begun('waits', outer);
    waits.waitsUntil = 1_000;
    await bodies.stop(outer, reason);
    expect(bodies.count).toBe(0);
  });

  it('sees what its signal wakes at work', async () => {
    const sleeps = begun('sleeps', outer);
    sleeps.waitsUntil = 1_000;
    const { signal } = outer.abort;
    signal.addEventListener('abort', () => (sleeps.waitsUntil = undefined));
    const stopped = bodies.stop(outer, reason);
    expect(await isDone(stopped)).toBe(false);
    bodies.ends(sleeps);
    await stopped;
  });

  it('lets what is being stopped inside it come to its end first', async () => {
    const closed: string[] = [];
    const inside = begun('inside', inner);
    const outerStopped = bodies.stop(outer, reason).then(() => closed.push('outer'));
    const innerStopped = bodies.stop(inner, reason).then(() => closed.push('inner'));
    bodies.ends(inside);
    await Promise.all([outerStopped, innerStopped]);
    expect(closed).toEqual(['inner', 'outer']);
  });
});
