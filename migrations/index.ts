import { FirstTables1795132800000 } from './1795132800000-first-tables.js';
import { Compensation1795737600000 } from './1795737600000-compensation.js';
import { Waits1795824000000 } from './1795824000000-waits.js';

/** Every migration, oldest first. Listed by hand: a pattern over files would not survive a bundler. */
export const migrations = [FirstTables1795132800000, Compensation1795737600000, Waits1795824000000];
