import { Journal } from '../../../lib/journal/journal.js';
import type { JournalRecord } from '../../../lib/journal/records.js';
import type { Spoil } from './settings.js';

/** Makes a record of the workflow `spoiled` one that cannot be stored, behind the back of every check. */
export function spoilRecords(spoil: Spoil): void {
  const { append } = Journal.prototype;
  Journal.prototype.append = function (this: Journal, record: JournalRecord) {
    append.call(this, spoiled(record, spoil));
  };
}

function spoiled(record: JournalRecord, spoil: Spoil): JournalRecord {
  if (record.type === 'start' && record.workflow === 'spoiled' && spoil === 'start') {
    return { ...record, priority: 100_000 };
  }
  if (record.type !== 'history' || record.path !== 'turnBad') return record;
  switch (spoil) {
    case 'overflow':
      return { ...record, attempt: 100_000 };
    case 'nul':
      return { ...record, path: 'turn\0Bad' };
    case 'not-json':
      return { ...record, output: '{' };
    case 'not-encodable':
      return { ...record, attempt: 2 ** 40 };
    case 'start':
      return record;
  }
}
