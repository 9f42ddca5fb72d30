import { execFile } from 'node:child_process';
import { compiled } from '../../support/compiled.js';

export interface SampleRun {
  readonly exitCode: number;
  readonly printed: string;
  /** What it had to complain about. */
  readonly complaints: string;
}

/** A sample in a process of its own, as its command starts it; from what the setup has compiled, so that nothing has to be built. */
export function runSample(name: string): Promise<SampleRun> {
  const main = compiled(new URL(`../../../sample/${name}/main.ts`, import.meta.url));
  return new Promise((resolve) => {
    const sample = execFile(process.execPath, [main], (_error, stdout, stderr) => {
      resolve({ exitCode: sample.exitCode ?? -1, printed: stdout, complaints: stderr });
    });
  });
}
