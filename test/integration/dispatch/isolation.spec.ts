import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { step } from '../../../lib/execution/operations/inline-step.operation.js';
import { contextFor } from '../../../lib/execution/operation-context.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { drained } from '../../support/held-clock.js';
import { JournalRig } from '../../support/journal-rig.js';
import { workerOn } from '../../support/worker-rig.js';

describe('An execution that was lost twice', () => {
  let rig: JournalRig;

  beforeAll(async () => {
    rig = await JournalRig.create();
  });

  afterEach(async () => {
    await rig.closeJournals();
    await rig.query('DELETE FROM durable.workflow_queue');
  });
  afterAll(() => rig.dispose());

  it('runs alone: after those that run, before those that wait', async () => {
    const gates = new Map<string, Gate>();
    const order: string[] = [];
    const { claimer, executor, endings, journal, slots } = await workerOn(rig, () =>
      step('pay', async () => {
        const { id } = contextFor('test').execution;
        order.push(id);
        await gates.get(id)?.pass();
      }),
    );
    const running = await rig.execution();
    gates.set(running, new Gate());
    claimer.look();
    await gates.get(running)?.reached();

    const [suspect, waiting] = [await rig.execution({ lost: 2 }), await rig.execution()];
    gates.set(suspect, new Gate());
    claimer.isolate('default');
    claimer.look();
    await journal.settled();
    await drained();
    // Nothing new beside the one that runs: the suspect waits for it, and the others for the suspect.
    expect(order).toEqual([running]);
    expect(claimer.reserve('default', 1, 'a start')).toBe(false);

    gates.get(running)?.open();
    await gates.get(suspect)?.reached();
    expect(executor.activeCount).toBe(1);
    claimer.look();
    await journal.settled();
    expect(order).toEqual([running, suspect]);

    gates.get(suspect)?.open();
    await eventually(() => endings.length === 3);
    expect(order).toEqual([running, suspect, waiting]);
    expect(slots.free('default')).toBe(5);
  });

  it('keeps nobody waiting where somebody else took it', async () => {
    const { claimer, endings } = await workerOn(rig, () => step('pay', () => 1));
    claimer.isolate('default');
    await rig.execution();
    claimer.look();
    await eventually(() => endings.length === 1);
  });
});
