import { beforeEach, describe, expect, it } from '@jest/globals';
import { Delivery, type DeliveryMode } from '../../../lib/execution/delivery.js';
import { Replay } from '../../../lib/execution/replay.js';
import { Operation } from '../../../lib/execution/operation.js';
import type { HistoryLine } from '../../../lib/storage/history-line.js';
import { drained, HeldClock } from '../../support/held-clock.js';

const PATIENCE_MS = 2_000;

function recorded(path: string, seq: number, facts: Partial<HistoryLine> = {}): HistoryLine {
  return {
    seq,
    path,
    kind: 'step',
    attempt: 1,
    outcome: 'completed',
    startedAt: 0,
    endedAt: 0,
    dueAt: null,
    output: JSON.stringify(path),
    error: null,
    hash: null,
    ...facts,
  };
}

/** A scope's delivery, with a note of everything that it hands out. */
class Scope {
  readonly clock = new HeldClock();
  readonly notes: string[] = [];
  /** Results on their way. */
  queued = 0;
  readonly delivery: Delivery;
  readonly replay = new Replay(
    { diverged: (expected, called) => this.notes.push(`expected ${expected}, called ${called}`) },
    false,
  );

  constructor(mode: DeliveryMode, lines: readonly HistoryLine[] = []) {
    this.delivery = new Delivery({
      mode,
      recorded: lines,
      clock: this.clock,
      replay: this.replay,
      queued: (more) => (this.queued += more),
      replayed: (operation, line) => {
        this.replay.delivered();
        this.notes.push(`replayed ${operation.path}`);
        operation.resolve(line.output);
      },
      diverged: (line, called) =>
        this.notes.push(`expected ${line.path}, called ${called?.path ?? 'nothing'}`),
    });
  }

  open(
    path: string,
    { kind = 'step', hash = null }: { kind?: string; hash?: number | null } = {},
  ): Operation {
    const surroundings = {
      path: '',
      delivery: this.delivery,
      strand: undefined,
      isBody: false,
      isAlone: false,
    };
    const operation = new Operation(path, kind, hash, surroundings);
    this.delivery.open(operation);
    return operation;
  }

  end(operation: Operation): void {
    this.delivery.ended(operation, () => {
      this.notes.push(`delivered ${operation.path}`);
      operation.resolve(operation.path);
    });
  }
}

describe('Live results', () => {
  let scope: Scope;

  beforeEach(() => {
    scope = new Scope('code');
  });

  it('reach the code one at a time, in the order in which they ended', async () => {
    const operations = ['a', 'b', 'c'].map((path) => scope.open(path));
    const seen: string[] = [];
    for (const operation of operations) {
      // The code takes a few turns of promises after each result; the next one waits for that.
      void operation.promise.then(async () => {
        for (let turn = 0; turn < 10; turn += 1) await undefined;
        seen.push(`${operation.path} with ${scope.notes.length} out`);
      });
    }
    for (const operation of [operations[2], operations[0], operations[1]])
      if (operation) scope.end(operation);
    expect(scope.notes).toEqual([]);
    await drained(8);
    expect(scope.notes).toEqual(['delivered c', 'delivered a', 'delivered b']);
    expect(seen).toEqual(['c with 1 out', 'a with 2 out', 'b with 3 out']);
  });

  it('wait behind a place that a transaction has taken', async () => {
    const [first, second] = [scope.open('commits'), scope.open('other')];
    const place = scope.delivery.reserve(first);
    scope.end(second);
    await drained();
    expect(scope.notes).toEqual([]);
    place.fill(() => scope.notes.push('delivered commits'));
    await drained();
    expect(scope.notes).toEqual(['delivered commits', 'delivered other']);
  });

  it('go on past a place that came to nothing', async () => {
    const [first, second] = [scope.open('rolls-back'), scope.open('other')];
    const place = scope.delivery.reserve(first);
    scope.end(second);
    place.void();
    await drained();
    expect(scope.notes).toEqual(['delivered other']);
    expect([...scope.delivery.openOperations]).toEqual([first]);
  });

  it('of a main line come at once, for there is nothing to order', () => {
    const line = new Scope('line');
    const operation = line.open('a');
    line.end(operation);
    expect(line.notes).toEqual(['delivered a']);
    expect(line.delivery.openCount).toBe(0);
  });
});

