/** Tokens that come back with time; a request that finds too few is refused, not queued. */
export interface TokenBucket {
  take(tokens: number, nowMs: number): boolean;
}

export interface BucketSize {
  readonly tokensPerSecond: number;
  /** How many seconds' worth it holds. */
  readonly seconds: number;
}

export function createTokenBucket({ tokensPerSecond, seconds }: BucketSize): TokenBucket {
  const tokensMax = tokensPerSecond * seconds;
  let tokens = tokensMax;
  let filledAtMs: number | undefined;
  return {
    take: (wanted, nowMs) => {
      const sinceMs = nowMs - (filledAtMs ?? nowMs);
      tokens = Math.min(tokensMax, tokens + (sinceMs * tokensPerSecond) / 1000);
      filledAtMs = nowMs;
      if (tokens < wanted) return false;
      tokens -= wanted;
      return true;
    },
  };
}
