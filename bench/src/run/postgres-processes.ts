import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import type pg from 'pg';

interface ProcessTimes {
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended and were waited for. */
  readonly ended: number;
}

/** The server's processes as /proc shows them; there is none of this for a server on another machine. */
export class PostgresProcesses {
  private constructor(
    private readonly postmaster: number,
    private readonly msPerTick: number,
  ) {}

  /** Looks the connection's backend up in /proc, and makes sure that it is one: pids of containers mislead. */
  static async behind(client: pg.Client): Promise<PostgresProcesses | undefined> {
    if (process.platform !== 'linux') return undefined;
    const found = await client.query<{ pid: number; database: string }>(
      'SELECT pg_backend_pid() AS pid, current_database() AS database',
    );
    const row = found.rows[0];
    if (row === undefined) return undefined;
    const times = timesOf(row.pid);
    const title = textOf(`/proc/${row.pid}/cmdline`);
    if (times === undefined || !title?.startsWith('postgres:') || !title.includes(row.database)) {
      return undefined;
    }
    const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
    return new PostgresProcesses(times.parent, 1_000 / ticksPerSecond);
  }

  /** User and system time of the postmaster, of every process under it, and of those that have ended. */
  cpuMs(): number {
    let ticks = 0;
    for (const entry of readdirSync('/proc')) {
      const pid = Number(entry);
      if (!Number.isInteger(pid)) continue;
      const times = timesOf(pid);
      if (times === undefined) continue;
      if (pid === this.postmaster) ticks += times.own + times.ended;
      else if (times.parent === this.postmaster) ticks += times.own;
    }
    return ticks * this.msPerTick;
  }
}

/** The fields of /proc/pid/stat after the name, which may itself hold blanks and brackets. */
function timesOf(pid: number): ProcessTimes | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const at = (index: number): number => Number(fields[index] ?? 0);
  return {
    parent: at(1),
    own: at(11) + at(12),
    ended: at(13) + at(14),
  };
}

/** A process may end between the listing and the reading. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
