/** Blocks whose line tells what their question was answered, before anything in them began. */
const asked: ReadonlySet<string> = new Set(['branch', 'foreach', 'while']);

const blocks: ReadonlySet<string> = new Set([...asked, 'parallel']);

const waits: ReadonlySet<string> = new Set(['sleep']);

export function opensBlock(kind: string): boolean {
  return asked.has(kind);
}

/** Whether other operations are in it, and not a part of it. */
export function isBlockKind(kind: string): boolean {
  return blocks.has(kind);
}

/** Whether time passes in it without anything being done. */
export function isWaitKind(kind: string): boolean {
  return waits.has(kind);
}
