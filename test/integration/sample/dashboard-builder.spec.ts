import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DashboardWorkflow } from '../../../sample/dashboard-builder/dashboard.workflow.js';
import { DashboardsModule } from '../../../sample/dashboard-builder/dashboards.module.js';
import { Sources } from '../../../sample/dashboard-builder/sources.js';
import type { DurableApp } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';
import { causeOf } from '../../support/outcome.js';
import { runSample } from './sample-process.js';
import { startSample } from './start-sample.js';

describe('The dashboards of the sample', () => {
  let app: DurableApp;
  let sources: Sources;

  beforeAll(async () => {
    app = await startSample(DashboardsModule);
    sources = app.module.get(Sources, { strict: false });
  }, 60_000);

  afterAll(async () => {
    await app.close();
  });

  it('leave the place of a widget empty that cannot be had', async () => {
    const { profit, widgets, empty, page } = await (
      await app.client.start(DashboardWorkflow, { company: 'Globex' })
    ).result();

    expect({ profit, widgets, empty }).toEqual({
      profit: 16_300,
      widgets: { weather: '21 degrees, clear', birthdays: 'Ada is 36 today' },
      empty: ['loadNews (503 Service Unavailable)'],
    });
    expect(page).toMatch(/^Globex made 16,300/);
  });

  it('load everything at once', async () => {
    const gate = new Gate();
    const held = async (): Promise<string> => {
      await gate.pass();
      return 'there';
    };
    for (const widget of ['weather', 'news', 'birthdays'] as const) {
      jest.spyOn(sources, widget).mockImplementation(held);
    }
    for (const figure of ['sales', 'costs'] as const) {
      jest.spyOn(sources, figure).mockImplementation(async () => (await held()).length);
    }
    const handle = await app.client.start(DashboardWorkflow, { company: 'Hooli' });

    await gate.reached(5);
    gate.open();

    expect(await handle.result()).toMatchObject({ profit: 0, empty: [] });
    jest.restoreAllMocks();
  });

  it('are not built without a figure, and nobody waits for the others', async () => {
    const gate = new Gate();
    const told: unknown[] = [];
    const held = jest.spyOn(sources, 'sales').mockImplementation(async (_company, signal) => {
      await gate.pass(signal).catch((reason: unknown) => told.push(reason));
      throw signal.reason;
    });
    jest.spyOn(sources, 'costs').mockImplementation(async () => {
      await gate.reached();
      throw new TypeError('The books are gone');
    });
    const handle = await app.client.start(DashboardWorkflow, { company: 'Initech' });

    const error = await causeOf(handle, TypeError);

    expect(error.message).toBe('The books are gone');
    expect(told).toEqual([expect.objectContaining({ message: expect.stringContaining('figures') })]);
    expect(held).toHaveBeenCalledTimes(1);
    jest.restoreAllMocks();
  });
});

describe('npm run sample:dashboard-builder', () => {
  it('builds one dashboard with an empty place, and none without the costs', async () => {
    const { exitCode, printed, complaints } = await runSample('dashboard-builder');

    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
    expect(printed).toMatch(/^build_dashboard v1 .* completed in/m);
    expect(printed).toMatch(/^ +page +Globex made 16,300 .*weather.*birthdays/m);
    expect(printed).toMatch(/^ +empty +loadNews \(503 Service Unavailable\)$/m);
    expect(printed).toMatch(/^build_dashboard v1 .* failed in/m);
    expect(printed).toContain('throws Error: The books of Initech are gone');
    expect(printed).toMatch(/^ +given up .*sales of Initech/m);
  }, 60_000);
});
