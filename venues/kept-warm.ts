/** Well under the time for which both sides keep an idle connection. */
const WARM_FOR_MS = 15_000;

/**
 * Opens the connections at most this often: what was used a moment ago is still there, and a shot
 * may not wait for a question that nobody needs answered.
 */
export function keptWarm(open: () => Promise<void>, nowMs: () => number): () => Promise<void> {
  let openedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (nowMs() - openedAtMs < WARM_FOR_MS) return;
    await open();
    openedAtMs = nowMs();
  };
}
