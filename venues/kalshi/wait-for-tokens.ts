import type { RateBudget, TokenRequest } from '../../domain/rate-budget.js';

/** `late`: they would not have been there in time, and none were taken. */
export type TokensTaken = 'taken' | 'late' | 'unknown';

/**
 * Takes tokens, or waits for them until `untilMs` (epoch milliseconds). Who waits competes with
 * everybody else again when its time has come. `unknown`: nobody could say; the caller sends nothing.
 */
export async function waitForTokens(
  budget: RateBudget,
  request: TokenRequest,
  { untilMs, nowMs }: { readonly untilMs: number; readonly nowMs: () => number },
): Promise<TokensTaken> {
  try {
    for (;;) {
      const grant = await budget.take(request);
      if (grant.kind === 'granted') return 'taken';
      if (nowMs() + grant.waitMs > untilMs) return 'late';
      await new Promise((resolve) => setTimeout(resolve, grant.waitMs));
    }
  } catch {
    return 'unknown'; // the books are away: whoever asks hears so elsewhere, too
  }
}