describe('A replay of code', () => {
  const history = [recorded('b', 1), recorded('a', 2), recorded('c', 3)];

  it('gives the recorded results in their order, whatever the order of the calls', async () => {
    const scope = new Scope('code', history);
    for (const path of ['a', 'b', 'c']) scope.open(path);
    expect(scope.notes).toEqual([]);
    await drained(8);
    expect(scope.notes).toEqual(['replayed b', 'replayed a', 'replayed c']);
    expect(scope.delivery.isReplaying).toBe(false);
  });

  it('has the same winner of a race as the first pass had', async () => {
    const race = async (scope: Scope): Promise<unknown> => {
      const [slow, fast] = [scope.open('slow'), scope.open('fast')];
      if (!scope.delivery.isReplaying) for (const each of [fast, slow]) scope.end(each);
      return await Promise.race([slow.promise, fast.promise]);
    };
    expect(await race(new Scope('code'))).toBe('fast');
    const replay = new Scope('code', [recorded('fast', 1), recorded('slow', 2)]);
    expect(await race(replay)).toBe('"fast"');
  });

  it('waits for the next recorded one, also where later ones are called first', async () => {
    const scope = new Scope('code', history);
    scope.open('c');
    scope.open('a');
    await drained();
    expect(scope.notes).toEqual([]);
    scope.open('b');
    await drained(8);
    expect(scope.notes).toEqual(['replayed b', 'replayed a', 'replayed c']);
  });

  it('lets nothing new begin before it is over', async () => {
    const scope = new Scope('code', history);
    scope.open('new');
    const begun: string[] = [];
    void scope.delivery.replayed().then(() => begun.push('new'));
    for (const path of ['b', 'a']) scope.open(path);
    await drained(8);
    expect(begun).toEqual([]);
    scope.open('c');
    await drained(8);
    expect(begun).toEqual(['new']);
  });

  it.each([
    ['of another kind', { kind: 'sleep' }],
    ['with other arguments', { hash: 8 }],
  ])('takes a call %s for a divergence', async (_, call) => {
    const scope = new Scope('code', [recorded('a', 1, { hash: 7 })]);
    scope.open('a', call);
    await drained();
    expect(scope.notes).toEqual(['expected a, called a']);
  });

  it.each([
    ['the recorded one', null, 7],
    ['the call', 7, null],
  ])('compares no arguments where %s has no hash', async (_, line, call) => {
    const scope = new Scope('code', [recorded('a', 1, { hash: line })]);
    scope.open('a', { hash: call });
    await drained();
    expect(scope.notes).toEqual(['replayed a']);
  });

  it('takes a quiet code that called something else for a divergence, after a while', async () => {
    const scope = new Scope('code', history);
    scope.open('renamed');
    await drained();
    scope.clock.advance(PATIENCE_MS - 1);
    expect(scope.notes).toEqual([]);
    scope.clock.advance(1);
    expect(scope.notes).toEqual(['expected b, called renamed']);
  });

  it('is patient with code that comes to the recorded call late', async () => {
    const scope = new Scope('code', [recorded('b', 1)]);
    scope.open('new');
    await drained();
    scope.clock.advance(PATIENCE_MS - 1);
    scope.open('b');
    await drained(8);
    scope.clock.advance(10 * PATIENCE_MS);
    expect(scope.notes).toEqual(['replayed b']);
  });

  it('is patient without end with code that called nothing else', async () => {
    const scope = new Scope('code', history);
    scope.open('b');
    await drained(8);
    scope.clock.advance(100 * PATIENCE_MS);
    expect(scope.notes).toEqual(['replayed b']);
  });

  it('loses its patience with nobody once it is stopped', async () => {
    const scope = new Scope('code', history);
    scope.open('renamed');
    await drained();
    scope.delivery.stop();
    scope.clock.advance(10 * PATIENCE_MS);
    expect(scope.notes).toEqual([]);
  });

  it('knows at the end of the code what was recorded and never called', async () => {
    const scope = new Scope('code', history);
    scope.open('b');
    scope.open('a');
    await drained(8);
    expect(scope.delivery.neverCalled()?.path).toBe('c');
    scope.open('c');
    expect(scope.delivery.neverCalled()).toBeUndefined();
  });

  it('hands out live results only after the recorded ones', async () => {
    const scope = new Scope('code', [recorded('a', 1)]);
    const live = scope.open('live');
    scope.end(live);
    await drained();
    expect(scope.notes).toEqual([]);
    scope.open('a');
    await drained(8);
    expect(scope.notes).toEqual(['replayed a', 'delivered live']);
  });
});

describe('A replay inside a step', () => {
  it('gives what is recorded in order, as far as it is asked for, beside what is new', async () => {
    const scope = new Scope('body', [recorded('a', 1), recorded('b', 2), recorded('c', 3)]);
    const begun: string[] = [];
    const fresh = scope.open('new');
    await scope.delivery.replayed();
    begun.push('new');
    scope.open('c');
    scope.open('b');
    scope.end(fresh);
    await drained(8);
    expect(begun).toEqual(['new']);
    expect(scope.notes).toEqual(['replayed b', 'replayed c', 'delivered new']);
    scope.clock.advance(100 * PATIENCE_MS);
    expect(scope.notes).toHaveLength(3);
  });
});

describe('A replay of nodes', () => {
  function replayOf(...lines: HistoryLine[]): Scope {
    const scope = new Scope('line', lines);
    scope.replay.follow(lines);
    return scope;
  }

  it('gives the recorded results in their order, whatever the order of the calls', async () => {
    const scope = replayOf(recorded('a', 1), recorded('b', 2), recorded('c', 3));
    scope.open('c');
    scope.open('b');
    await scope.replay.quiet();
    expect(scope.notes).toEqual([]);
    scope.open('a');
    await scope.replay.over();
    expect(scope.notes).toEqual(['replayed a', 'replayed b', 'replayed c']);
    expect(scope.replay.isOver).toBe(true);
  });

  it('lets what follows from one result be called before the next', async () => {
    const scope = replayOf(recorded('a', 1), recorded('a2', 2), recorded('b', 3));
    scope.open('b');
    void scope.open('a').promise.then(() => scope.open('a2'));
    await scope.replay.over();
    expect(scope.notes).toEqual(['replayed a', 'replayed a2', 'replayed b']);
  });

  it('delivers nothing while something is being stopped', async () => {
    const scope = replayOf(recorded('a', 1));
    let stopped!: () => void;
    const stopping = scope.replay.during(new Promise((resolve) => (stopped = resolve)));
    scope.open('a');
    await drained(8);
    expect(scope.notes).toEqual([]);
    stopped();
    await stopping;
    await scope.replay.over();
    expect(scope.notes).toEqual(['replayed a']);
  });

  it('takes another node for a divergence, and is never over', async () => {
    const scope = replayOf(recorded('a', 1), recorded('b', 2));
    scope.open('a');
    scope.open('inserted');
    void scope.replay.over();
    await drained(16);
    expect(scope.notes).toEqual(['replayed a', 'expected step "b", called step "inserted"']);
    expect(scope.replay.isOver).toBe(false);
    expect(scope.replay.isIncomplete).toBe(true);
  });
});
