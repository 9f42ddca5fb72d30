import { Pipeline, Step, Workflow } from 'nest-durable';
import { Greeter } from './greeter.js';

export interface Visitor {
  name: string;
}

export interface Greeting extends Visitor {
  greeting: string;
}

@Workflow()
export class GreetingWorkflow extends Pipeline<Visitor, Greeting> {
  constructor(private readonly greeter: Greeter) {
    super();
  }

  @Step()
  greet({ name }: Visitor) {
    return { greeting: this.greeter.greet(name) };
  }
}
