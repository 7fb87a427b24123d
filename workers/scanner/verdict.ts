/** What came of an offer, as the client or the engine gives it. */
export type Verdict =
  | { readonly kind: 'approved' }
  | { readonly kind: 'denied'; readonly denial: { readonly code: string } };
