import { createRequire } from 'node:module';
import * as imported from 'nest-durable';

// A class that existed twice would break `instanceof` and what Nest injects by.
const required = createRequire(import.meta.url)('nest-durable');
const names = Object.keys(imported).filter((name) => name !== 'module.exports');
const strangers = names.filter((name) => required[name] !== imported[name]);
if (strangers.length > 0) throw new Error(`Not the same when required: ${strangers.join(', ')}`);
console.log(names.sort().join(' '));
