import { isName } from '../definition/option.checks.js';
import { InvalidDuration } from '../errors/option.error.js';
import { type Duration, toMilliseconds } from '../time/duration.js';

/** @publicApi */
export interface QueueOptions {
  /**
   * How many executions of this queue the process runs at once.
   *
   * @default 10
   */
  readonly concurrency?: number;
  /**
   * How often the process looks for work that it was not told of.
   *
   * @default the `pollInterval` of the module
   */
  readonly pollInterval?: Duration;
}

/** What this process runs, and how. */
export interface DispatchOptions {
  /**
   * Whether this process runs executions. With false it only starts, reads and signals them.
   *
   * @default true
   */
  readonly worker?: boolean;
  /**
   * The queues that this process works for.
   *
   * @default { default: { concurrency: 10 } }
   */
  readonly queues?: Readonly<Record<string, QueueOptions>>;
  /**
   * How long a process may be silent before others take over what it ran.
   *
   * @default '30s'
   */
  readonly lease?: Duration;
  /**
   * How often the process looks for work, for what is due and for results that it was not told of.
   *
   * @default '1s'
   */
  readonly pollInterval?: Duration;
  /**
   * How long a shutdown waits for the steps that run. In the last third of it their signals are aborted.
   *
   * @default '10s'
   */
  readonly shutdownTimeout?: Duration;
}

export interface ResolvedQueue {
  readonly concurrency: number;
  readonly pollInterval: number;
}

/** With every default filled in; durations in milliseconds. */
export interface ResolvedDispatch {
  readonly worker: boolean;
  readonly queues: ReadonlyMap<string, ResolvedQueue>;
  readonly lease: number;
  readonly pollInterval: number;
  readonly shutdownTimeout: number;
}

const DEFAULT_CONCURRENCY = 10;
const MOST_CONCURRENCY = 10_000;
const SHORTEST = { lease: 1_000, pollInterval: 10, shutdownTimeout: 0 } as const;

export const dispatchOptionNames = [
  'worker',
  'queues',
  'lease',
  'pollInterval',
  'shutdownTimeout',
] as const satisfies (keyof DispatchOptions)[];

/** Fills in the defaults; what is wrong is added to `faults`. */
export function resolveDispatch(options: DispatchOptions, faults: string[]): ResolvedDispatch {
  const duration = (name: string, value: Duration | undefined, otherwise: number, least: number): number => {
    const milliseconds = readDuration(name, value ?? otherwise, faults);
    if (milliseconds < least) faults.push(`${name} is at least ${least} ms`);
    return milliseconds;
  };
  const { worker = true, queues = { default: {} } } = options;
  if (typeof worker !== 'boolean') faults.push('worker is true or false');
  const pollInterval = duration('pollInterval', options.pollInterval, 1_000, SHORTEST.pollInterval);
  return {
    worker,
    queues: resolveQueues(queues, pollInterval, duration, faults),
    lease: duration('lease', options.lease, 30_000, SHORTEST.lease),
    pollInterval,
    shutdownTimeout: duration('shutdownTimeout', options.shutdownTimeout, 10_000, SHORTEST.shutdownTimeout),
  };
}

function resolveQueues(
  queues: Readonly<Record<string, QueueOptions>>,
  pollInterval: number,
  duration: (name: string, value: Duration | undefined, otherwise: number, least: number) => number,
  faults: string[],
): Map<string, ResolvedQueue> {
  const resolved = new Map<string, ResolvedQueue>();
  if (typeof queues !== 'object' || queues === null) {
    faults.push('queues is an object: { default: { concurrency: 10 } }');
    return resolved;
  }
  if (Object.keys(queues).length === 0)
    faults.push('queues names no queue; leave it out for the default one');
  for (const [name, queue] of Object.entries(queues)) {
    const where = `queues.${name}`;
    const nameFault = isName(name);
    if (nameFault !== undefined)
      faults.push(`queues: a name must be ${nameFault}, not ${JSON.stringify(name)}`);
    if (typeof queue !== 'object' || queue === null) {
      faults.push(`${where} is an object: { concurrency: 10 }`);
      continue;
    }
    const { concurrency = DEFAULT_CONCURRENCY, pollInterval: own, ...unknown } = queue;
    for (const option of Object.keys(unknown)) faults.push(`${where} has no option '${option}'`);
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_CONCURRENCY) {
      faults.push(`${where}.concurrency is a whole number from 1 to ${MOST_CONCURRENCY}`);
    }
    resolved.set(name, {
      concurrency,
      pollInterval: duration(`${where}.pollInterval`, own, pollInterval, SHORTEST.pollInterval),
    });
  }
  return resolved;
}

function readDuration(name: string, value: Duration, faults: string[]): number {
  try {
    return toMilliseconds(value, name);
  } catch (error) {
    if (!(error instanceof InvalidDuration)) throw error;
    faults.push(error.message);
    return Infinity;
  }
}
