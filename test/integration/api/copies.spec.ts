import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execution, Pipeline, Run, Step, step, Workflow } from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { Gate } from '../../support/gate.js';
import { HASTY, restartAt } from '../../support/restart.js';

let seen: unknown[] = [];
let gate = new Gate();

interface Cart {
  name: string;
  items: string[];
}

@Workflow()
class Vandal extends Pipeline<Cart> {
  @Step()
  scribble(data: Cart) {
    data.name = 'scribbled';
    data.items.push('scribbled');
  }

  @Step()
  look(data: Cart) {
    seen.push({ ...data, items: [...data.items] });
  }
}

@Workflow()
class VandalThatFails extends Pipeline<Cart> {
  @Step({ retry: { base: 0 } })
  scribble(data: Cart) {
    seen.push({ ...data, items: [...data.items] });
    data.name = 'scribbled';
    data.items.push('scribbled');
    if (seen.length < 2) throw new Error('Try again');
  }
}

@Workflow()
class ReturnsItsData extends Pipeline<Cart, Cart & { copy?: string[] }> {
  @Step()
  share(data: Cart) {
    return { copy: data.items };
  }

  @Step()
  scribble(data: Cart) {
    data.items.push('scribbled');
  }
}

@Workflow({ output: 'summary' })
class VandalOutput extends Pipeline<Cart, Cart, Cart> {
  @Step()
  pass() {}

  summary(data: Cart): Cart {
    data.items.push('from the output');
    return data;
  }
}

@Workflow()
class ReadsItsInput {
  @Run()
  async run(input: Cart) {
    input.items.push('scribbled');
    await this.gate();
    return { input: execution().input, passed: input.items };
  }

  @Step()
  async gate() {
    await gate.pass(execution().signal);
  }
}

@Workflow()
class KeepsResults {
  @Run()
  async run() {
    const returned: string[] = ['a'];
    const delivered = await step('list', () => returned);
    // What the step returned has been recorded: what its body still holds is another object.
    returned.push('b');
    await step('gate', () => gate.pass(execution().signal));
    return delivered;
  }
}

const PROVIDERS = [Vandal, VandalThatFails, ReturnsItsData, VandalOutput, ReadsItsInput, KeepsResults];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    seen = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('What a step does to its data', () => {
    it('changes nothing for the next step', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(Vandal, { name: 'cart', items: ['a'] });
      expect(await handle.result()).toEqual({ name: 'cart', items: ['a'] });
      expect(seen).toEqual([{ name: 'cart', items: ['a'] }]);
    });

    it('changes nothing for its next attempt', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(VandalThatFails, { name: 'cart', items: ['a'] });
      await handle.result();
      expect(seen).toEqual([
        { name: 'cart', items: ['a'] },
        { name: 'cart', items: ['a'] },
      ]);
    });

    it('changes nothing of what an earlier step returned', async () => {
      const { client } = await database.start(PROVIDERS);
      const handle = await client.start(ReturnsItsData, { name: 'cart', items: ['a'] });
      expect(await handle.result()).toEqual({ name: 'cart', items: ['a'], copy: ['a'] });
    });
  });

  it('What a caller does to the input after the start changes nothing', async () => {
    const { client } = await database.start(PROVIDERS);
    const input: Cart = { name: 'cart', items: ['a'] };
    const starting = client.start(Vandal, input);
    input.items.push('too late');
    const { id } = await starting;
    expect((await client.getExecution(id)).input).toEqual({ name: 'cart', items: ['a'] });
  });

  it('The output method may do to the data what it likes', async () => {
    const { client } = await database.start(PROVIDERS);
    const handle = await client.start(VandalOutput, { name: 'cart', items: ['a'] });
    expect(await handle.result()).toEqual({ name: 'cart', items: ['a', 'from the output'] });
    const { input } = await client.getExecution(handle.id);
    expect(input).toEqual({ name: 'cart', items: ['a'] });
  });

  it('The input that execution() shows is the one of the start, whatever the run method did to its own', async () => {
    const first = await database.start(PROVIDERS, HASTY);
    const { id } = await first.client.start(ReadsItsInput, { name: 'cart', items: ['a'] });
    const second = await restartAt(gate, first, database, PROVIDERS);
    const handle = await second.client.handle(ReadsItsInput, { id });
    expect(await handle.result()).toEqual({
      input: { name: 'cart', items: ['a'] },
      passed: ['a', 'scribbled'],
    });
  });

  it('What a body still does to an object that it returned reaches nobody', async () => {
    const first = await database.start(PROVIDERS, HASTY);
    const { id } = await first.client.start(KeepsResults);
    const second = await restartAt(gate, first, database, PROVIDERS);
    expect(await (await second.client.handle(KeepsResults, { id })).result()).toEqual(['a']);
  });
});
