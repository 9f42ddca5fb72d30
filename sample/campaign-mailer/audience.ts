import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Recipient } from './campaign.js';

const names = ['ada', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gus', 'hana'];

/** The address book, made up: 400 people, of whom every hundredth has moved. */
@Injectable()
export class Audience {
  async load(_list: string): Promise<Recipient[]> {
    await pause(50);
    return Array.from({ length: 400 }, (_, index) => {
      const name = names[index % names.length] ?? 'somebody';
      const host = index % 100 === 57 ? 'moved.example' : 'example.com';
      return { name, email: `${name}.${index}@${host}` };
    });
  }
}
