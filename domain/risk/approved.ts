declare const approval: unique symbol;

/** Only `review` and `approvedBy` (domain/risk/review.ts) make one, and the venue port takes nothing else. */
export type Approved<T> = T & { readonly [approval]: true };
