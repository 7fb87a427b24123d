/**
 * We broke a promise of our own: the execution stands still with all its state until a fix comes.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/**
 * Throws an `InvariantError` unless the condition holds. State the condition positively, one at a
 * time.
 */
export function assert(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new InvariantError(promise);
}

/**
 * For the default branch of an exhaustive switch: the compiler proves that it cannot be reached.
 */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable case: ${String(value)}`);
}
