import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import type { Bodies } from './bodies.js';
import type { BenchWorkflow, Engine, OpenEngine } from './engine.js';
import { IN_FLIGHT } from './engine.js';
import { inParallel } from '../workloads/in-parallel.js';
import { PAYLOAD, type Payload } from './payload.js';

const APPLICATION = 'durable-bench';
const QUEUE = 'backlog';
/** The default is 10. Of 10, 20 and 40, 20 was the best or as good. */
const POOL_SIZE = 20;

/**
 * DBOS: direct starts, which run at once in this process and hand over the result in memory; its queue for the
 * backlog, with the worker's limit at the number in flight and polled every 10 ms instead of every second.
 */
export class DbosEngine implements Engine {
  readonly unfinished = `SELECT count(*) FROM dbos.workflow_status WHERE status <> 'SUCCESS'`;
  /** The sleep is recorded as it begins, with the time of its end; it is over when the workflow goes on. */
  readonly asleep = `
    SELECT count(*) FROM dbos.workflow_status JOIN dbos.operation_outputs USING (workflow_uuid)
     WHERE status = 'PENDING' AND function_name = 'DBOS.sleep'`;
  private readonly workflows;

  constructor(bodies: Bodies) {
    const step = (name: string): Promise<Payload> => DBOS.runStep(bodies.run, { name });
    const oneStep = async (_input: Payload): Promise<Payload> => step('first');
    const threeStep = async (_input: Payload): Promise<Payload> => {
      await step('first');
      await step('second');
      return step('third');
    };
    const loop = async (input: Payload, steps: number): Promise<Payload> => {
      for (let done = 0; done < steps; done += 1) await step('work');
      return input;
    };
    const sleeper = async (_input: Payload, until: number): Promise<Payload> => {
      await DBOS.sleepms(until - Date.now());
      return step('work');
    };
    this.workflows = {
      'one-step': DBOS.registerWorkflow(oneStep, { name: 'one-step' }),
      'three-step': DBOS.registerWorkflow(threeStep, { name: 'three-step' }),
      loop: DBOS.registerWorkflow(loop, { name: 'loop' }),
      sleeper: DBOS.registerWorkflow(sleeper, { name: 'sleeper' }),
    };
  }

  async open(url: string): Promise<OpenEngine> {
    DBOS.setConfig({
      name: APPLICATION,
      systemDatabaseUrl: url,
      systemDatabasePoolSize: POOL_SIZE,
      applicationVersion: '1',
      logLevel: 'error',
      tracingEnabled: false,
    });
    await DBOS.launch();
    await DBOS.registerQueue(QUEUE, { workerConcurrency: IN_FLIGHT, minPollingIntervalMs: 10 });
    return {
      run: (workflow, steps) => this.run(workflow, steps),
      startSleeper: (until) => DBOS.startWorkflow(this.workflows.sleeper)(PAYLOAD, until.getTime()),
      close: () => DBOS.shutdown(),
    };
  }

  async fill(url: string, count: number): Promise<void> {
    const client = await DBOSClient.create({
      systemDatabaseUrl: url,
      systemDatabasePoolSize: POOL_SIZE,
      applicationName: APPLICATION,
    });
    await inParallel(count, async () => {
      await client.enqueue({ queueName: QUEUE, workflowName: 'one-step' }, PAYLOAD);
    });
    await client.destroy();
  }

  private async run(workflow: BenchWorkflow, steps: number): Promise<Payload> {
    if (workflow === 'loop') {
      return (await DBOS.startWorkflow(this.workflows.loop)(PAYLOAD, steps)).getResult();
    }
    return (await DBOS.startWorkflow(this.workflows[workflow])(PAYLOAD)).getResult();
  }
}
