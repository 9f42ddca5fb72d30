import { FirstTables1795132800000 } from './1795132800000-first-tables.js';

/** Every migration, oldest first. Listed by hand: a pattern over files would not survive a bundler. */
export const migrations = [FirstTables1795132800000];
