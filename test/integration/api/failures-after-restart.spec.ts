import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import {
  Branch,
  Compensate,
  execution,
  ForEach,
  Parallel,
  Pipeline,
  type Results,
  Step,
  type Undo,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import type { DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { recordedOf } from '../../support/recorded.js';
import { HASTY, restartAt } from '../../support/restart.js';

let ran: string[] = [];
/** Failures are held up here, until the others are where the test wants them. */
let fails = new Gate();
let laterFails = new Gate();
/** Here the process is lost. */
let gate = new Gate();

const once = { retry: { maxAttempts: 1 } } as const;

async function fail(message: string): Promise<never> {
  await fails.pass();
  throw new Error(message);
}

/** The items are begun in turns, so a replay has not all of them before it at once. */
@Workflow()
class AmongItems extends Pipeline<void, { told?: unknown }> {
  @Parallel(['items', 'keeper'], { onError: 'continue' })
  outer(_data: object, { items }: Results<AmongItems, 'items' | 'keeper'>) {
    return { told: items.status === 'rejected' && items.reason.message };
  }

  @ForEach({ do: 'each', concurrency: 2, in: 'outer' })
  items() {
    return ['slow', 'good', 'bad'];
  }

  @Step({ in: 'items', ...once })
  async each(_data: object, item: string) {
    if (item === 'bad') await fail('the first failure');
    if (item === 'slow') {
      await laterFails.pass();
      throw new Error('a later failure');
    }
  }

  @Step({ in: 'outer' })
  async keeper() {
    await gate.pass(execution().signal);
  }
}

@Workflow()
class UndoesItems extends Pipeline<void, object> {
  @ForEach({ do: 'each', concurrency: 2 })
  items() {
    return ['bad', 'a', 'b', 'c'];
  }

  @Step({ in: 'items', ...once })
  async each(_data: object, item: string) {
    if (item === 'bad') await fail('bad');
  }

  @Compensate('each')
  async undo(_data: object, { item }: Undo<void, string>) {
    await gate.pass(execution().signal);
    ran.push(`undo ${item}`);
  }
}

/** What one child did after failures of its own, which its blocks took in their stride, is undone like the rest. */
@Workflow()
class UndoesDeep extends Pipeline<void, object> {
  @Parallel(['bad', 'line'])
  together() {}

  @Step({ in: 'together', ...once })
  async bad() {
    await fail('bad');
  }

  @Branch({ default: ['tries', 'triesAgain', 'book', 'ignores'] }, { in: 'together' })
  line() {
    return null;
  }

  @ForEach({ do: 'try', onError: 'continue', in: 'line' })
  tries() {
    return [1];
  }

  @Parallel(['failing'], { in: 'tries' })
  try() {}

  @Step({ in: 'try', ...once })
  failing() {
    throw new Error('taken in its stride');
  }

  @ForEach({ do: 'tryAgain', onError: 'continue', in: 'line' })
  triesAgain() {
    return [1];
  }

  @Parallel(['failingAgain'], { in: 'triesAgain' })
  tryAgain() {}

  @Step({ in: 'tryAgain', ...once })
  failingAgain() {
    throw new Error('taken in its stride');
  }

  @Step({ in: 'line' })
  book() {
    ran.push('book');
  }

  @Compensate('book')
  unbook() {
    ran.push('unbook');
  }

  @Step({ in: 'line' })
  async ignores() {
    await gate.pass(execution().signal);
  }
}

/** A version of the workflow that has so many items under way at once. */
function narrow(concurrency: number): Type {
  @Workflow({ name: 'narrow' })
  class Narrow extends Pipeline<void, object> {
    @ForEach({ do: 'each', concurrency })
    items() {
      return ['held', 'a', 'b'];
    }

    @Step({ in: 'items', ...once })
    async each(_data: object, item: string) {
      if (item !== 'held') return;
      await gate.pass(execution().signal);
      throw new Error('held');
    }

    @Compensate('each')
    undo(_data: object, { item }: Undo<void, string>) {
      ran.push(`undo ${item}`);
    }
  }
  return Narrow;
}

const PROVIDERS = [AmongItems, UndoesItems, UndoesDeep];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    ran = [];
    fails = new Gate();
    laterFails = new Gate();
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  async function recorded(app: DurableApp, id: string, line: string): Promise<void> {
    await eventually(async () => (await recordedOf(app.client, id)).includes(line));
  }

  describe('After a restart', () => {
    it('a block still fails with what failed first', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(AmongItems);
      fails.open();
      await recorded(first, id, 'outer/items/2/each failed');
      laterFails.open();
      await recorded(first, id, 'outer/items/0/each failed');
      const second = await restartAt(gate, first, database, PROVIDERS);
      expect(await (await second.client.handle(AmongItems, { id })).result()).toEqual({
        told: 'the first failure',
      });
    });

    it('in the middle of the way back, all items that were done are undone', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(UndoesItems);
      await recorded(first, id, 'items/3/each completed');
      fails.open();
      const second = await restartAt(gate, first, database, PROVIDERS);
      const handle = await second.client.handle(UndoesItems, { id });
      expect((await causeOf(handle, Error)).message).toBe('bad');
      expect(ran).toEqual(['undo c', 'undo b', 'undo a']);
    });

    it('what a child did after failures of its own is undone with the rest', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(UndoesDeep);
      await gate.reached();
      fails.open();
      await recorded(first, id, 'together/bad failed');
      const second = await restartAt(gate, first, database, PROVIDERS);
      const handle = await second.client.handle(UndoesDeep, { id });
      expect((await causeOf(handle, Error)).message).toBe('bad');
      expect(ran).toEqual(['book', 'unbook']);
    });

    it('with fewer items at once than before, all items that were done are undone', async () => {
      const first = await database.start([narrow(3)], HASTY);
      const { id } = await first.client.start('narrow');
      await recorded(first, id, 'items/1/each completed');
      await recorded(first, id, 'items/2/each completed');
      const second = await restartAt(gate, first, database, [narrow(1)]);
      const handle = await second.client.handle('narrow', { id });
      expect((await causeOf(handle, Error)).message).toBe('held');
      expect(ran.toSorted()).toEqual(['undo a', 'undo b']);
    });
  });
});
