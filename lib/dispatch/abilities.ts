import type { WorkflowDefinition } from '../definition/workflow-definition.js';

/** What a worker can run, by the small numbers that the database has for queues and for workflows. */
export class Abilities {
  readonly #queueNames: ReadonlyMap<number, string>;

  constructor(
    private readonly queueIds: ReadonlyMap<string, number>,
    private readonly definitions: ReadonlyMap<number, WorkflowDefinition>,
  ) {
    this.#queueNames = new Map([...queueIds].map(([name, id]) => [id, name]));
  }

  static readonly none = new Abilities(new Map(), new Map());

  get kinds(): number[] {
    return [...this.definitions.keys()];
  }

  queueId(name: string): number | undefined {
    return this.queueIds.get(name);
  }

  queueName(id: number): string | undefined {
    return this.#queueNames.get(id);
  }

  definition(kind: number): WorkflowDefinition | undefined {
    return this.definitions.get(kind);
  }
}
