import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Kind, Scan } from './document.js';

/** The world outside, made up: somebody else's model that looks at pictures. It goes by the names of the files. */
@Injectable()
export class Scanner {
  async kindOf({ name }: Scan): Promise<Kind> {
    await pause(30);
    const kinds: readonly Kind[] = ['invoice', 'photo', 'letter'];
    return kinds.find((kind) => name.startsWith(kind)) ?? 'unknown';
  }

  async read({ name }: Scan, page: number): Promise<string> {
    await pause(60);
    return page === 1 ? `${name}, total ${/\d+/.exec(name)?.[0] ?? 0} EUR` : `page ${page} of ${name}`;
  }

  async describe({ name }: Scan): Promise<string> {
    await pause(60);
    return `what ${name} shows`;
  }
}
