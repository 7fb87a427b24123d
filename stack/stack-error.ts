/** The machine lacks something that the stack needs: what, and then line by line what to do. */
export class StackError extends Error {
  override readonly name = 'StackError';

  constructor(message: string, advice: readonly string[] = []) {
    super([message, ...advice.map((line) => `  ${line}`)].join('\n'));
  }
}
