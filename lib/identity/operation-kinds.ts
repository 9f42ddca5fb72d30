/** What the line of a block says: when it is written, and what its answer means. */
interface BlockFacts {
  /** When the question is asked: before what is in the block begins, after it has ended, or there is nothing in it. */
  readonly asked: 'before' | 'after' | 'alone';
  /** Which clause, which items, whether there is another round, or where it leads and what it adds. */
  readonly answer: 'clause' | 'items' | 'condition' | 'lead';
}

/** The blocks of a pipeline. Whatever tells them apart by their kind takes it from here. */
export const BLOCK_KINDS = {
  branch: { asked: 'before', answer: 'clause' },
  parallel: { asked: 'after', answer: 'lead' },
  foreach: { asked: 'before', answer: 'items' },
  while: { asked: 'before', answer: 'condition' },
  decision: { asked: 'alone', answer: 'lead' },
} as const satisfies Readonly<Record<string, BlockFacts>>;

export type BlockKind = keyof typeof BLOCK_KINDS;

export const blockKinds = Object.keys(BLOCK_KINDS) as readonly BlockKind[];

/** Operations in which time passes without anything being done. */
const WAIT_KINDS: ReadonlySet<string> = new Set(['sleep', 'event', 'any', 'all', 'broadcast', 'input']);

/** The kind of lines that only keep a number from being used. */
export const VOID = 'void';

/** Whether an operation of this kind is the question of a block. */
export function isBlockKind(kind: string): kind is BlockKind {
  return Object.hasOwn(BLOCK_KINDS, kind);
}

/** Whether other operations are in the block, and not a part of its question. */
export function hasChildren(kind: string): boolean {
  return isBlockKind(kind) && BLOCK_KINDS[kind].asked !== 'alone';
}

export function isWaitKind(kind: string): boolean {
  return WAIT_KINDS.has(kind);
}

/** Whether it is a wait that others can end, and so one that they see while it is open. */
export function isListeningKind(kind: string): boolean {
  return kind !== 'sleep' && WAIT_KINDS.has(kind);
}

/** Whether what is in the block comes after its line. */
export function isAskedFirst(kind: string): boolean {
  return isBlockKind(kind) && BLOCK_KINDS[kind].asked === 'before';
}

export function blockKindsThatAnswer(...answers: readonly BlockFacts['answer'][]): BlockKind[] {
  return blockKinds.filter((kind) => answers.includes(BLOCK_KINDS[kind].answer));
}
