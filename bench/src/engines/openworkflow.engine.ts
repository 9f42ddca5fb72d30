import { setTimeout as pause } from 'node:timers/promises';
import { OpenWorkflow, defineWorkflow } from 'openworkflow';
import { BackendPostgres } from 'openworkflow/postgres';
import postgres from 'postgres';
import type { Bodies } from './bodies.js';
import type { BenchWorkflow, Engine, OpenEngine } from './engine.js';
import { inParallel } from '../workloads/in-parallel.js';
import { PAYLOAD, type Payload } from './payload.js';
import { WaitingRoom } from './waiting-room.js';

/** The default is 10. Of 10, 20 and 40, 20 was the best or as good. */
const POOL_SIZE = 20;
/** How often a caller looks again for a completion that follows the last step within milliseconds. */
const LOOK_AGAIN_MS = 2;

interface SleeperInput extends Payload {
  readonly until: number;
}

interface RunInput extends Payload {
  readonly ticket: number;
  readonly steps: number;
}

/**
 * openworkflow. Its `handle.result()` looks once a second, with no option to change that: 200 in flight would
 * be 200 a second at best. So the caller here is told in memory when the function has run, and reads the run
 * from then on, through the public backend, until it is recorded: better than its users get.
 */
export class OpenWorkflowEngine implements Engine {
  readonly unfinished = `SELECT count(*) FROM openworkflow.workflow_runs WHERE status <> 'completed'`;
  /** A sleeper stays 'running', but nobody's, until it is available again. */
  readonly asleep = `
    SELECT count(*) FROM openworkflow.workflow_runs
     WHERE status = 'running' AND worker_id IS NULL AND available_at > now()`;
  private readonly returned = new WaitingRoom<number>();
  private readonly workflows;
  private readonly sleeper;
  private tickets = 0;

  constructor(bodies: Bodies) {
    const define = (name: BenchWorkflow, stepNames: (input: RunInput) => readonly string[]) =>
      defineWorkflow<RunInput, Payload>({ name }, async ({ input, step }) => {
        let last: Payload = input;
        for (const stepName of stepNames(input)) last = await step.run({ name: stepName }, bodies.run);
        this.returned.call(input.ticket);
        return last;
      });
    this.workflows = {
      'one-step': define('one-step', () => ['first']),
      'three-step': define('three-step', () => ['first', 'second', 'third']),
      loop: define('loop', ({ steps }) => Array.from({ length: steps }, (_, index) => `work-${index}`)),
    };
    this.sleeper = defineWorkflow<SleeperInput, Payload>({ name: 'sleeper' }, async ({ input, step }) => {
      await step.sleep('sleep', `${input.until - Date.now()}ms`);
      return step.run({ name: 'work' }, bodies.run);
    });
  }

  async open(url: string, inFlight: number): Promise<OpenEngine> {
    const { backend, client, disconnect } = await this.connect(url);
    const worker = client.newWorker({ concurrency: inFlight });
    await worker.start();
    const run = async (workflow: BenchWorkflow, steps: number): Promise<unknown> => {
      const ticket = (this.tickets += 1);
      const returned = this.returned.enter(ticket);
      const handle = await client.runWorkflow(this.workflows[workflow].spec, { ...PAYLOAD, ticket, steps });
      const workflowRunId = handle.workflowRun.id;
      await returned;
      for (;;) {
        const latest = await backend.getWorkflowRun({ workflowRunId });
        if (latest?.status === 'completed') return latest.output;
        if (latest?.status === 'failed')
          throw new Error(`openworkflow failed: ${JSON.stringify(latest.error)}`);
        await pause(LOOK_AGAIN_MS);
      }
    };
    const close = async (): Promise<void> => {
      await worker.stop();
      await disconnect();
    };
    const startSleeper = (until: Date): Promise<unknown> =>
      client.runWorkflow(this.sleeper.spec, { ...PAYLOAD, until: until.getTime() });
    return { run, startSleeper, close };
  }

  async fill(url: string, count: number): Promise<void> {
    const { client, disconnect } = await this.connect(url);
    const input = { ...PAYLOAD, ticket: 0, steps: 1 };
    await inParallel(count, async () => {
      await client.runWorkflow(this.workflows['one-step'].spec, input);
    });
    await disconnect();
  }

  /** The pool that `BackendPostgres.connect` would make, but larger: `connect` has no option for its size. */
  private async connect(url: string) {
    const migrating = await BackendPostgres.connect(url);
    await migrating.stop();
    const pool = postgres(url, { max: POOL_SIZE, transform: { column: { from: postgres.toCamel } } });
    const backend = BackendPostgres.fromPool(pool);
    const client = new OpenWorkflow({ backend });
    for (const workflow of Object.values(this.workflows))
      client.implementWorkflow(workflow.spec, workflow.fn);
    client.implementWorkflow(this.sleeper.spec, this.sleeper.fn);
    return { backend, client, disconnect: () => backend.stop() };
  }
}
