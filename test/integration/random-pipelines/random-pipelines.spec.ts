import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JournalRig } from '../../support/journal-rig.js';
import { cutEverywhere, type Findings } from './cut-off.js';
import { randomPlan } from './random-plan.js';

/** More seeds find more: `SEEDS=1-500 npm test -- random-pipelines`, when blocks or the way back are changed. */
const [FIRST = 1, LAST = 14] = (process.env['SEEDS'] ?? '1-14').split('-').map(Number);

describe('A random pipeline whose process is lost after any of its records', () => {
  let rig: JournalRig;
  beforeAll(async () => {
    rig = await JournalRig.create();
  });
  afterAll(() => rig.dispose());

  it.each([
    { what: 'gives the same output, the same undos and the same history', timing: 'settled' as const },
    {
      what: 'comes to the same end, all undone that it has completed, where failures come at any time',
      timing: 'wild' as const,
    },
  ])(
    '$what',
    async ({ timing }) => {
      const findings: Findings[] = [];
      for (let seed = FIRST; seed <= LAST; seed += 1) {
        findings.push(await cutEverywhere(rig, randomPlan(seed), timing));
      }
      expect(findings.flatMap(({ faults }) => faults)).toEqual([]);
      // What there is to find is in some of them.
      expect(findings.some(({ cuts, undos }) => cuts > 50 && undos > 5)).toBe(true);
    },
    (LAST - FIRST + 1) * 20_000,
  );
});
