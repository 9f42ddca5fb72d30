import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Branch,
  Compensate,
  Decision,
  goto,
  Parallel,
  Pipeline,
  Step,
  Workflow,
  type WorkflowClass,
} from 'nest-durable';
import { JournalRig } from '../../support/journal-rig.js';
import { live, newExecution } from './lives.js';
import { storedExecution } from './story.js';

const ran: string[] = [];

/** As it was when the execution began. */
@Workflow({ name: 'order' })
class Before extends Pipeline<object, object> {
  @Step()
  first() {}

  @Compensate('first')
  undoFirst() {
    ran.push('undoFirst');
  }

  @Branch({ left: 'both', right: 'aside' })
  turn(): 'left' | 'right' {
    return 'left';
  }

  @Parallel(['one', 'other'], { in: 'turn' })
  both() {}

  @Step({ in: 'both' })
  one() {}

  @Step({ in: 'both' })
  other() {}

  @Step({ in: 'turn' })
  aside() {}

  @Decision({ to: ['target'] })
  skip() {
    return goto('target');
  }

  @Step()
  skipped() {}

  @Step()
  target() {}
}

/** Changed classes: each is the same but for one thing. */
@Workflow({ name: 'order' })
class RenamedStep extends Pipeline<object, object> {
  @Step()
  renamed() {
    ran.push('renamed');
  }
}

@Workflow({ name: 'order' })
class RenamedBlock extends Pipeline<object, object> {
  @Step()
  first() {}

  @Branch({ left: 'aside' })
  choose() {
    ran.push('choose');
    return 'left' as const;
  }

  @Step({ in: 'choose' })
  aside() {}
}

@Workflow({ name: 'order' })
class RenamedChild extends Pipeline<object, object> {
  @Step()
  first() {}

  @Branch({ left: 'both' })
  turn() {
    return 'left' as const;
  }

  @Parallel(['single', 'other'], { in: 'turn' })
  both() {}

  @Step({ in: 'both' })
  single() {
    ran.push('single');
  }

  @Step({ in: 'both' })
  other() {}

  @Step()
  target() {}
}

@Workflow({ name: 'order' })
class WithoutTheClause extends Pipeline<object, object> {
  @Step()
  first() {}

  @Branch({ right: 'aside' })
  turn() {
    return 'right' as const;
  }

  @Step({ in: 'turn' })
  aside() {
    ran.push('aside');
  }
}

@Workflow({ name: 'order' })
class WithoutTheTarget extends Pipeline<object, object> {
  @Step()
  first() {}

  @Branch({ left: 'both' })
  turn() {
    return 'left' as const;
  }

  @Parallel(['one', 'other'], { in: 'turn' })
  both() {}

  @Step({ in: 'both' })
  one() {}

  @Step({ in: 'both' })
  other() {}

  @Decision({ to: ['goal'] })
  skip() {
    return goto('goal');
  }

  @Step()
  goal() {
    ran.push('goal');
  }
}

@Workflow({ name: 'order' })
class WithoutTheRest extends Pipeline<object, object> {
  @Step()
  first() {}
}

/** How many records there are by then: of `first`, `turn`, `one` and `other`, `both`, `skip`. */
const cases: readonly {
  readonly what: string;
  readonly records: number;
  readonly after: WorkflowClass;
  readonly recorded: string;
  readonly found: string;
}[] = [
  { what: 'step', records: 1, after: RenamedStep, recorded: 'step "first"', found: '"renamed"' },
  { what: 'block', records: 2, after: RenamedBlock, recorded: 'branch "turn"', found: '"choose"' },
  {
    what: 'step in two blocks',
    records: 4,
    after: RenamedChild,
    recorded: 'step "one"',
    found: '"single"',
  },
  { what: 'clause', records: 2, after: WithoutTheClause, recorded: 'left', found: "'right'" },
  { what: 'target', records: 6, after: WithoutTheTarget, recorded: '"target"', found: '"skip"' },
  { what: 'rest', records: 4, after: WithoutTheRest, recorded: 'branch "turn"', found: 'nothing more' },
];

describe('An execution whose class has changed under it', () => {
  let rig: JournalRig;
  beforeAll(async () => {
    rig = await JournalRig.create();
  });
  afterAll(() => rig.dispose());

  it.each(cases)(
    'does not find its $what again: that is an error that names both, and never an end',
    async ({ records, after, recorded, found }) => {
      ran.length = 0;
      const id = await newExecution(rig);
      await live(rig, Before, new Map([[id, records]]));
      await live(rig, after);

      const { outcome, error, lines } = await storedExecution(rig, id);
      const { error: name, message } = error as { error: string; message: string };
      expect({ outcome, name }).toEqual({ outcome: 'failed', name: 'ReplayDivergence' });
      expect(message).toContain(recorded);
      expect(message).toContain(found);
      // What its history says cannot be trusted any more, so that nothing is run of it, or undone.
      expect(ran).toEqual([]);
      expect(lines).toHaveLength(records);
    },
    30_000,
  );
});
