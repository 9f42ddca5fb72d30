import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** The world outside, made up: four services of which two have their moods. */
@Injectable()
export class Sources {
  /** What was asked for and given up, because its answer was not wanted any more. */
  readonly givenUp: string[] = [];

  async sales(company: string, signal: AbortSignal): Promise<number> {
    await this.#answer(`sales of ${company}`, 400, signal);
    return 48_200;
  }

  async costs(company: string, signal: AbortSignal): Promise<number> {
    await this.#answer(`costs of ${company}`, 150, signal);
    if (company === 'Initech') throw new Error('The books of Initech are gone');
    return 31_900;
  }

  async weather(signal: AbortSignal): Promise<string> {
    await this.#answer('weather', 100, signal);
    return '21 degrees, clear';
  }

  async news(signal: AbortSignal): Promise<string> {
    await this.#answer('news', 50, signal);
    throw new Error('503 Service Unavailable');
  }

  async birthdays(company: string, signal: AbortSignal): Promise<string> {
    await this.#answer(`birthdays at ${company}`, 200, signal);
    return 'Ada is 36 today';
  }

  /** Takes its time, and stops at once where nobody waits any more. */
  async #answer(what: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    try {
      await pause(milliseconds, undefined, { signal });
    } catch (error) {
      this.givenUp.push(what);
      throw error;
    }
  }
}
