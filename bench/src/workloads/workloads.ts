import { Drain } from './drain.js';
import { DueAtOnce } from './due-at-once.js';
import { EndToEnd } from './end-to-end.js';
import { LongWorkflow } from './long-workflow.js';
import { OneAfterAnother } from './one-after-another.js';
import type { Workload } from './workload.js';

export type WorkloadName = 'w1' | 'w1-drain' | 'w2' | 'w3' | 'w4' | 'w5';

export const workloads: Readonly<Record<WorkloadName, Workload>> = {
  w1: new EndToEnd('W1: one-step workflows, 200 concurrent starts, end to end', 'one-step', false),
  'w1-drain': new Drain(),
  w2: new EndToEnd('W2: three-step workflows, 200 in flight', 'three-step', true),
  w3: new OneAfterAnother(),
  w4: new LongWorkflow(),
  w5: new DueAtOnce(),
};

export const workloadNames = Object.keys(workloads) as WorkloadName[];
