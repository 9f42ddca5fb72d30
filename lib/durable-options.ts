import { didYouMean } from './definition/nearest-name.js';
import {
  type DispatchOptions,
  dispatchOptionNames,
  resolveDispatch,
  type ResolvedDispatch,
} from './dispatch/dispatch-options.js';
import { InvalidOptions } from './errors/option.error.js';
import type { Serializer } from './serialization/serializer.js';
import { TaggedSerializer } from './serialization/tagged-serializer.js';
import {
  resolveStorage,
  type ResolvedStorage,
  storageOptionNames,
  type StorageOptions,
} from './storage/storage-options.js';
import { isTimeZone } from './time/time-zone.js';

/**
 * What `DurableModule.forRoot()` takes. Each part is described where it acts.
 *
 * @publicApi
 */
export interface DurableOptions extends StorageOptions, DispatchOptions {
  /**
   * How values become the text that is stored. Give a `TaggedSerializer` on which classes of your own are
   * registered, or one of your own that says the same of the same value in every process.
   *
   * @default new TaggedSerializer()
   */
  readonly serializer?: Serializer;
  /**
   * The time zone of `nextBusinessDay()`, `nextWeekday()` and `endOfDay()` in an execution, where they are given none:
   * a name such as `'Europe/Berlin'`. An execution that is resumed reckons with the new one.
   *
   * @default 'UTC'
   */
  readonly timezone?: string;
}

export interface ResolvedOptions {
  readonly storage: ResolvedStorage;
  readonly dispatch: ResolvedDispatch;
  readonly serializer: Serializer;
  readonly timezone: string;
}

const KNOWN: readonly string[] = [...storageOptionNames, ...dispatchOptionNames, 'serializer', 'timezone'];

/** @throws InvalidOptions with everything that is wrong, EmbeddedInProduction */
export function resolveOptions(
  options: DurableOptions,
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedOptions {
  if (typeof options !== 'object' || options === null)
    throw new InvalidOptions(['the options are an object']);
  const faults = Object.keys(options)
    .filter((name) => !KNOWN.includes(name))
    .map((name) => `there is no option '${name}'${didYouMean(name, KNOWN)}`);
  const storage = resolveStorage(options, environment, faults);
  const dispatch = resolveDispatch(options, faults);
  const { serializer = new TaggedSerializer(), timezone = 'UTC' } = options;
  if (typeof serializer?.stringify !== 'function' || typeof serializer.parse !== 'function') {
    faults.push('serializer has the methods stringify and parse');
  }
  if (!isTimeZone(timezone)) faults.push("timezone is the name of a time zone, such as 'Europe/Berlin'");
  if (faults.length > 0) throw new InvalidOptions(faults);
  return { storage, dispatch, serializer, timezone };
}
