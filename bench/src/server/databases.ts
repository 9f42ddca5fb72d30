import pg from 'pg';

/** PostgreSQL 15 copies a template through the WAL unless told otherwise: slow for a large one. */
const COPIES_FILES_SINCE = 150_000;

/** Creates the databases of one benchmark, and drops every one of them. */
export class Databases {
  private readonly prefix = `durable_bench_${process.pid}`;
  private readonly made = new Set<string>();
  private clones = 0;

  private constructor(
    readonly admin: pg.Client,
    readonly adminUrl: string,
    private readonly copies: string,
  ) {}

  static async on(url: string): Promise<Databases> {
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    // A lost connection fails the next query, which is told; as an event it would end the process at once.
    admin.on('error', () => {});
    const found = await admin.query<{ server_version_num: string }>('SHOW server_version_num');
    const version = Number(found.rows[0]?.server_version_num ?? 0);
    return new Databases(admin, url, version >= COPIES_FILES_SINCE ? 'STRATEGY file_copy' : '');
  }

  /** A new, empty database; returns its URL. */
  async create(label: string): Promise<string> {
    return this.make(`${this.prefix}_${label.replace(/\W/g, '_')}`, '');
  }

  /** A copy of a database that nobody is connected to; returns its URL. */
  async cloneOf(template: string): Promise<string> {
    const name = `${this.prefix}_${(this.clones += 1)}`;
    return this.make(name, `TEMPLATE "${nameOf(template)}" ${this.copies}`);
  }

  async drop(url: string): Promise<void> {
    const name = nameOf(url);
    await this.admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    this.made.delete(name);
  }

  async dropAll(): Promise<void> {
    for (const name of this.made) await this.admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    this.made.clear();
    await this.admin.end();
  }

  private async make(name: string, how: string): Promise<string> {
    await this.admin.query(`CREATE DATABASE "${name}" ${how}`);
    this.made.add(name);
    const url = new URL(this.adminUrl);
    url.pathname = `/${name}`;
    return url.toString();
  }
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
