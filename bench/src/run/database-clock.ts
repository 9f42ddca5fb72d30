import type pg from 'pg';

const READINGS = 20;

/** The database's clock seen from here, in milliseconds since 1970; this process counts with `performance.now()`. */
export class DatabaseClock {
  private constructor(
    private readonly ahead: number,
    /** By how much it may be wrong, either way. */
    readonly within: number,
  ) {}

  /** Of several readings the one that was answered soonest. To be read again before long: clocks drift. */
  static async read(client: pg.Client): Promise<DatabaseClock> {
    let best = new DatabaseClock(Number.NaN, Infinity);
    for (let reading = 0; reading < READINGS; reading += 1) {
      const sent = performance.now();
      const found = await client.query<{ now: number }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
      );
      const within = (performance.now() - sent) / 2;
      const now = found.rows[0]?.now ?? Number.NaN;
      if (within < best.within) best = new DatabaseClock(now - (sent + within), within);
    }
    return best;
  }

  /** What it shows when `performance.now()` is `here`. */
  at(here: number): number {
    return here + this.ahead;
  }

  /** What `performance.now()` is when it shows `time`. */
  when(time: number): number {
    return time - this.ahead;
  }
}
