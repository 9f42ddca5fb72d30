import { execution, FatalError, Pipeline, reportProgress, sleep, Step, While, Workflow } from 'nest-durable';
import type { RenderData, RenderRequest } from './job.js';
import { RenderFarm } from './render-farm.js';

const LONGEST_PAUSE_MS = 400;

/**
 * Asks an API until it is done. Each wait is a row in the database, so a restart in the middle neither loses nor repeats
 * a round. The rests here are short, to be watched, and are waited for in memory; during one of more than a second, be it
 * a minute or a day, nothing runs at all.
 */
@Workflow({ name: 'render_film' })
export class RenderWorkflow extends Pipeline<RenderRequest, RenderData> {
  constructor(private readonly farm: RenderFarm) {
    super();
  }

  @Step()
  async submit({ film, firstPauseMs }: RenderRequest) {
    const job = await this.farm.submit(film, execution().idempotencyKey);
    return { job, state: 'queued' as const, pauseMs: firstPauseMs };
  }

  @While({ do: ['rest', 'look'], max: 10 })
  isUnderWay({ state }: RenderData) {
    return state !== 'done';
  }

  @Step({ in: 'isUnderWay' })
  async rest({ pauseMs }: RenderData) {
    await sleep(pauseMs);
    return { pauseMs: Math.min(pauseMs * 2, LONGEST_PAUSE_MS) };
  }

  @Step({ in: 'isUnderWay', retry: { maxAttempts: 5 }, timeout: '10s' })
  async look({ job, film }: RenderData) {
    const { state, percent } = await this.farm.look(job);
    if (state === 'broken') throw new FatalError(`The farm has lost the job ${job}`);
    reportProgress(percent, `${film} is ${state}`);
    return { state, percent };
  }

  @Step()
  async download({ job }: RenderData) {
    return { file: await this.farm.download(job) };
  }
}
