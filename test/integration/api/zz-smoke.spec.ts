import { describe, expect, it } from '@jest/globals';
import {
  Pipeline,
  Step,
  Workflow,
  Branch,
  Parallel,
  ForEach,
  While,
  Decision,
  Compensate,
  goto,
  Run,
  step,
  mapItems,
  commit,
  type Undo,
  type Values,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';

let trace: string[] = [];
interface D {
  kind?: string;
  n?: number;
  a?: number;
  b?: number;
  items?: string[];
  sent?: unknown;
  sum?: number;
  fail?: boolean;
}

@Workflow()
class All extends Pipeline<D, D> {
  @Step() first(_d: D) {
    return { n: 0 };
  }
  @Compensate('first') unFirst(d: D, u: Undo<{ n: number }>) {
    trace.push(`unFirst ${JSON.stringify(d)} ${u.result.n}`);
  }
  @Branch({ x: ['bx', 'inner'], default: 'by' }) byKind(d: D) {
    return d.kind ?? 'none';
  }
  @Step({ in: 'byKind' }) bx() {
    trace.push('bx');
  }
  @Branch({ true: 'deep', false: 'by2' }, { in: 'byKind' }) inner(d: D) {
    return (d.n ?? 0) === 0;
  }
  @Step({ in: 'inner' }) deep() {
    trace.push('deep');
    return { a: 7 };
  }
  @Compensate('deep') unDeep(d: D) {
    trace.push(`unDeep ${d.a}`);
  }
  @Step({ in: 'inner' }) by2() {
    trace.push('by2');
  }
  @Step({ in: 'byKind' }) by() {
    trace.push('by');
  }
  @Parallel(['pa', 'pb']) gather(_d: D, r: Values<All, 'pa' | 'pb'>) {
    return { sum: r.pa.a + r.pb.b };
  }
  @Step({ in: 'gather' }) async pa() {
    return { a: 1 };
  }
  @Step({ in: 'gather' }) async pb() {
    return { b: 2 };
  }
  @ForEach({ do: 'send', into: 'sent', concurrency: 2 }) each(d: D) {
    return d.items ?? [];
  }
  @Step({ in: 'each' }) send(_d: D, item: string, index: number) {
    trace.push(`send ${item} ${index}`);
    return { kind: item };
  }
  @Compensate('send') unSend(_d: D, u: Undo<{ kind: string }>) {
    trace.push(`unSend ${String(u.item)} ${u.index} ${u.result.kind}`);
  }
  @While({ do: 'tick', max: 5 }) loop(d: D) {
    return (d.n ?? 0) < 3;
  }
  @Step({ in: 'loop' }) tick(d: D) {
    return { n: (d.n ?? 0) + 1 };
  }
  @Decision({ to: ['last'] }) skip(d: D) {
    return d.fail ? undefined : goto('last', { b: 9 });
  }
  @Step({ retry: { maxAttempts: 1 } }) boom() {
    throw new Error('boom');
  }
  @Step() last() {
    trace.push('last');
  }
}

class Held extends Error {}

@Workflow()
class Trip {
  @Run() async run(input: { fail: boolean }) {
    const a = await this.car('vw');
    const b = await step(
      'hotel',
      {
        compensate: ({ result }) => {
          trace.push(`free ${result}`);
        },
      },
      () => 'room 1',
    );
    const all = await mapItems([1, 2, 3], { concurrency: 2 }, (n) => this.seat(n));
    if (input.fail) throw new Held('no flight');
    await commit();
    return { a, b, all };
  }
  @Step() async car(kind: string) {
    return `car ${kind}`;
  }
  @Compensate('car') async uncar(u: Undo<string>, kind: string) {
    trace.push(`uncar ${u.result} ${kind}`);
  }
  @Step() async seat(n: number) {
    return n * 10;
  }
}

describe('smoke', () => {
  onDatabase('PGlite', (database) => {
    it('runs blocks', async () => {
      const app = await database.start([All, Trip]);
      trace = [];
      const h = await app.client.start(All, { kind: 'x', items: ['p', 'q', 'r'] });
      expect(await h.result()).toMatchObject({
        kind: 'x',
        n: 3,
        a: 7,
        b: 9,
        sum: 3,
        sent: [{ kind: 'p' }, { kind: 'q' }, { kind: 'r' }],
      });
      console.log(trace.join('; '));
      const e = await app.client.getExecution(h.id, { steps: true });
      console.log(
        e
          .steps!.map((s) => `${s.seq} ${s.path} ${s.kind} ${s.status} ${JSON.stringify(s.output)}`)
          .join('\n'),
      );
    });
    it('undoes', async () => {
      await database.closeApps();
      const app = await database.start([All, Trip]);
      const { client } = app!;
      trace = [];
      const h = await client.start(All, { kind: 'x', items: ['p', 'q'], fail: true });
      await expect(h.result()).rejects.toMatchObject({ message: expect.stringContaining('boom') });
      console.log(trace.join('; '));
      const e = await client.getExecution(h.id, { steps: true });
      console.log(
        e.status,
        JSON.stringify(e.compensationResults, null, 1),
        e.steps!.map((s) => `${s.seq} ${s.path} ${s.kind} ${s.status}`).join('\n'),
      );
      expect(e.status).toBe('compensated');
      trace = [];
      const t = await client.start(Trip, { fail: true });
      await expect(t.result()).rejects.toMatchObject({ message: expect.stringContaining('no flight') });
      console.log(trace.join('; '), await t.status());
      const t2 = await client.start(Trip, { fail: false });
      console.log(JSON.stringify(await t2.result()));
    });
  });
});
