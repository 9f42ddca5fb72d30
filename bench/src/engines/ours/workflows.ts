import { Pipeline, Run, Step, Workflow, sleepUntil } from '../../../../dist/lib/index.js';
import { Bodies } from '../bodies.js';
import type { Payload } from '../payload.js';

@Workflow({ name: 'one_step' })
export class OneStepWorkflow extends Pipeline<Payload, Payload> {
  constructor(private readonly bodies: Bodies) {
    super();
  }

  @Step()
  async first(): Promise<Payload> {
    return this.bodies.run();
  }
}

@Workflow({ name: 'three_step' })
export class ThreeStepWorkflow extends Pipeline<Payload, Payload> {
  constructor(private readonly bodies: Bodies) {
    super();
  }

  @Step()
  async first(): Promise<Payload> {
    return this.bodies.run();
  }

  @Step()
  async second(): Promise<Payload> {
    return this.bodies.run();
  }

  @Step()
  async third(): Promise<Payload> {
    return this.bodies.run();
  }
}

export interface LoopInput extends Payload {
  readonly steps: number;
}

@Workflow({ name: 'loop' })
export class LoopWorkflow {
  constructor(private readonly bodies: Bodies) {}

  @Run()
  async run(input: LoopInput): Promise<Payload> {
    for (let done = 0; done < input.steps; done += 1) await this.work();
    return { text: input.text };
  }

  @Step()
  async work(): Promise<Payload> {
    return this.bodies.run();
  }
}

export interface SleeperInput extends Payload {
  /** Milliseconds since 1970. */
  readonly until: number;
}

@Workflow({ name: 'sleeper' })
export class SleeperWorkflow {
  constructor(private readonly bodies: Bodies) {}

  @Run()
  async run(input: SleeperInput): Promise<Payload> {
    await sleepUntil(new Date(input.until));
    return this.work();
  }

  @Step()
  async work(): Promise<Payload> {
    return this.bodies.run();
  }
}
