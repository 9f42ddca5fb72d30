import { Run } from '../../lib/decorators/run.decorator.js';
import { Step } from '../../lib/decorators/step.decorator.js';
import { Workflow } from '../../lib/decorators/workflow.decorator.js';
import type { InputOf, OutputOf } from '../../lib/definition/workflow-class.js';
import { holds, type Same } from './expect.js';

export class Mail {
  @Step({ retry: { maxAttempts: 5 } })
  async welcome(to: string): Promise<{ messageId: string }> {
    return { messageId: to };
  }

  // @ts-expect-error Outside a Pipeline a step is async
  @Step()
  render(text: string) {
    return text;
  }

  // @ts-expect-error Outside a Pipeline a step is async
  @Step()
  async *stream() {
    yield 1;
  }

  // @ts-expect-error is not assignable to parameter of type
  @Step()
  get size() {
    return 1;
  }
}

export class OnboardingDto {
  userId!: string;
}

@Workflow({ timeout: '1d', input: OnboardingDto })
export class Onboarding {
  constructor(private readonly mail: Mail) {}

  @Run()
  async run(input: { userId: string }) {
    const { messageId } = await this.mail.welcome(input.userId);
    return { messageId, days: await this.count(3, 'days') };
  }

  // What a step takes and returns is its own affair here.
  @Step()
  async count(n: number, _unit: string) {
    return n;
  }

  @Step()
  private async hidden() {
    return this.mail;
  }

  reachable() {
    return this.hidden();
  }
}

holds<Same<InputOf<Onboarding>, { userId: string }>>();
holds<Same<OutputOf<Onboarding>, { messageId: string; days: number }>>();

@Workflow()
export class NoInput {
  @Run()
  async run() {
    return 5;
  }
}

@Workflow()
export class MaybeInput {
  @Run()
  async run(input?: { since: Date }) {
    return input?.since;
  }
}

holds<Same<InputOf<NoInput>, void>>();
holds<Same<OutputOf<NoInput>, number>>();
holds<Same<InputOf<MaybeInput>, { since: Date } | undefined>>();
holds<Same<InputOf<Mail>, never>>();
holds<Same<OutputOf<Mail>, never>>();

export class Misuses {
  // @ts-expect-error @Run() belongs on the method 'run'
  @Run()
  async runs() {}

  // @ts-expect-error A run method is async and takes one parameter, the input
  @Run()
  run(input: { userId: string }) {
    return input;
  }
}

export class TakesTwo {
  // @ts-expect-error A run method is async and takes one parameter, the input
  @Run()
  async run(_input: string, _more: string) {}
}

// @ts-expect-error The class in `input` does not fit the input of the workflow
@Workflow({ input: OnboardingDto })
export class TakesNoInput {
  @Run()
  async run() {}
}

// @ts-expect-error Only a Pipeline has `output`: a run method returns its output
@Workflow({ output: 'summary' })
export class HasOutput {
  @Run()
  async run() {}

  summary() {}
}

// @ts-expect-error A workflow extends Pipeline, or marks its method run with @Run()
@Workflow()
export class HidesRun {
  @Run()
  private async run() {}

  reachable() {
    return this.run();
  }
}
