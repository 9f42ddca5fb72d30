import { Test, type TestingModule } from '@nestjs/testing';
import { DurableClient } from 'nest-durable';
import { AppModule } from '../src/app.module.js';
import { Greeter } from '../src/greeter.js';
import { GreetingWorkflow } from '../src/greeting.workflow.js';

describe('a workflow under Vitest', () => {
  let app: TestingModule;

  beforeAll(async () => {
    app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    await app.init();
  });

  afterAll(async () => {
    await app.close();
  });

  it('runs as a whole', async () => {
    const handle = await app.get(DurableClient).start(GreetingWorkflow, { name: 'Ada' });
    expect(await handle.result()).toEqual({ name: 'Ada', greeting: 'Hello, Ada!' });
  });

  it('is a plain class, step by step', () => {
    expect(new GreetingWorkflow(new Greeter()).greet({ name: 'Bob' })).toEqual({ greeting: 'Hello, Bob!' });
  });
});
