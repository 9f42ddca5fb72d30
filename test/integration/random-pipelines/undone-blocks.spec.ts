import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Branch, Compensate, ForEach, Parallel, Pipeline, Step, type Undo, Workflow } from 'nest-durable';
import { JournalRig } from '../../support/journal-rig.js';
import { live, newExecution, newExecutions } from './lives.js';
import { storedExecution } from './story.js';

interface Trip {
  readonly room: string;
}

const freed: string[] = [];

@Workflow()
class TripWorkflow extends Pipeline<object, Trip> {
  @Parallel(['flight', 'stay'])
  book() {}

  @Step({ in: 'book' })
  flight() {}

  @Branch({ hotel: 'room' }, { in: 'book' })
  stay() {
    return 'hotel' as const;
  }

  @Step({ in: 'stay' })
  room() {
    return { room: '17' };
  }

  @ForEach({ do: 'seat', concurrency: 1 })
  eachSeat() {
    return ['12A', '12B'];
  }

  @Step({ in: 'eachSeat' })
  seat(_data: object, _seat: string) {}

  @Step({ retry: { maxAttempts: 1 } })
  pay() {
    throw new Error('The card was refused.');
  }

  @Compensate('flight')
  freeFlight() {
    freed.push('flight');
  }

  @Compensate('room')
  freeRoom(_data: object, { result }: Undo<{ room: string }>) {
    freed.push(`room ${result.room}`);
  }

  @Compensate('seat', { retry: { maxAttempts: 2, base: 1 } })
  freeSeat(_data: object, { item }: Undo<void, string>) {
    freed.push(`seat ${item}`);
    if (item === '12B') throw new Error('The seat cannot be freed.');
  }
}

describe('The undoing of what ran in a parallel block, a branch and a loop over items', () => {
  let rig: JournalRig;
  beforeAll(async () => {
    rig = await JournalRig.create();
    // A status that is there is never written over.
    await rig.query('CREATE TABLE public.overwritten (id uuid)');
    await rig.query(`
      CREATE FUNCTION public.watch() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.overwritten VALUES (OLD.id); RETURN NULL; END $$`);
    await rig.query(`
      CREATE TRIGGER watch AFTER UPDATE ON durable.workflow_executions FOR EACH ROW
      WHEN (OLD.outcome IS NOT NULL) EXECUTE FUNCTION public.watch()`);
  });
  afterAll(() => rig.dispose());

  it('goes on past an undo that fails, and wherever its process was lost, to one final status', async () => {
    const model = await newExecution(rig);
    const records = (await live(rig, TripWorkflow)).get(model)?.records ?? 0;
    expect(new Set(freed)).toEqual(new Set(['seat 12B', 'seat 12A', 'room 17', 'flight']));

    const cuts = await newExecutions(rig, records);
    await live(rig, TripWorkflow, cuts);
    await live(rig, TripWorkflow);

    for (const [id, cut] of [[model, records] as const, ...cuts]) {
      const { outcome, error, results, lines } = await storedExecution(rig, id);
      const completed = lines.filter((line) => line.kind === 'step' && line.outcome === 'completed');
      expect({ cut, outcome, error }).toMatchObject({
        cut,
        outcome: 'compensation_failed',
        error: { message: 'The card was refused.' },
      });
      expect(results?.map(({ path }) => path)).toEqual(completed.toReversed().map(({ path }) => path));
      expect(results?.slice(0, 2)).toMatchObject([
        { path: 'eachSeat/1/seat', status: 'failed', attempts: 2 },
        { path: 'eachSeat/0/seat', status: 'completed', attempts: 1 },
      ]);
      expect(results?.slice(2).every(({ status }) => status === 'completed')).toBe(true);
      expect(lines.filter(({ kind }) => kind === 'compensation')).toHaveLength(1);
    }
    expect(await rig.query('SELECT id FROM public.overwritten')).toEqual([]);
  }, 30_000);
});
