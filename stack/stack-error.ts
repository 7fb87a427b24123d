/** The machine lacks something that the stack needs: what, and then line by line what to do. */
export class StackError extends Error {
  override readonly name = 'StackError';

  constructor(message: string, advice: readonly string[] = []) {
    super([message, ...advice.map((line) => `  ${line}`)].join('\n'));
  }
}

/** Something that the system refuses, by its code: EROFS, EACCES, ENOSPC, … */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
