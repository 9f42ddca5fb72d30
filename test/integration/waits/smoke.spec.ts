import { describe, expect, it, afterEach } from '@jest/globals';
import {
  race, sleep, Run, Step, step, Workflow, waitForEvent, waitForAny, waitForAll, waitForApproval, waitForBroadcast, Pipeline,
} from 'nest-durable';
import { onEachDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';

@Workflow({ name: 'smoke' })
class Smoke {
  @Run() async run(input: { what: string }): Promise<unknown> {
    switch (input.what) {
      case 'one': return await waitForEvent('a');
      case 'two': return [await waitForEvent('a'), await waitForEvent('a')];
      case 'timeout': return await waitForEvent('a', { timeout: '50ms', timeoutValue: 'late' });
      case 'longTimeout': return await waitForEvent('a', { timeout: '1500ms', timeoutValue: 'late' });
      case 'any': return await waitForAny(['a', 'b']);
      case 'all': return await waitForAll(['a', 'b']);
      case 'race': {
        const first = await race({ a: waitForEvent('a'), b: waitForEvent('b'), late: sleep('1d') });
        return [first, await waitForEvent('b')];
      }
      case 'approval': return await waitForApproval('boss', { prompt: 'ok?', assignees: ['ann'], timeout: '1d', timeoutValue: 'auto' });
      case 'broadcast': return await waitForBroadcast('rates', { scope: 'EUR' });
    }
    return undefined;
  }
}

describe('Waits', () => {
  onEachDatabase((database) => {
    afterEach(() => database.closeApps());
    const start = async () => await database.start([Smoke]);

    it('smoke', async () => {
      const { client } = await start();
      const one = await client.start(Smoke, { what: 'one' });
      await eventually(async () => (await one.status()) === 'waiting');
      expect((await client.listPendingEvents()).events).toMatchObject([{ executionId: one.id, events: ['a'], kind: 'event' }]);
      await client.sendEvent(one.id, 'a', { x: 1 });
      expect(await one.result({ timeout: '5s' })).toEqual({ x: 1 });
      expect((await client.listPendingEvents()).events).toEqual([]);

      const two = await client.start(Smoke, { what: 'two' });
      await client.sendEvent(two.id, 'a', 1);
      await client.sendEvent(two.id, 'a', 2);
      expect(await two.result({ timeout: '5s' })).toEqual([1, 2]);

      const timeout = await client.start(Smoke, { what: 'timeout' });
      expect(await timeout.result({ timeout: '5s' })).toBe('late');
      const longTimeout = await client.start(Smoke, { what: 'longTimeout' });
      expect(await longTimeout.result({ timeout: '5s' })).toBe('late');
      const any = await client.start(Smoke, { what: 'any' });
      await client.sendEvent(any.id, 'b', 5);
      expect(await any.result({ timeout: '5s' })).toEqual({ event: 'b', payload: 5 });
      const all = await client.start(Smoke, { what: 'all' });
      await client.sendEvent(all.id, 'b', 5);
      await client.sendEvent(all.id, 'a', 6);
      expect(await all.result({ timeout: '5s' })).toEqual({ a: 6, b: 5 });
      const raced = await client.start(Smoke, { what: 'race' });
      await client.sendEvent(raced.id, 'a', 5);
      await client.sendEvent(raced.id, 'b', 6);
      expect(await raced.result({ timeout: '5s' })).toEqual([{ key: 'a', value: 5 }, 6]);
      const approval = await client.start(Smoke, { what: 'approval' });
      await eventually(async () => (await client.listPendingInputs({ assignee: 'ann' })).inputs.length === 1);
      await client.provideInput(approval.id, 'boss', 'approved', { by: 'ann', comment: 'fine' });
      expect(await approval.result({ timeout: '5s' })).toBe('approved');
      await expect(client.provideInput(approval.id, 'boss', 'approved', { by: 'bob' })).rejects.toMatchObject({ code: 'DURABLE_INPUT_SETTLED', by: 'ann' });
      const broad = await client.start(Smoke, { what: 'broadcast' });
      await eventually(async () => (await broad.status()) === 'waiting');
      expect(await client.broadcast('rates', 1.1, { scope: 'EUR' })).toEqual({ created: true });
      expect(await client.broadcast('rates', 1.2, { scope: 'EUR' })).toEqual({ created: false });
      expect(await broad.result({ timeout: '5s' })).toBe(1.1);
      const broad2 = await client.start(Smoke, { what: 'broadcast' });
      expect(await broad2.result({ timeout: '5s' })).toBe(1.1);
    });
  });
});
