import {
  race,
  Run,
  sleep,
  step,
  waitForBroadcast,
  waitForEvent,
  waitForText,
  Workflow,
} from '../../../lib/index.js';

export interface WaitingOrder {
  /** How many events, or answers, it waits for. */
  readonly count: number;
  /** How long it sleeps between them. */
  readonly pause: number;
}

/** Takes so many events, in a step and outside of one, and gives their numbers in the order in which it got them. */
@Workflow({ name: 'collector' })
export class CollectorWorkflow {
  @Run()
  async run({ count, pause }: WaitingOrder): Promise<number[]> {
    const taken: number[] = [];
    const half = Math.floor(count / 2);
    while (taken.length < half) {
      taken.push(await waitForEvent<number>('number'));
      if (taken.length % 3 === 0) await sleep(pause);
    }
    const inside = await step('inside', async () => {
      const got: number[] = [];
      while (got.length < count - half) got.push(await waitForEvent<number>('number'));
      return got;
    });
    return [...taken, ...inside];
  }
}

/** Asks so many times, and gives the answers. */
@Workflow({ name: 'asker' })
export class AskerWorkflow {
  @Run()
  async run({ count, pause }: WaitingOrder): Promise<string[]> {
    const answers: string[] = [];
    while (answers.length < count) {
      const answer = await waitForText('question', { timeout: '10m', timeoutValue: 'nobody' });
      answers.push(answer);
      if (answers.length % 2 === 0) await sleep(pause);
    }
    return answers;
  }
}

/** Asks with little time for the answer: gives what it was told, or that nobody came, each time. */
@Workflow({ name: 'impatient' })
export class ImpatientWorkflow {
  @Run()
  async run({ count, pause }: WaitingOrder): Promise<string[]> {
    const answers: string[] = [];
    while (answers.length < count) {
      answers.push(await waitForText('question', { timeout: Math.max(1, pause), timeoutValue: 'nobody' }));
    }
    return answers;
  }
}

/** Two kinds of events race each other, until all of both have come; gives which came, in order. */
@Workflow({ name: 'racer' })
export class RacerWorkflow {
  @Run()
  async run({ count }: WaitingOrder): Promise<number[]> {
    const taken: number[] = [];
    while (taken.length < count) {
      const { value } = await race({
        number: waitForEvent<number>('number'),
        other: waitForEvent<number>('other'),
      });
      taken.push(value);
    }
    return taken;
  }
}

/** Waits for a broadcast of its scope. */
@Workflow({ name: 'listener' })
export class ListenerWorkflow {
  @Run()
  async run({ scope }: { scope: string }): Promise<unknown> {
    return await waitForBroadcast('news', { scope });
  }
}

export const waitWorkflows = [
  CollectorWorkflow,
  AskerWorkflow,
  ImpatientWorkflow,
  RacerWorkflow,
  ListenerWorkflow,
] as const;
