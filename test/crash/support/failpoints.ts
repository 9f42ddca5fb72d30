import { Claimer } from '../../../lib/dispatch/claimer.js';
import { Journal } from '../../../lib/journal/journal.js';
import { LaneConnection } from '../../../lib/journal/lane-connection.js';
import type { BoundStatement } from '../../../lib/journal/statement-pipeline.js';
import type { JournalRecord } from '../../../lib/journal/records.js';
import type { Failpoint, FailpointName } from './settings.js';

let armed: Failpoint | undefined;
let passings = 0;

/**
 * Makes this process kill itself at a point, as often as it may take to get there. The points are put around
 * the engine's methods from outside: the engine knows nothing of them.
 */
export function arm(failpoint: Failpoint): void {
  armed = failpoint;
  const { claimed } = Claimer.prototype;
  Claimer.prototype.claimed = function (this: Claimer, executions) {
    if (executions.length > 0) passing('after-claim');
    claimed.call(this, executions);
  };
  const { send } = LaneConnection.prototype;
  LaneConnection.prototype.send = async function (this: LaneConnection, statements) {
    const writesHistory = includes(statements, 'durable_history');
    if (writesHistory) passing('before-flush');
    if (includes(statements, 'durable_end')) passing('before-completion');
    const answer = send.call(this, statements);
    if (writesHistory) passing('flush-sent');
    const results = await answer;
    if (writesHistory) passing('after-commit');
    return results;
  };
  const { append } = Journal.prototype;
  Journal.prototype.append = function (this: Journal, record: JournalRecord) {
    append.call(this, record.type === 'start' ? record : watched(record));
  };
}

function watched(record: JournalRecord): JournalRecord {
  const { watcher } = record;
  const path = record.type === 'history' ? record.path : record.type;
  return {
    ...record,
    watcher: {
      refused: (error) => watcher.refused(error),
      durable: (accepted) => {
        passing('recorded', path);
        watcher.durable(accepted);
      },
    },
  };
}

/** The process is here now. Does not return if this is where it has to die. */
export function passing(name: FailpointName, path?: string): void {
  if (armed?.name !== name) return;
  if (armed.path !== undefined && armed.path !== path) return;
  passings += 1;
  if (passings === armed.passing) process.kill(process.pid, 'SIGKILL');
}

function includes(statements: readonly BoundStatement[], name: string): boolean {
  return statements.some(({ statement }) => statement.name === name);
}
