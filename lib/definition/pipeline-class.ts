import { Pipeline } from './pipeline.js';
import type { ClassRef } from './workflow-class.js';

export function isPipeline(classRef: ClassRef): boolean {
  return classRef.prototype instanceof Pipeline;
}
