import type { EventWaitKind } from '../../storage/entities/pending-event.entity.js';

/** The kinds of waits that say in their names which events they are for. */
export type NamedWaitKind = Exclude<EventWaitKind, 'broadcast'>;

const SEPARATORS: Readonly<Record<NamedWaitKind, string>> = { event: '', any: '|', all: '&' };

/** How a wait for these events is called in a history. */
export function titleOf(kind: NamedWaitKind, names: readonly string[]): string {
  return names.join(SEPARATORS[kind]);
}

/** Whether a wait that is called so is for this event. Of several that have a separator in their names, also for others. */
export function isNamedIn(kind: NamedWaitKind, title: string, name: string): boolean {
  if (kind === 'event') return title === name;
  const separator = SEPARATORS[kind];
  return `${separator}${title}${separator}`.includes(`${separator}${name}${separator}`);
}
