import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Parallel,
  Pipeline,
  printTimeline,
  race,
  sleep,
  Step,
  step,
  toCytoscape,
  toDot,
  toMermaid,
  waitForApproval,
  waitForEvent,
  waitForText,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { begin, Coded, listening, parked } from './coded.js';

@Workflow({ name: 'shown_pipeline' })
class ShownPipeline extends Pipeline<object, Record<string, unknown>> {
  @Parallel(['asks', 'hears'])
  together() {}

  @Step({ in: 'together' })
  async asks() {
    return { asked: await waitForApproval('boss') };
  }
  @Step({ in: 'together' })
  async hears() {
    return { heard: await waitForEvent('a', { timeout: 10, timeoutValue: 'late' }) };
  }
  @Step()
  after() {}
}

/** One wait of each standing: completed, timed out, failed, withdrawn, and two that are open. */
async function everyStanding(): Promise<unknown> {
  await waitForEvent('late', { timeout: 10 });
  await waitForText('unasked', { timeout: 10, onTimeout: 'fail' }).catch(() => undefined);
  await race({ won: step('quick', () => 1), lost: waitForEvent('lost'), late: sleep('1d') });
  await step('told', () => waitForEvent('told'));
  return await Promise.all([waitForApproval('boss'), waitForEvent('end', { timeout: '1h' })]);
}

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Coded, ShownPipeline]);
  });
  afterAll(() => database.closeApps());

  describe('Waits are shown', () => {
    it('in the history and the timeline, as they stand', async () => {
      const handle = await begin(app.client, everyStanding);
      await app.client.sendEvent(handle.id, 'told', { by: 'ann' });
      await listening(app.client, handle.id, 2);
      await parked(handle);
      const shown = await app.client.getExecution(handle.id, { steps: true });
      expect(shown.steps?.map(({ path, kind, status }) => `${path} ${kind} ${status}`)).toEqual([
        'late event timed_out',
        'unasked input failed',
        'quick step completed',
        'lost event withdrawn',
        'sleep sleep withdrawn',
        'told/told event completed',
        'told step completed',
        'boss input waiting',
        'end event waiting',
      ]);
      const [timedOut, failed, , withdrawn, , told, , boss, end] = shown.steps ?? [];
      expect(timedOut).toMatchObject({
        endedAt: expect.any(Date),
        dueAt: expect.any(Date),
        output: undefined,
      });
      expect(failed?.error).toMatchObject({ code: 'DURABLE_INPUT_TIMEOUT' });
      expect(withdrawn).toMatchObject({ output: undefined, error: undefined, endedAt: expect.any(Date) });
      expect(told?.output).toEqual({ by: 'ann' });
      expect(boss).toMatchObject({ endedAt: undefined, dueAt: undefined });
      expect(end?.dueAt).toEqual(shown.dueAt);
      const timeline = printTimeline(shown, { colour: false, width: 100 });
      expect(timeline).toMatch(/^\s*⌛ late .*timed out/m);
      expect(timeline).toMatch(/^\s*✗ unasked .*\n.*Nobody answered the question/m);
      expect(timeline).toMatch(/^\s*– lost .*withdrawn/m);
      expect(timeline).toMatch(/^\s*– sleep .*withdrawn/m);
      expect(timeline).toMatch(/^\s*✓ told/m);
      expect(timeline).toMatch(/^\s*… boss .*waiting/m);
      expect(timeline).toMatch(/^\s*… end .*waiting/m);
    });

    it('in the timeline of an execution that was cancelled, as interrupted', async () => {
      const handle = await begin(app.client, () => waitForApproval('boss'));
      await listening(app.client, handle.id);
      await handle.cancel('off');
      const shown = await app.client.getExecution(handle.id, { steps: true });
      expect(shown.steps).toMatchObject([{ path: 'boss', status: 'interrupted' }]);
      expect(printTimeline(shown, { colour: false, width: 100 })).toMatch(/■ boss .*interrupted/);
    });

    it('in the graph of a run method', async () => {
      const handle = await begin(app.client, everyStanding);
      await app.client.sendEvent(handle.id, 'told', 1);
      await listening(app.client, handle.id, 2);
      const graph = await app.client.graph(Coded, handle.id);
      const standing = Object.fromEntries(graph.nodes.map(({ id, run }) => [id, run?.status]));
      expect(standing).toMatchObject({
        late: 'completed',
        unasked: 'failed',
        quick: 'completed',
        lost: 'skipped',
        sleep: 'skipped',
        told: 'completed',
        'told/told': 'completed',
        boss: 'waiting',
        end: 'waiting',
      });
      for (const text of [toMermaid(graph), toDot(graph), JSON.stringify(toCytoscape(graph))]) {
        for (const name of ['late', 'lost', 'boss']) expect(text).toContain(name);
      }
    });

    it('in the graph of a pipeline: the step is waiting in which a wait is open', async () => {
      const handle = await app.client.start(ShownPipeline, {});
      await listening(app.client, handle.id);
      await parked(handle);
      const graph = await app.client.graph(ShownPipeline, handle.id);
      const standing = Object.fromEntries(graph.nodes.map(({ id, run }) => [id, run?.status]));
      expect(standing).toMatchObject({
        'together/asks': 'waiting',
        'together/hears': 'completed',
        after: 'pending',
      });
      await app.client.provideInput(handle.id, 'boss', true);
      expect(await handle.result()).toEqual({ asked: 'approved', heard: 'late' });
    });
  });
});
