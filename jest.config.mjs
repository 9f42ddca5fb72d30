import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Jest imports these two itself, without the transform below: a missing one would end the run. */
function ifPresent(option, file) {
  return existsSync(fileURLToPath(new URL(file, import.meta.url))) ? { [option]: `<rootDir>/${file}` } : {};
}

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/{unit,integration,crash}/**/*.spec.ts'],
  testTimeout: 30_000,
  // Most of their time the tests wait for something: two at once, also where there are only two cores.
  maxWorkers: 2,
  // What a file leaves behind stays in its worker: the modules of its sandbox, and each AsyncLocalStorage, which Node
  // asks at every promise from then on. So a worker is replaced before the leftovers take more time than a new one.
  workerIdleMemoryLimit: '600MB',
  extensionsToTreatAsEsm: ['.ts'],
  // What processes are compiled to has a package of the same name.
  modulePathIgnorePatterns: ['<rootDir>/build/'],
  transform: { '^.+\\.ts$': '@swc/jest' }, // by .swcrc
  moduleNameMapper: {
    '^nest-durable$': '<rootDir>/lib/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  reporters: ['default', '<rootDir>/test/support/closing-line.reporter.mjs'],
  ...ifPresent('globalSetup', 'test/support/global-setup.mjs'),
  ...ifPresent('globalTeardown', 'test/support/global-teardown.mjs'),
};
