import { Journal } from '../../../lib/journal/journal.js';

let current = '';
let allowedAt = 0;

/**
 * Takes note of the worker that this process is, which after a lost lease is another one, and of when it last saw
 * that a body may begin.
 */
export function observeWorker(): void {
  const { open } = Journal.prototype;
  const accepts = Object.getOwnPropertyDescriptor(Journal.prototype, 'acceptsBodies')?.get;
  if (accepts === undefined) throw new Error('What says that a body may begin has another name now.');
  Journal.prototype.open = function (this: Journal, worker) {
    current = worker.id;
    return open.call(this, worker);
  };
  Object.defineProperty(Journal.prototype, 'acceptsBodies', {
    get(this: Journal): boolean {
      const doesAccept = accepts.call(this) as boolean;
      if (doesAccept) allowedAt = Date.now();
      return doesAccept;
    },
  });
}

export function writingWorker(): string {
  return current;
}

/** A process may be stopped between this and the first thing that the body does, for as long as one likes. */
export function bodiesAllowedAt(): number {
  return allowedAt;
}
