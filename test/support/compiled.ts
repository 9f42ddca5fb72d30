import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPILED, fromSetup } from './test-environment.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a process can start with: a source file as the setup of the run has compiled it. See compile.mjs. */
export function compiled(source: URL): string {
  return join(fromSetup(COMPILED), relative(root, fileURLToPath(source))).replace(/\.ts$/, '.js');
}
