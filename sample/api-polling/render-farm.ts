import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { JobState } from './job.js';

interface Job {
  readonly film: string;
  readonly begunAt: number;
}

/**
 * The world outside, made up: an API that takes a job, and has to be asked whether it is done. It runs elsewhere, so
 * it goes on whatever becomes of us; here that means that one of it serves both lives of the application.
 */
@Injectable()
export class RenderFarm {
  readonly #jobs = new Map<string, Job>();
  readonly #jobOfKey = new Map<string, string>();
  /** How often somebody asked. */
  readonly looks = new Map<string, number>();

  constructor(private readonly takesMs = 2_500) {}

  async submit(film: string, idempotencyKey: string): Promise<string> {
    await pause(50);
    const job = this.#jobOfKey.get(idempotencyKey) ?? randomUUID().slice(0, 8);
    this.#jobOfKey.set(idempotencyKey, job);
    if (!this.#jobs.has(job)) this.#jobs.set(job, { film, begunAt: Date.now() });
    return job;
  }

  async look(job: string): Promise<{ state: JobState; percent: number }> {
    await pause(30);
    const known = this.#jobs.get(job);
    if (known === undefined) return { state: 'broken', percent: 0 };
    this.looks.set(known.film, (this.looks.get(known.film) ?? 0) + 1);
    if (known.film === 'Endless') return { state: 'rendering', percent: 12 };
    const percent = Math.min(100, Math.round(((Date.now() - known.begunAt) / this.takesMs) * 100));
    return { state: percent === 100 ? 'done' : 'rendering', percent };
  }

  async download(job: string): Promise<string> {
    await pause(50);
    return `${job}.mp4`;
  }
}
