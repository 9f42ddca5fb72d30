/** A fault of the surroundings, not of the benchmark's code: told as a sentence, without a stack. */
export class BenchError extends Error {}
