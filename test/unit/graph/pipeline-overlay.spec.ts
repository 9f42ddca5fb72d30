import { describe, expect, it } from '@jest/globals';
import { branch, decision, forEach, loop, parallel, pipeline, step } from './definitions.js';
import { graphOf, history, runAt, statusesOf, takenEdges } from './histories.js';

describe('The graph of an execution of a pipeline', () => {
  it('says of each step how far it is, how often it was tried, and how long it took', () => {
    const definition = pipeline(step('price'), step('charge'), step('ship'), step('thank'));
    const past = history()
      .add('price')
      .add('charge', { outcome: 'attempt_failed', error: 'busy' })
      .add('charge', { attempt: 2 });
    const graph = graphOf(definition, past);

    expect(graph.execution).toEqual({ id: 'f1f4', status: 'running', startedAt: '1970-01-01T00:00:01.000Z' });
    expect(statusesOf(graph)).toEqual({
      '#start': 'completed',
      price: 'completed',
      charge: 'completed',
      ship: 'running',
      thank: 'pending',
      '#end': 'pending',
    });
    expect(runAt(graph, 'charge')).toEqual({
      status: 'completed',
      attempts: 2,
      startedAt: '1970-01-01T00:00:01.010Z',
      endedAt: '1970-01-01T00:00:01.030Z',
      duration: 20,
    });
    expect(takenEdges(graph)).toEqual(['#start->price', 'price->charge', 'charge->ship']);
  });

  it('is the same after JSON', () => {
    const graph = graphOf(pipeline(step('a', 'undoA')), history().add('a'), 'completed');

    expect(JSON.parse(JSON.stringify(graph))).toStrictEqual(graph);
  });

  it('is pending before it begins, and through when it has completed', () => {
    const definition = pipeline(step('a'));

    expect(statusesOf(graphOf(definition, history(), 'pending'))).toEqual({
      '#start': 'pending',
      a: 'pending',
      '#end': 'pending',
    });
    expect(takenEdges(graphOf(definition, history(), 'pending'))).toEqual([]);
    expect(statusesOf(graphOf(definition, history().add('a'), 'completed'))['#end']).toBe('completed');
  });

  it('tells what waits from what runs', () => {
    const definition = pipeline(step('a'));
    const statusOf = (past: ReturnType<typeof history>, status: 'running' | 'waiting' | 'failed'): unknown =>
      statusesOf(graphOf(definition, past, status))['a'];
    const sleeping = history().opened('a/sleep', { kind: 'sleep' });
    const retrying = history().add('a', { outcome: 'attempt_failed', error: 'busy' });

    expect(statusOf(history().opened('a'), 'running')).toBe('running');
    expect(statusOf(history().opened('a').opened('a/sleep', { kind: 'sleep' }), 'waiting')).toBe('waiting');
    expect(statusOf(sleeping, 'running')).toBe('waiting');
    expect(statusOf(retrying, 'running')).toBe('waiting');
    expect(statusOf(history(), 'waiting')).toBe('waiting');
    expect(statusOf(sleeping, 'failed')).toBe('interrupted');
    expect(statusOf(retrying, 'failed')).toBe('interrupted');
    expect(statusOf(history(), 'failed')).toBe('skipped');
  });

  it('shows where it failed, with the error, and what was never reached', () => {
    const graph = graphOf(
      pipeline(step('a'), step('b'), step('c')),
      history().add('a').failed('b', 'no money'),
      'failed',
    );

    expect(statusesOf(graph)).toMatchObject({ a: 'completed', b: 'failed', c: 'skipped', '#end': 'skipped' });
    expect(runAt(graph, 'b').error).toBe('no money');
    expect(takenEdges(graph)).toEqual(['#start->a', 'a->b']);
  });

  it('shows the clause that was taken', () => {
    const definition = pipeline(
      branch('kind', { a: [step('x')], '7': [step('y')] }, [step('z')]),
      step('after'),
    );
    const answered = (output: unknown, child: string): ReturnType<typeof graphOf> =>
      graphOf(definition, history().add('kind', { kind: 'branch', output }).add(`kind/${child}`));

    expect(statusesOf(answered('a', 'x'))).toMatchObject({
      kind: 'completed',
      'kind/#ask': 'completed',
      'kind/x': 'completed',
      'kind/y': 'skipped',
      'kind/z': 'skipped',
      'kind/#join': 'completed',
      after: 'running',
    });
    expect(takenEdges(answered(7, 'y'))).toEqual([
      '#start->kind/#ask',
      'kind/#ask->kind/y',
      'kind/y->kind/#join',
      'kind/#join->after',
    ]);
    expect(runAt(answered(7, 'y'), 'kind').clause).toBe('7');
    expect(runAt(answered(null, 'z'), 'kind').clause).toBe('default');
    expect(runAt(answered('other', 'z'), 'kind').clause).toBe('default');
  });

  it('shows a branch without a clause for the answer as failed', () => {
    const past = history().add('kind', { kind: 'branch', output: 'b' });

    expect(statusesOf(graphOf(pipeline(branch('kind', { a: [step('x')] })), past, 'failed'))).toMatchObject({
      kind: 'failed',
      'kind/#ask': 'completed',
      'kind/x': 'skipped',
    });
  });

  it('runs a child of several clauses as that of the one that was taken', () => {
    const notify = step('notify');
    const definition = pipeline(branch('out', { rejected: [step('log'), notify], expired: [notify] }));
    const past = history().add('out', { kind: 'branch', output: 'expired' }).add('out/notify');

    expect(statusesOf(graphOf(definition, past, 'completed'))).toMatchObject({
      'out/log': 'skipped',
      'out/notify': 'completed',
    });
  });

  it('shows parallel children, each as far as it is', () => {
    const definition = pipeline(parallel('load', [step('a'), step('b'), step('c')]), step('after'));
    const early = graphOf(definition, history().add('load/a').opened('load/b'));
    const late = graphOf(
      definition,
      history().add('load/a').add('load/b').add('load/c').add('load', { kind: 'parallel' }),
    );

    expect(statusesOf(early)).toMatchObject({
      load: 'running',
      'load/#fork': 'completed',
      'load/a': 'completed',
      'load/b': 'running',
      'load/c': 'running',
      'load/#join': 'pending',
      after: 'pending',
    });
    expect(statusesOf(late)).toMatchObject({
      load: 'completed',
      'load/#join': 'completed',
      after: 'running',
    });
    expect(takenEdges(late)).toContain('load/#join->after');
  });

  it('goes on past a failed child where the block does', () => {
    const past = history().failed('load/a').add('load/b').add('load', { kind: 'parallel' });
    const definition = pipeline(
      parallel('load', [step('a'), step('b')], { onError: 'continue' }),
      step('after'),
    );

    expect(statusesOf(graphOf(definition, past))).toMatchObject({
      'load/a': 'failed',
      load: 'completed',
      after: 'running',
    });
    const strict = pipeline(parallel('load', [step('a'), step('b')]), step('after'));
    expect(statusesOf(graphOf(strict, history().failed('load/a').add('load/b'), 'failed'))).toMatchObject({
      load: 'failed',
      'load/#join': 'skipped',
      after: 'skipped',
    });
  });

  it('counts the rounds of a loop', () => {
    const definition = pipeline(loop('poll', [step('check')]), step('after'));
    const round = { kind: 'while', output: true };
    const past = history().add('poll', round).add('poll/check').add('poll#2', round).add('poll#2/check');
    const through = graphOf(definition, past.add('poll#3', { kind: 'while', output: false }));

    expect(runAt(through, 'poll')).toMatchObject({ status: 'completed', rounds: 2 });
    expect(runAt(through, 'poll/check')).toMatchObject({
      status: 'completed',
      attempts: 2,
      runs: { total: 2, byStatus: { completed: 2 } },
    });
    expect(takenEdges(through)).toEqual([
      '#start->poll/#ask',
      'poll/#ask->poll/check ×2',
      'poll/check->poll/#ask ×2',
      'poll/#ask->after',
    ]);
  });

  it('shows a loop that never went round, and one that went round too often', () => {
    const never = history().add('poll', { kind: 'while', output: false });
    const round = { kind: 'while', output: true };
    const often = history().add('poll', round).add('poll/check').add('poll#2', round);

    expect(statusesOf(graphOf(pipeline(loop('poll', [step('check')])), never))).toMatchObject({
      poll: 'completed',
      'poll/check': 'skipped',
    });
    expect(runAt(graphOf(pipeline(loop('poll', [step('check')], 1)), often, 'failed'), 'poll')).toMatchObject(
      {
        status: 'failed',
        rounds: 1,
      },
    );
  });

  it('counts the items of a loop by how far they are', () => {
    const definition = pipeline(
      forEach('mail', [step('render'), step('send')], { concurrency: 2 }),
      step('after'),
    );
    const past = history()
      .add('mail', { kind: 'foreach', output: ['a', 'b', 'c', 'd', 'e'] })
      .add('mail/0/render')
      .add('mail/1/render')
      .add('mail/0/send')
      .opened('mail/1/send');
    const graph = graphOf(definition, past);

    expect(runAt(graph, 'mail')).toMatchObject({
      status: 'running',
      items: { total: 5, byStatus: { completed: 1, running: 2, pending: 2 } },
    });
    expect(runAt(graph, 'mail').endedAt).toBeUndefined();
    expect(runAt(graph, 'mail/send')).toMatchObject({
      status: 'running',
      runs: { total: 5, byStatus: { completed: 1, running: 1, pending: 3 } },
    });
    expect(statusesOf(graph)).toMatchObject({ 'mail/#join': 'pending', after: 'pending' });
  });

  it('goes on past failed items where the block does', () => {
    const definition = pipeline(forEach('mail', [step('send')], { onError: 'continue' }), step('after'));
    const items = { kind: 'foreach', output: [1, 2] };
    const past = history().add('mail', items).failed('mail/0/send').add('mail/1/send');

    expect(runAt(graphOf(definition, past), 'mail')).toMatchObject({
      status: 'completed',
      items: { total: 2, byStatus: { completed: 1, failed: 1 } },
    });
    expect(statusesOf(graphOf(definition, past))['after']).toBe('running');
    expect(statusesOf(graphOf(pipeline(forEach('mail', [step('send')])), past, 'failed'))['mail']).toBe(
      'failed',
    );
  });

  it('is through with a loop over nothing', () => {
    const past = history().add('mail', { kind: 'foreach', output: [] });

    expect(statusesOf(graphOf(pipeline(forEach('mail', [step('send')]), step('after')), past))).toMatchObject(
      {
        mail: 'completed',
        'mail/send': 'skipped',
        after: 'running',
      },
    );
  });

  it('follows a goto past what it leaves out', () => {
    const definition = pipeline(
      decision('review', 'ship'),
      step('ask'),
      step('post', undefined, { method: 'ship' }),
      step('thank'),
    );
    const past = history()
      .add('review', { kind: 'decision', output: { goto: 'ship' } })
      .add('post');
    const graph = graphOf(definition, past);

    expect(statusesOf(graph)).toMatchObject({
      review: 'completed',
      ask: 'skipped',
      post: 'completed',
      thank: 'running',
    });
    expect(runAt(graph, 'review').goto).toBe('post');
    expect(takenEdges(graph)).toEqual(['#start->review', 'review->post', 'post->thank']);
  });

  it('follows the goto of a join', () => {
    const definition = pipeline(parallel('load', [step('a')], { to: ['end'] }), step('b'), step('end'));
    const past = history()
      .add('load/a')
      .add('load', { kind: 'parallel', output: { goto: 'end' } });

    expect(takenEdges(graphOf(definition, past))).toContain('load/#join->end');
    expect(statusesOf(graphOf(definition, past))).toMatchObject({ b: 'skipped', end: 'running' });
  });

  it('goes on where a decision adds something and leads nowhere', () => {
    const past = history().add('review', { kind: 'decision', output: { additions: { ok: true } } });

    expect(statusesOf(graphOf(pipeline(decision('review', 'z'), step('y'), step('z')), past))['y']).toBe(
      'running',
    );
  });

  it('shows what was undone, what could not be, and what had not to be', () => {
    const definition = pipeline(
      step('hotel', 'cancelHotel'),
      step('flight', 'cancelFlight'),
      step('mail'),
      step('car', 'cancelCar'),
    );
    const past = history()
      .add('hotel')
      .add('flight')
      .add('mail')
      .failed('car')
      .undoing()
      .undone('flight', { outcome: 'failed', error: 'closed', attempt: 3 })
      .undone('hotel');
    const graph = graphOf(definition, past, 'compensation_failed');

    expect(statusesOf(graph)).toMatchObject({
      hotel: 'compensated',
      'hotel/#undo': 'completed',
      flight: 'completed',
      'flight/#undo': 'failed',
      mail: 'completed',
      car: 'failed',
      'car/#undo': 'skipped',
    });
    expect(runAt(graph, 'flight/#undo')).toMatchObject({ attempts: 3, error: 'closed' });
    expect(takenEdges(graph)).toEqual(expect.arrayContaining(['hotel->hotel/#undo', 'flight->flight/#undo']));
  });

  it('shows which undo is next, and none before a commit', () => {
    const definition = pipeline(step('a', 'undoA'), step('b'), step('c', 'undoC'), step('d'));
    const past = history()
      .add('a')
      .add('b/commit', { kind: 'commit' })
      .add('b')
      .add('c')
      .failed('d')
      .undoing();

    expect(statusesOf(graphOf(definition, past, 'compensating'))).toMatchObject({
      'a/#undo': 'skipped',
      'c/#undo': 'pending',
      d: 'failed',
    });
    expect(statusesOf(graphOf(definition, history().add('a')))['a/#undo']).toBe('skipped');
  });

  it('counts the undos of a step that ran for several items', () => {
    const definition = pipeline(forEach('book', [step('hotel', 'cancelHotel')]), step('pay'));
    const past = history()
      .add('book', { kind: 'foreach', output: [1, 2] })
      .add('book/0/hotel')
      .add('book/1/hotel')
      .failed('pay')
      .undoing()
      .undone('book/1/hotel')
      .undone('book/0/hotel');
    const graph = graphOf(definition, past, 'compensated');

    expect(runAt(graph, 'book/hotel').runs).toEqual({ total: 2, byStatus: { compensated: 2 } });
    expect(runAt(graph, 'book/hotel/#undo').runs).toEqual({ total: 2, byStatus: { completed: 2 } });
  });

  it('follows names that are escaped in paths', () => {
    const definition = pipeline(branch('a', { 'x/y': [step('50%')] }));
    const past = history().add('a', { kind: 'branch', output: 'x/y' }).add('a/50%25');

    expect(runAt(graphOf(definition, past), 'a/50%25').status).toBe('completed');
  });

  it('says how long a block took', () => {
    const definition = pipeline(branch('k', { a: [step('x'), step('y')] }));
    const past = history().add('k', { kind: 'branch', output: 'a' }).add('k/x').add('k/y');

    expect(runAt(graphOf(definition, past), 'k')).toMatchObject({
      startedAt: '1970-01-01T00:00:01.000Z',
      endedAt: '1970-01-01T00:00:01.030Z',
      duration: 30,
    });
  });

  it('takes an answer as it is stored where this process cannot read it', () => {
    const past = history().add('mail', {
      kind: 'foreach',
      output: [{ $class: 'Gone' }, 2],
      itemCount: null,
    });
    const parse = (): unknown => {
      throw new Error('There is no class Gone.');
    };

    expect(
      runAt(graphOf(pipeline(forEach('mail', [step('send')])), past, 'running', parse), 'mail').items?.total,
    ).toBe(2);
  });

  it('draws ten thousand items as few nodes, at once', () => {
    const definition = pipeline(
      forEach(
        'mail',
        [branch('kind', { even: [step('send', 'unsend')], odd: [step('skip')] }), step('log')],
        {
          into: 'sent',
        },
      ),
    );
    const past = history().add('mail', {
      kind: 'foreach',
      output: Array.from({ length: 10_000 }, (_, at) => at),
    });
    for (let item = 0; item < 10_000; item += 1) {
      const kind = item % 2 === 0 ? 'even' : 'odd';
      past.add(`mail/${item}/kind`, { kind: 'branch', output: kind });
      past.add(`mail/${item}/kind/${kind === 'even' ? 'send' : 'skip'}`).add(`mail/${item}/log`);
    }
    const begin = performance.now();
    const graph = graphOf(definition, past, 'completed');
    const took = performance.now() - begin;

    expect(graph.nodes.length).toBe(12);
    expect(runAt(graph, 'mail').items).toEqual({ total: 10_000, byStatus: { completed: 10_000 } });
    expect(runAt(graph, 'mail/kind/send').runs).toEqual({
      total: 10_000,
      byStatus: { completed: 5_000, skipped: 5_000 },
    });
    expect(JSON.stringify(graph).length).toBeLessThan(10_000);
    expect(took).toBeLessThan(2_000);
  });
});
