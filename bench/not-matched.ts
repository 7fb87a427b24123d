/** A trade that was denied or ended otherwise: it tells nothing of what a matched one costs. */
export class NotMatchedError extends Error {
  override readonly name = 'NotMatchedError';
}
