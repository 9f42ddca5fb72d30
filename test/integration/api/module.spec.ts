import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Injectable, Module, type OnModuleInit, Scope } from '@nestjs/common';
import { Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import {
  DurableClient,
  DurableModule,
  type DurableOptions,
  InvalidDefinition,
  RequestScopedWorkflow,
  Run,
  Step,
  Workflow,
} from 'nest-durable';
import { onEachDatabase } from '../../support/api-database.js';
import { type DurableApp, startApp, startModules } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { logs } from '../../support/log-book.js';
import { failureOf } from '../../support/outcome.js';

let ticks = 0;

@Workflow()
class Greet {
  @Run()
  async run(name: string) {
    return `Hello ${name}`;
  }
}

@Injectable()
class StartsAtInit implements OnModuleInit {
  result: Promise<string> | undefined;

  constructor(private readonly client: DurableClient) {}

  async onModuleInit(): Promise<void> {
    const handle = await this.client.start(Greet, 'init');
    this.result = handle.result();
  }
}

@Injectable()
class Ticker {
  @Interval('of the application', 20)
  tick(): void {
    ticks += 1;
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {}

@Workflow()
class NeedsRequest {
  constructor(readonly perRequest: PerRequest) {}

  @Run()
  async run() {}
}

@Workflow()
class TwiceWrong {
  @Run()
  async run() {}

  @Step({ retry: { maxAttempts: 0 } })
  async first() {}

  @Step({ timeout: 'soon' })
  async second() {}
}

@Injectable()
class DatabaseChoice {
  static options: DurableOptions = {};

  createDurableOptions(): DurableOptions {
    return DatabaseChoice.options;
  }
}

@Global()
@Module({ providers: [DatabaseChoice], exports: [DatabaseChoice] })
class ChoiceModule {}

onEachDatabase((database) => {
  let app: DurableApp | undefined;
  const start = async (...args: Parameters<typeof startModules>): Promise<DurableApp> => {
    app = await startModules(...args);
    return app;
  };

  beforeEach(() => {
    logs.clear();
    DatabaseChoice.options = { database: database.options };
  });
  afterEach(async () => {
    await app?.close();
    await database.closeApps();
  });

  describe('DurableModule.forRootAsync()', () => {
    it.each([
      [
        'useFactory',
        () =>
          DurableModule.forRootAsync({
            imports: [ChoiceModule],
            inject: [DatabaseChoice],
            useFactory: async (choice: DatabaseChoice) => Promise.resolve(choice.createDurableOptions()),
          }),
      ],
      ['useClass', () => DurableModule.forRootAsync({ useClass: DatabaseChoice })],
      [
        'useExisting',
        () => DurableModule.forRootAsync({ imports: [ChoiceModule], useExisting: DatabaseChoice }),
      ],
    ])('takes its options with %s', async (_, imported) => {
      const { client } = await start({ imports: [imported()], providers: [Greet] });
      expect(await (await client.start(Greet, 'async')).result()).toBe('Hello async');
    });

    it('takes isGlobal beside the options', async () => {
      const { client } = await start({
        imports: [DurableModule.forRootAsync({ isGlobal: false, useClass: DatabaseChoice })],
        providers: [Greet],
      });
      expect(await (await client.start(Greet, 'here')).result()).toBe('Hello here');
    });
  });

  describe('An application', () => {
    it('says at boot in one line what runs', async () => {
      await database.start([Greet], { queues: { default: { concurrency: 4 }, reports: { concurrency: 2 } } });
      const [line, ...others] = logs.lines('log').filter((each) => each.startsWith('Durable ready'));
      expect(others).toEqual([]);
      const where = database.kind === 'PGlite' ? 'embedded .+' : 'postgres durable_test_\\w+ at .+:\\d+';
      expect(line).toMatch(
        new RegExp(`^Durable ready: 1 workflow, 2 queues \\(6 slots\\), schema v\\d+, ${where}$`),
      );
      expect(line).not.toContain('postgres@');
    });

    it('may start executions while it initialises', async () => {
      const { module } = await database.start([Greet, StartsAtInit]);
      expect(await module.get(StartsAtInit).result).toBe('Hello init');
    });

    it('without a worker only starts, and leaves the work to others', async () => {
      const first = await database.start([Greet], { worker: false });
      const { id } = await first.client.start(Greet, 'later');
      expect(await first.client.getExecution(id)).toMatchObject({ status: 'pending' });
      expect(logs.lines('log').find((each) => each.startsWith('Durable ready'))).toContain('no worker');
      await first.close();
      const second = await database.start([Greet]);
      expect(await (await second.client.handle(Greet, { id })).result()).toBe('Hello later');
    });

    it('warns of nothing while it works and closes', async () => {
      const { client, close } = await database.start([Greet]);
      await (await client.start(Greet, 'quiet')).result();
      await close();
      expect(logs.lines('warn')).toEqual([]);
      expect(logs.lines('error')).toEqual([]);
    });
  });

  describe('The timers of the engine', () => {
    it('stand in the SchedulerRegistry of the application under its name, and are gone after the end', async () => {
      const { module, close } = await start({
        imports: [ScheduleModule.forRoot(), DurableModule.forRoot({ database: database.options })],
        providers: [Greet],
      });
      const registry = module.get(SchedulerRegistry, { strict: false });
      const names = [...registry.getIntervals(), ...registry.getTimeouts(), ...registry.getCronJobs().keys()];
      const ours = names.filter((name) => name.startsWith('durable:'));
      expect(ours.length).toBeGreaterThan(3);
      expect(ours).toEqual(expect.arrayContaining([expect.stringContaining('reaper')]));
      await close();
      const left = [...registry.getIntervals(), ...registry.getTimeouts(), ...registry.getCronJobs().keys()];
      expect(left.filter((name) => name.startsWith('durable:'))).toEqual([]);
    });

    it('work beside a ScheduleModule of the application', async () => {
      ticks = 0;
      const { client, module } = await start({
        imports: [ScheduleModule.forRoot(), DurableModule.forRoot({ database: database.options })],
        providers: [Greet, Ticker],
      });
      expect(await (await client.start(Greet, 'schedule')).result()).toBe('Hello schedule');
      await eventually(() => ticks >= 2);
      const perTick = module.get(SchedulerRegistry, { strict: false }).getIntervals();
      expect(perTick.filter((name) => name === 'of the application')).toHaveLength(1);
    });
  });

  it('leaves the jobs of the application to its own ScheduleModule, and shares its registry', async () => {
    const { module } = await start({
      imports: [
        ScheduleModule.forRoot({ intervals: false }),
        DurableModule.forRoot({ database: database.options }),
      ],
      providers: [Greet, Ticker],
    });
    const names = module.get(SchedulerRegistry, { strict: false }).getIntervals();
    expect(names).not.toContain('of the application');
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('durable:')]));
  });

  describe('A boot is refused', () => {
    it('with a request-scoped workflow, saying which and what to do', async () => {
      const failure = await failureOf(
        startApp({ database: database.options }, [NeedsRequest, PerRequest]),
        RequestScopedWorkflow,
      );
      expect(failure.className).toBe('NeedsRequest');
      expect(failure.message).toContain('PerRequest');
    });

    it('with a wrong workflow, with all its faults', async () => {
      const failure = await failureOf(
        startApp({ database: database.options }, [TwiceWrong]),
        InvalidDefinition,
      );
      expect(failure.faults).toHaveLength(2);
    });
  });
});
