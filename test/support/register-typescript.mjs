import { register } from 'node:module';

// `node --import <this file> script.ts`, or an import of this file before the first TypeScript one.
register('./typescript-loader.mjs', import.meta.url);
