import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BenchError } from './bench-error.js';
import { prepareContestants } from './contestants.js';
import { describeMachine, faultsOf } from './machine.js';
import { USAGE, parseOptions, type Options } from './options.js';
import { reportOf } from './report/report.js';
import { summarise } from './report/summary.js';
import { tableOf } from './report/table.js';
import { Rounds } from './rounds.js';
import { Launcher } from './run/launcher.js';
import { nodeFor } from './run/runtime.js';
import { Databases } from './server/databases.js';
import { openServer, type Server } from './server/server.js';

const tell = (line: string): void => console.error(line);

async function bench(options: Options, server: Server): Promise<void> {
  const node = nodeFor(options.engines);
  const launcher = new Launcher(node);
  const databases = await Databases.on(server.url);
  process.once('SIGINT', () => launcher.stop());
  process.once('SIGTERM', () => launcher.stop());
  try {
    const { admin } = databases;
    const machine = await describeMachine({ admin, origin: server.origin, node, engines: options.engines });
    tell(
      `PostgreSQL ${machine.postgres} (${machine.server}), Node ${machine.node}, ${machine.cores} cores, load ${machine.load}`,
    );
    for (const fault of faultsOf(machine)) tell(`Warning: ${fault}`);

    const contestants = await prepareContestants(options, databases, launcher);
    const rounds = await new Rounds(databases, launcher, tell).play(contestants, options);
    const summaries = summarise(rounds);
    console.log(`\n${tableOf(summaries)}`);
    if (options.json !== undefined) write(options.json, reportOf(machine, rounds, summaries));
    if (rounds.some(({ runs }) => runs.some(({ failure }) => failure !== undefined))) process.exitCode = 1;
  } finally {
    await databases.dropAll();
  }
}

/** Paths are meant from where npm was called, not from the package that it runs the script in. */
function write(path: string, content: unknown): void {
  const file = resolve(process.env['INIT_CWD'] ?? '.', path);
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
  tell(`Written to ${file}`);
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const server = await openServer(process.env['DATABASE_URL']);
  try {
    await bench(options, server);
  } finally {
    await server.stop();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof BenchError ? error.message : error);
  process.exitCode = 1;
});
