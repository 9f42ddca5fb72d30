import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Branch, Parallel, Pipeline, Step, Workflow } from 'nest-durable';
import { JournalRig } from '../../support/journal-rig.js';
import { live, newExecution, newExecutions } from './lives.js';
import { storedExecution } from './story.js';

/** Where the selectors lead at this moment: they would answer otherwise when they were asked again. */
let way: 'left' | 'right' = 'left';

@Workflow()
class Maze extends Pipeline<object, object> {
  @Step()
  enter() {}

  @Branch({ left: ['first', 'deeper', 'last'], right: 'wrong' })
  turn() {
    return way;
  }

  @Step({ in: 'turn' })
  first() {}

  @Parallel(['beside', 'deepest'], { in: 'turn' })
  deeper() {}

  @Step({ in: 'deeper' })
  beside() {}

  @Branch({ left: ['one', 'two'], right: ['wrongToo'] }, { in: 'deeper' })
  deepest() {
    return way;
  }

  @Step({ in: 'deepest' })
  one() {}

  @Step({ in: 'deepest' })
  two() {}

  @Step({ in: 'deepest' })
  wrongToo() {}

  @Step({ in: 'turn' })
  last() {}

  @Step({ in: 'turn' })
  wrong() {}

  @Step()
  leave() {}
}

describe('An execution that is resumed inside a clause, three blocks deep', () => {
  let rig: JournalRig;
  beforeAll(async () => {
    rig = await JournalRig.create();
  });
  afterAll(() => rig.dispose());

  it('stays in that clause, wherever it was, and goes on behind it', async () => {
    way = 'left';
    const model = await newExecution(rig);
    const records = (await live(rig, Maze)).get(model)?.records ?? 0;
    expect(records).toBe(11);

    const cuts = await newExecutions(rig, records);
    const before = await live(rig, Maze, cuts);
    way = 'right';
    await live(rig, Maze);

    for (const [id, cut] of cuts) {
      const { outcome, lines } = await storedExecution(rig, id);
      const recorded = before.get(id)?.recorded ?? new Set();
      const expected = wayThrough(recorded.has('turn@1'), recorded.has('turn/deeper/deepest@1'));
      expect({ cut, outcome, paths: lines.map(({ path }) => path).sort() }).toEqual({
        cut,
        outcome: 'completed',
        paths: expected.sort(),
      });
    }
  }, 30_000);
});

/** Where the execution has been, if it was asked before it was lost, and if not. */
function wayThrough(hasTurned: boolean, hasTurnedAgain: boolean): string[] {
  if (!hasTurned) return ['enter', 'turn', 'turn/wrong', 'leave'];
  const deepest = hasTurnedAgain ? ['one', 'two'] : ['wrongToo'];
  return [
    'enter',
    'turn',
    'turn/first',
    'turn/deeper/beside',
    'turn/deeper/deepest',
    ...deepest.map((name) => `turn/deeper/deepest/${name}`),
    'turn/deeper',
    'turn/last',
    'leave',
  ];
}
