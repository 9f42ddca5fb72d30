import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Poller } from '../../../lib/dispatch/poller.js';
import { Gate } from '../../support/gate.js';
import { keepLogs, logs } from '../../support/log-book.js';

const HOUR = 3_600_000;

describe('A poller', () => {
  let registry: SchedulerRegistry;
  let pollers: Poller[];

  beforeEach(() => {
    keepLogs();
    logs.clear();
    registry = new SchedulerRegistry();
    pollers = [];
  });

  afterEach(async () => {
    for (const poller of pollers) await poller.stop();
  });

  function poller(poll: () => Promise<void> | void, name = 'durable:waker'): Poller {
    const made = new Poller(registry, { name, interval: HOUR, random: () => 0.5, poll });
    pollers.push(made);
    return made;
  }

  it("stands under its name in the app's registry while it runs", async () => {
    const each = poller(() => undefined);
    expect(registry.getIntervals()).toEqual([]);
    each.start();
    expect(registry.getIntervals()).toEqual(['durable:waker']);
    await each.stop();
    expect(registry.getIntervals()).toEqual([]);
    await each.stop();
  });

  it('never begins a round while one runs', async () => {
    const gate = new Gate();
    const each = poller(() => gate.pass());
    const first = each.round();
    await each.round();
    expect(gate.arrivals).toBe(1);
    gate.open();
    await first;
    await each.round();
    expect(gate.arrivals).toBe(2);
  });

  it('is stopped only when its round has come to an end', async () => {
    const gate = new Gate();
    const each = poller(() => gate.pass());
    each.start();
    void each.round();
    let isStopped = false;
    const stopping = each.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    gate.open();
    await stopping;
  });

  it('reports a failure, goes on, and does not repeat itself every time', async () => {
    let failing = true;
    const each = poller(() => {
      if (failing) throw new Error('no database');
    });
    for (let round = 0; round < 9; round += 1) await each.round();
    const warnings = logs.lines('warn');
    expect(warnings).toEqual(
      [1, 2, 4, 8].map((failures) => `durable:waker failed (${failures} in a row): no database`),
    );
    failing = false;
    await each.round();
    failing = true;
    await each.round();
    expect(logs.lines('warn')).toHaveLength(5);
  });

  it('takes a promise that is rejected for the same', async () => {
    await poller(() => Promise.reject(new Error('later'))).round();
    expect(logs.lines('warn')).toEqual(['durable:waker failed (1 in a row): later']);
  });
});
