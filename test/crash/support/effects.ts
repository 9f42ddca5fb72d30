import { randomUUID } from 'node:crypto';
import { openSync, readFileSync, writeSync } from 'node:fs';
import { execution } from '../../../lib/index.js';
import { passing } from './failpoints.js';
import { bodiesAllowedAt, writingWorker } from './worker-identity.js';

/** One run of a step's body, as it shows in the world outside: written once, never taken back. */
export interface Effect {
  readonly execution: string;
  readonly path: string;
  readonly key: string;
  readonly attempt: number;
  /** The id of the worker that the process was when the body began. */
  readonly worker: string;
  readonly pid: number;
  /** Of this one run. The step returns it, so that the history tells which run was recorded. */
  readonly token: string;
  readonly at: number;
  /** When the engine saw that it may begin: for a body that leaves its line before anything else. */
  readonly allowedAt: number;
  /** What it was called with, where it matters. */
  readonly args?: unknown;
}

let file: number | undefined;

/** Opened for appending: a line is one write, so that the lines of several processes stay whole. */
export function openEffects(path: string): void {
  file = openSync(path, 'a');
}

/** Leaves the line of a body that begins, and returns the token of the run. */
export function leaveEffect(args?: unknown): string {
  if (file === undefined) throw new Error('No file for effects was opened.');
  const { id, idempotencyKey, attempt } = execution();
  const effect: Effect = {
    execution: id,
    path: idempotencyKey.slice(id.length + 1),
    key: idempotencyKey,
    attempt,
    worker: writingWorker(),
    pid: process.pid,
    token: randomUUID(),
    at: Date.now(),
    allowedAt: bodiesAllowedAt(),
    args,
  };
  writeSync(file, `${JSON.stringify(effect)}\n`);
  passing('inside-step', effect.path);
  return effect.token;
}

/**
 * In the order in which they began. It is not quite that of the lines: a process that is stopped may have come past
 * the engine's last question, and not to its line.
 */
export function readEffects(path: string): Effect[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Effect)
    .sort((one, other) => one.allowedAt - other.allowedAt);
}
