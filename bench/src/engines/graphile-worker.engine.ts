import { Logger, WorkerPreset, makeWorkerUtils, run, type Runner } from 'graphile-worker';
import type { Bodies } from './bodies.js';
import type { Engine, OpenEngine } from './engine.js';
import { PAYLOAD, type Payload } from './payload.js';
import { WaitingRoom } from './waiting-room.js';

const TASK = 'one-step';
const FILL_BATCH = 5_000;

interface Ticketed extends Payload {
  readonly ticket: number;
}

/**
 * graphile-worker with the settings that its own performance page measures with: 24 jobs at a time over 25
 * connections, a local queue of 500 and batched completions. A caller is told when the job has run; the
 * harness then waits until all of them are recorded.
 */
export class GraphileWorkerEngine implements Engine {
  readonly unfinished = `SELECT count(*) FROM graphile_worker._private_jobs`;
  private readonly ran = new WaitingRoom<number>();
  private readonly logger = new Logger(() => () => {});
  private tickets = 0;

  constructor(private readonly bodies: Bodies) {}

  async open(url: string): Promise<OpenEngine> {
    const runner = await run({
      preset: {
        extends: [WorkerPreset],
        worker: {
          connectionString: url,
          concurrentJobs: 24,
          maxPoolSize: 25,
          pollInterval: 100,
          localQueue: { size: 500 },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
          logger: this.logger,
        },
      },
      parsedCronItems: [],
      noHandleSignals: true,
      taskList: {
        [TASK]: async (payload) => {
          await this.bodies.run();
          this.ran.call((payload as Ticketed).ticket);
        },
      },
    });
    return { run: () => this.run(runner), close: () => runner.stop() };
  }

  async fill(url: string, count: number): Promise<void> {
    const tools = await makeWorkerUtils({ connectionString: url, logger: this.logger });
    await tools.migrate();
    const job = { identifier: TASK, payload: { ...PAYLOAD, ticket: 0 } };
    for (let left = count; left > 0; left -= FILL_BATCH) {
      await tools.addJobs(Array.from({ length: Math.min(left, FILL_BATCH) }, () => job));
    }
    await tools.release();
  }

  private async run(runner: Runner): Promise<void> {
    const ticket = (this.tickets += 1);
    const ran = this.ran.enter(ticket);
    await runner.addJob(TASK, { ...PAYLOAD, ticket });
    await ran;
  }
}
