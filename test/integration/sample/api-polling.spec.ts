import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DurableModule, FatalError, LoopLimitReached } from 'nest-durable';
import type { JobState } from '../../../sample/api-polling/job.js';
import { RenderFarm } from '../../../sample/api-polling/render-farm.js';
import { RenderWorkflow } from '../../../sample/api-polling/render.workflow.js';
import { RendersModule } from '../../../sample/api-polling/renders.module.js';
import { type DurableApp, startModules } from '../../support/durable-app.js';
import { createEmbeddedDirectory } from '../../support/embedded-template.js';
import { eventually } from '../../support/eventually.js';
import { causeOf } from '../../support/outcome.js';
import { runSample } from './sample-process.js';

/** A farm that is as far as the test says. */
class HeldFarm extends RenderFarm {
  percent = 0;
  asked = 0;

  override async look(): Promise<{ state: JobState; percent: number }> {
    this.asked += 1;
    return { state: this.percent === 100 ? 'done' : 'rendering', percent: this.percent };
  }
}

describe('The films of the sample', () => {
  let directory: string;
  let drop: () => Promise<void>;
  let app: DurableApp;

  beforeAll(async () => {
    ({ directory, drop } = await createEmbeddedDirectory());
  });

  afterEach(async () => {
    await app.close();
  });

  afterAll(() => drop());

  const open = async (farm: RenderFarm): Promise<DurableApp> =>
    await startModules({
      imports: [DurableModule.forRoot({ database: { embedded: directory } }), RendersModule.register(farm)],
    });

  it('are asked for until they are done, also by the process that comes after', async () => {
    const farm = new HeldFarm();
    app = await open(farm);
    await app.client.start(RenderWorkflow, { film: 'M', firstPauseMs: 5 }, { key: 'M' });
    await eventually(() => farm.asked >= 2);
    await app.close();
    const askedBefore = farm.asked;
    farm.percent = 100;

    app = await open(farm);
    const handle = await app.client.handle(RenderWorkflow, { key: 'M' });

    expect(await handle.result()).toMatchObject({ film: 'M', state: 'done', percent: 100 });
    expect(farm.asked).toBe(askedBefore + 1);
    const { steps = [], progress } = await app.client.getExecution(handle.id, { steps: true });
    const askings = steps.filter(({ kind }) => kind === 'while').map(({ output }) => output);
    expect(askings).toEqual([...Array.from({ length: farm.asked }, () => true), false]);
    expect(progress).toMatchObject({ percent: 100, message: 'M is done' });
  });

  it('are given up after ten rounds', async () => {
    const farm = new HeldFarm();
    app = await open(farm);

    const handle = await app.client.start(RenderWorkflow, { film: 'Endless', firstPauseMs: 1 });
    const { max } = await causeOf(handle, LoopLimitReached);

    expect(max).toBe(10);
    expect(farm.asked).toBe(10);
  });

  it('fail at once where the farm has lost the job', async () => {
    app = await open(
      new (class extends RenderFarm {
        override async submit(): Promise<string> {
          return 'nobody knows';
        }
      })(),
    );

    const handle = await app.client.start(RenderWorkflow, { film: 'Lost', firstPauseMs: 1 });

    const { message } = await causeOf(handle, FatalError);

    expect(message).toContain('has lost the job nobody knows');
  });
});

describe('npm run sample:api-polling', () => {
  it('asks on after the application was closed, and gives up where nothing comes', async () => {
    const { exitCode, printed, complaints } = await runSample('api-polling');

    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
    expect(printed).toContain('The application is closed');
    expect(printed).toContain('Metropolis is done: 100%');
    expect(printed).toMatch(/^render_film v1 .* completed in/m);
    expect(printed).toMatch(/^ +Metropolis +is in .*\.mp4$/m);
    expect(printed).toMatch(/^ +Endless +LoopLimitReached: .*ran 10 rounds/m);
    expect(printed).toMatch(/^ +10 looks$/m);
  }, 60_000);
});
