import { BLOCK_DECORATORS, type BlockDeclaration } from '../definition/block-definition.js';
import { DeclaredBlock } from '../definition/declared-block.js';
import { declareBlock } from '../definition/metadata.js';
import type { Method } from '../definition/workflow-class.js';
import { decoratedMethod } from './decorated-method.js';

/** Declares a method as the question of a block. The method stays as it is: a call of it is an ordinary call. */
export function makeBlock(
  target: object,
  key: string | symbol,
  descriptor: { value?: Method } | undefined,
  declaration: BlockDeclaration,
): void {
  const place = { decorator: BLOCK_DECORATORS[declaration.kind], what: 'a block' };
  const decorated = decoratedMethod(target, key, descriptor, place);
  if (decorated === undefined) return;
  const { owner, method, body } = decorated;
  declareBlock(target, new DeclaredBlock(owner, method, declaration, body));
}
