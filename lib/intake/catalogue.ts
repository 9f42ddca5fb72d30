import {
  describeKind,
  type KindDefaults,
  kindIdOf,
  latestKindOf,
  queueIdOf,
  queueNameOf,
} from '../storage/queries/names.query.js';
import type { Query } from '../storage/queries/query.js';

/** A workflow that no worker has registered yet. */
const UNHEARD_OF: KindDefaults = { version: 1, queue: 'default', priority: 0, timeout: null };

/** The small numbers that stand for queues and for workflows with their versions. They never change. */
export class Catalogue {
  readonly #queues = new Names();
  readonly #kinds = new Names();

  constructor(
    private readonly query: Query,
    private readonly schema: string,
  ) {}

  /** At once where it is known already. */
  queueId(name: string): number | Promise<number> {
    return this.#queues.get(name) ?? this.#queues.find(name, () => queueIdOf(this.query, this.schema, name));
  }

  /** What a queue's number stands for. */
  async queueName(id: number): Promise<string | undefined> {
    const known = this.#queues.nameOf(id) ?? (await queueNameOf(this.query, this.schema, id));
    if (known !== undefined) this.#queues.learn(known, id);
    return known;
  }

  /** At once where it is known already. */
  kindId(workflow: string, version: number): number | Promise<number> {
    const name = `${version} ${workflow}`;
    return (
      this.#kinds.get(name) ??
      this.#kinds.find(name, () => kindIdOf(this.query, this.schema, workflow, version))
    );
  }

  /** A workflow of this process, made known to those who start it by its name. */
  async register(workflow: string, defaults: KindDefaults): Promise<number> {
    const id = await this.kindId(workflow, defaults.version);
    await describeKind(this.query, this.schema, workflow, defaults);
    return id;
  }

  /** What is known of a workflow of another process: the highest version that any worker has registered. */
  async latest(workflow: string): Promise<KindDefaults> {
    return (await latestKindOf(this.query, this.schema, workflow)) ?? UNHEARD_OF;
  }
}

class Names {
  readonly #known = new Map<string, number>();
  readonly #finding = new Map<string, Promise<number>>();

  get(name: string): number | undefined {
    return this.#known.get(name);
  }

  nameOf(id: number): string | undefined {
    for (const [name, known] of this.#known) if (known === id) return name;
    return undefined;
  }

  learn(name: string, id: number): void {
    this.#known.set(name, id);
  }

  /** Asks once for all who ask; a look-up that failed is forgotten, so that the next one asks again. */
  find(name: string, ask: () => Promise<number>): Promise<number> {
    const finding = this.#finding.get(name);
    if (finding !== undefined) return finding;
    const asked = ask()
      .then((id) => {
        this.#known.set(name, id);
        return id;
      })
      .finally(() => this.#finding.delete(name));
    this.#finding.set(name, asked);
    return asked;
  }
}
