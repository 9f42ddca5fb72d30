import type { EntityManager } from 'typeorm';
import { InvalidArgument } from '../errors/option.error.js';
import { RootManagerRefused, TransactionNotActive } from '../errors/start.error.js';
import { attributeFault, type AttributeValue } from '../intake/attributes.js';
import { isPlainObject } from '../serialization/plain.js';
import { type Duration, toMilliseconds } from '../time/duration.js';
import { isStorableTime, LONGEST_WAIT } from '../time/limits.js';

/** @publicApi */
export interface StartOptions {
  /**
   * Your own identity for the execution, unique per workflow for as long as the execution is kept, whatever its
   * status. Starting again with the same key and an equal input gives the same execution; another input is a
   * KeyConflict.
   */
  key?: string;
  /** @default the queue of the workflow */
  queue?: string;
  /**
   * From -100 to 100, the higher the sooner. A point is worth a minute of waiting.
   *
   * @default the priority of the workflow
   */
  priority?: number;
  /** Not before this moment. */
  startAt?: Date;
  /** Not before this much time has passed. */
  delay?: Duration;
  /** If no worker has begun it this long after it could have begun, it ends as cancelled, with StartExpired. */
  expiresIn?: Duration;
  /** @default the timeout of the workflow */
  timeout?: Duration;
  /** What listings can be filtered by. */
  attributes?: Readonly<Record<string, AttributeValue>>;
  /**
   * The EntityManager of a transaction: the start is committed with the caller's writes, or rolled back with them.
   */
  manager?: EntityManager;
}

/** What `startMany` takes: a key is made for each input. */
export interface StartManyOptions<Input> extends Omit<StartOptions, 'key'> {
  key?: (input: Input, index: number) => string;
}

/** The options of a start, checked; times in milliseconds, undefined where the workflow's own value counts. */
export interface CheckedStartOptions {
  readonly key: string | null;
  readonly queue: string | undefined;
  readonly priority: number | undefined;
  readonly startAt: number | undefined;
  readonly delay: number | undefined;
  readonly expiresIn: number | undefined;
  readonly timeout: number | undefined;
  readonly attributes: string | null;
  readonly manager: EntityManager | undefined;
}

const KNOWN = new Set<string>([
  'key',
  'queue',
  'priority',
  'startAt',
  'delay',
  'expiresIn',
  'timeout',
  'attributes',
  'manager',
] satisfies (keyof StartOptions)[]);

const LONGEST_KEY = 512;

/** @throws InvalidArgument, InvalidDuration, RootManagerRefused, TransactionNotActive */
export function checkStartOptions(options: StartOptions, fn = 'start()'): CheckedStartOptions {
  const given: unknown = options;
  if (!isPlainObject(given)) throw new InvalidArgument(fn, 'its options are a plain object');
  const unknown = Object.keys(options).filter((option) => !KNOWN.has(option));
  if (unknown.length > 0) throw new InvalidArgument(fn, `it has no option '${unknown.join("', '")}'`);
  const { key, queue, priority, startAt, delay, expiresIn, timeout, attributes, manager } = options;
  if (startAt !== undefined && delay !== undefined) {
    throw new InvalidArgument(fn, "'startAt' and 'delay' exclude each other");
  }
  return {
    key: key === undefined ? null : keyText(fn, 'key', key),
    queue: queue === undefined ? undefined : text(fn, 'queue', queue, 200),
    priority: priority === undefined ? undefined : checkedPriority(fn, priority),
    startAt: startAt === undefined ? undefined : moment(fn, startAt),
    delay: delay === undefined ? undefined : bounded(fn, 'delay', delay),
    expiresIn: expiresIn === undefined ? undefined : positive(fn, 'expiresIn', expiresIn),
    timeout: timeout === undefined ? undefined : positive(fn, 'timeout', timeout),
    attributes: attributes === undefined ? null : attributesText(fn, attributes),
    manager: manager === undefined ? undefined : inTransaction(fn, manager),
  };
}

/** A caller's own identity for something. */
export function keyText(fn: string, option: string, key: unknown): string {
  return text(fn, option, key, LONGEST_KEY);
}

function text(fn: string, option: string, value: unknown, longest: number): string {
  const right =
    typeof value === 'string' &&
    value !== '' &&
    value.length <= longest &&
    value.isWellFormed() &&
    !value.includes('\0');
  if (!right) {
    throw new InvalidArgument(
      fn,
      `'${option}' is a text of 1 to ${longest} characters without NUL and lone surrogates`,
    );
  }
  return value;
}

function checkedPriority(fn: string, priority: number): number {
  if (!Number.isInteger(priority) || Math.abs(priority) > 100) {
    throw new InvalidArgument(fn, `'priority' is a whole number from -100 to 100, not ${String(priority)}`);
  }
  return priority;
}

function moment(fn: string, value: Date): number {
  const time = Object.prototype.toString.call(value) === '[object Date]' ? value.getTime() : NaN;
  if (!isStorableTime(time)) throw new InvalidArgument(fn, `'startAt' is a valid Date, not ${String(value)}`);
  return time;
}

function bounded(fn: string, option: string, value: Duration): number {
  const milliseconds = toMilliseconds(value, option);
  if (milliseconds > LONGEST_WAIT) throw new InvalidArgument(fn, `'${option}' is longer than 100 years`);
  return milliseconds;
}

function positive(fn: string, option: string, value: Duration): number {
  const milliseconds = bounded(fn, option, value);
  if (milliseconds <= 0) throw new InvalidArgument(fn, `'${option}' is longer than nothing`);
  return milliseconds;
}

function attributesText(fn: string, attributes: Readonly<Record<string, AttributeValue>>): string {
  if (!isPlainObject(attributes)) {
    throw new InvalidArgument(fn, "'attributes' is a plain object");
  }
  for (const [name, value] of Object.entries(attributes)) {
    const fault = attributeFault(name, value);
    if (fault !== undefined) throw new InvalidArgument(fn, fault);
  }
  return JSON.stringify(attributes);
}

/** @throws RootManagerRefused, TransactionNotActive, InvalidArgument */
export function inTransaction(fn: string, manager: EntityManager): EntityManager {
  if (typeof manager !== 'object' || manager === null) {
    throw new InvalidArgument(fn, "'manager' is the EntityManager of a transaction");
  }
  const { queryRunner } = manager;
  if (queryRunner === undefined) throw new RootManagerRefused(fn);
  if (!queryRunner.isTransactionActive) throw new TransactionNotActive(fn);
  return manager;
}
