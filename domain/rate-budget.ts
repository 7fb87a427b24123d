/** What a venue counts apart: questions, and what changes an order. */
export type RateKind = 'read' | 'write';

export interface TokenRequest {
  readonly kind: RateKind;
  readonly cost: number;
  /**
   * Getting out, and finding out what is on the wire, may use the bucket to its end. Everything else
   * leaves a part of it to them.
   */
  readonly isUrgent: boolean;
}

export type TokenGrant =
  | { readonly kind: 'granted' }
  | { readonly kind: 'wait'; readonly waitMs: number };

/** The tokens of one account at one venue, shared by every process that uses it. */
export interface RateBudget {
  /** Takes all of the tokens or none; never waits itself. */
  take(request: TokenRequest): Promise<TokenGrant>;
  /** The venue has refused for its rate (429): nothing more for so long. */
  emptied(kind: RateKind, forMs: number): Promise<void>;
}

/** One bucket: what it holds at most, and how fast it fills. Tokens, tokens per second. */
export interface RateLimit {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export type RateLimits = Readonly<Record<RateKind, RateLimit>>;
