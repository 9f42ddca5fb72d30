import { Journal } from '../../../lib/journal/journal.js';

let current = '';

/** Takes note of the worker that this process is; after a lost lease it is another one. */
export function observeWorker(): void {
  const { open } = Journal.prototype;
  Journal.prototype.open = function (this: Journal, worker) {
    current = worker.id;
    return open.call(this, worker);
  };
}

export function writingWorker(): string {
  return current;
}
