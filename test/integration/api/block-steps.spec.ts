import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  Branch,
  execution,
  ForEach,
  Parallel,
  Pipeline,
  random,
  reportProgress,
  RetryAfter,
  setAttribute,
  sleep,
  Step,
  step,
  StepTimeout,
  uuid,
  While,
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
/** What bodies drew, by the keys of their attempts: equal ones are the same body, in another process. */
let drawn: [key: string, values: unknown[]][] = [];
let gate = new Gate();

@Injectable()
class Scales {
  @Step()
  async weigh(name: string) {
    ran.push(`weigh ${name}`);
    return name.length;
  }
}

/** A step in each kind of block, and the question of each, that tell who they are. */
@Workflow()
class Keys extends Pipeline<void, { round?: number }> {
  @ForEach({ do: ['inItem', 'loop', 'sides'] })
  items() {
    tell();
    return ['x', 'y'];
  }

  @Step({ in: 'items', name: 'in-item' })
  inItem() {
    tell();
  }

  @While({ do: 'inRound', max: 2, in: 'items' })
  loop({ round = 0 }: { round?: number }) {
    tell();
    return round < 2;
  }

  @Step({ in: 'loop' })
  inRound({ round = 0 }: { round?: number }) {
    tell();
    return { round: round + 1 };
  }

  @Parallel(['left', 'right'], { in: 'items' })
  sides() {
    tell();
  }

  @Step({ in: 'sides' })
  left() {
    tell();
  }

  @Step({ in: 'sides' })
  right() {
    tell();
  }
}

function tell(): void {
  drawn.push([execution().idempotencyKey, [uuid(), random()]]);
}

@Workflow()
class Options extends Pipeline<{ what: string }> {
  @Branch({ retried: 'retried', slow: 'slow', reports: 'reports' })
  choose({ what }: { what: string }) {
    return what;
  }

  @Step({ in: 'choose', name: 'tried-again', retry: { maxAttempts: 3, base: 0 } })
  retried() {
    if (execution().attempt < 3) throw new Error('Again');
  }

  @Step({ in: 'choose', timeout: 40, retry: { maxAttempts: 2, base: 0 } })
  async slow() {
    ran.push(`attempt ${execution().attempt}`);
    await new Promise(() => undefined);
  }

  @Step({ in: 'choose' })
  async reports() {
    setAttribute('stage', 'in the clause');
    reportProgress(30, 'under way');
    await gate.pass();
  }
}

@Workflow()
class Bodies extends Pipeline<void, { weights?: { weight: number }[]; weight?: number }> {
  constructor(private readonly scales: Scales) {
    super();
  }

  @ForEach({ do: 'measure', into: 'weights' })
  async items() {
    return await step('read', () => {
      ran.push('read');
      return ['ab', 'cde'];
    });
  }

  @Step({ in: 'items' })
  async measure(_data: object, item: string) {
    await step('prepare', () => void ran.push(`prepare ${item}`));
    await sleep(1);
    const weight = await this.scales.weigh(item);
    drawn.push([execution().idempotencyKey, [uuid(), random()]]);
    await gate.pass(execution().signal);
    return { weight };
  }
}

@Workflow()
class Retries extends Pipeline {
  @Parallel(['draws', 'held'])
  together() {}

  @Step({ in: 'together' })
  draws() {
    tell();
    if (execution().attempt === 1) throw new RetryAfter(0);
  }

  @Step({ in: 'together' })
  held() {}
}

const PROVIDERS = [Scales, Keys, Options, Bodies, Retries];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    ran = [];
    drawn = [];
    gate = new Gate();
  });

  describe('A step in a block', () => {
    let app: DurableApp;

    beforeAll(async () => {
      app = await database.start(PROVIDERS);
    });
    afterAll(() => database.closeApps());

    it('has a key, and ids, of its own for each item and each round, and so has each question', async () => {
      const handle = await app.client.start(Keys);
      await handle.result();
      // The list itself; then for each item: the step, three askings, two rounds, two children and their join.
      expect(drawn).toHaveLength(1 + 2 * (1 + 3 + 2 + 2 + 1));
      expect(new Set(drawn.map(([key]) => key)).size).toBe(drawn.length);
      expect(new Set(drawn.flatMap(([, values]) => values)).size).toBe(2 * drawn.length);
      expect(await recordedOf(app.client, handle.id)).toContain('items/1/in-item completed');
    });

    it('is tried again under its own name', async () => {
      const handle = await app.client.start(Options, { what: 'retried' });
      await handle.result();
      expect(await recordedOf(app.client, handle.id)).toEqual([
        'choose completed',
        'choose/tried-again attempt_failed',
        'choose/tried-again attempt_failed',
        'choose/tried-again completed',
      ]);
    });

    it('times out in each attempt', async () => {
      const handle = await app.client.start(Options, { what: 'slow' });
      expect(await causeOf(handle, StepTimeout)).toMatchObject({ step: 'slow', attempt: 2 });
      expect(ran).toEqual(['attempt 1', 'attempt 2']);
    });

    it('may set attributes and report its progress', async () => {
      const handle = await app.client.start(Options, { what: 'reports' });
      await eventually(async () => {
        const { attributes, progress } = await app.client.getExecution(handle.id);
        return attributes['stage'] === 'in the clause' && progress?.percent === 30;
      });
      gate.open();
      await handle.result();
    });

    it('draws the same ids in each of its attempts', async () => {
      await (await app.client.start(Retries)).result();
      expect(drawn).toHaveLength(2);
      expect(drawn[1]).toEqual(drawn[0]);
    });
  });

  describe('The body of a step in a block, run again after a restart', () => {
    afterEach(() => database.closeApps());

    it('does not repeat what it had called, and draws the same', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Bodies);
      await gate.reached(2);
      await eventually(async () => {
        const recorded = await recordedOf(first.client, id);
        return recorded.filter((line) => line.includes('weigh')).length === 2;
      });
      const second = await restartAt(gate, first, database, PROVIDERS);
      const { weights } = await (await second.client.handle(Bodies, { id })).result();
      expect(weights).toEqual([{ weight: 2 }, { weight: 3 }]);
      expect(ran.toSorted()).toEqual(['prepare ab', 'prepare cde', 'read', 'weigh ab', 'weigh cde']);
      const [before, after] = [drawn.slice(0, 2), drawn.slice(2)];
      expect(after.toSorted()).toEqual(before.toSorted());
      expect(await recordedOf(second.client, id)).toContain('items/0/measure/Scales.weigh completed');
    });
  });
});
