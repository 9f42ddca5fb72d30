import type { Client } from 'pg';

/** A statement as it goes over the wire, with the values of one execution. */
export interface SentStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** What a plan does with the tables: `index workflow_queue id`, `all of workers`. */
export type Plan = readonly string[];

export interface Plans {
  /** The plan for whatever values come. */
  readonly generic: Plan;
  /** What the server settles for by itself after six executions with these values. */
  readonly natural: Plan;
}

/** Asks the server how it carries out prepared statements. */
export class PlanExplorer {
  #statements = 0;

  constructor(private readonly client: Client) {}

  async plansOf(sent: SentStatement): Promise<Plans> {
    return { generic: await this.#plan(sent, 'force_generic_plan'), natural: await this.#plan(sent, 'auto') };
  }

  async #plan(sent: SentStatement, mode: string): Promise<Plan> {
    const name = `plan_${(this.#statements += 1)}`;
    await this.client.query(`SET plan_cache_mode = ${mode}`);
    await this.client.query(`PREPARE ${name} AS ${sent.text}`);
    const execute = `EXECUTE ${name}${await this.#literals(name, sent.values)}`;
    // Each EXPLAIN goes through the plan cache and counts as an execution there.
    for (let executions = 0; executions < 6; executions += 1) await this.client.query(`EXPLAIN ${execute}`);
    return await describePlan(this.client, execute);
  }

  /** EXECUTE takes literals: the server itself reads the values, binary or not, and writes them down. */
  async #literals(name: string, values: readonly unknown[]): Promise<string> {
    if (values.length === 0) return '';
    const { rows } = await this.client.query<{ types: string[] }>(
      `SELECT parameter_types::text[] AS types FROM pg_prepared_statements WHERE name = $1`,
      [name],
    );
    const types = rows[0]?.types ?? [];
    const literals: string[] = [];
    for (const [place, value] of values.entries()) {
      const read = await this.client.query<{ literal: string }>(
        `SELECT quote_nullable($1::${types[place]}::text) AS literal`,
        [value],
      );
      literals.push(read.rows[0]?.literal ?? 'NULL');
    }
    return `(${literals.join(', ')})`;
  }
}

/** How the server would carry out a statement, or an EXECUTE of a prepared one. */
export async function describePlan(client: Client, sql: string): Promise<Plan> {
  const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(`EXPLAIN (FORMAT JSON) ${sql}`);
  const root = rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (root === undefined) throw new Error('EXPLAIN gave no plan.');
  return [...describe(root, await indexesByName(client))];
}

/** Names of indexes are hashes; their columns say more. */
async function indexesByName(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; index: string }>(
    `SELECT indexname AS name, tablename || ' ' || substring(indexdef from '\\(([^)]*)\\)') AS index
     FROM pg_indexes WHERE schemaname = 'durable'`,
  );
  return new Map(rows.map(({ name, index }) => [name, index]));
}

function* describe(node: PlanNode, indexes: ReadonlyMap<string, string>): Iterable<string> {
  const index = node['Index Name'];
  const way = node['Node Type'] === 'Bitmap Index Scan' ? 'bitmap' : 'index';
  if (index !== undefined) yield `${way} ${indexes.get(index) ?? index}`;
  else if (node['Node Type'] === 'Seq Scan') yield `all of ${node['Relation Name']}`;
  else if (/^(Hash|Merge) Join$/.test(node['Node Type']) && readsTables(node)) yield node['Node Type'];
  for (const child of node.Plans ?? []) yield* describe(child, indexes);
}

/** A join of what the statement itself brings along is none of a table. */
function readsTables(node: PlanNode): boolean {
  return node['Relation Name'] !== undefined || (node.Plans ?? []).some(readsTables);
}
