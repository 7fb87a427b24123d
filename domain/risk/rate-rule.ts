import type { VenueName } from '../instrument.js';
import type { AccountRule } from './account-rules.js';
import { EXIT_TOKENS_WAIT_MS, rateCosts } from './rate-costs.js';
import type { AccountState, Reservation } from './risk-input.js';

/**
 * Who could not send its exit does not go in (DESIGN §7): beside its entry's own tokens, the bucket
 * must give a cancel and an exit to every open trade, this one with them, within the time that an
 * exit may wait.
 */
export const exitTokens: AccountRule = ({ input, reservation }) => {
  for (const { instrument } of reservation.legs) {
    const { venue } = instrument;
    const bucket = input.account.rateTokens?.[venue];
    const needed = entryTokens(venue, reservation);
    if (!bucket || !needed) continue;
    const tokensNeeded = needed.cost + tokensToLeave(venue, input.account, reservation);
    const { tokens } = bucket;
    if (tokens < tokensNeeded) return { code: 'RATE_EXHAUSTED', venue, tokens, tokensNeeded };
  }
  return undefined;
};

/** What the entries of a trade cost at a venue that counts; taken when it is approved. */
export function entryTokens(
  venue: VenueName,
  { legs }: Reservation,
): { readonly cost: number } | undefined {
  const costs = rateCosts[venue];
  const count = legs.filter(({ instrument }) => instrument.venue === venue).length;
  return costs && count > 0 ? { cost: count * costs.place } : undefined;
}

/** What refills in time need not be there now. */
function tokensToLeave(venue: VenueName, account: AccountState, own: Reservation): number {
  const { place = 0, cancel = 0 } = rateCosts[venue] ?? {};
  const refilled =
    ((account.rateTokens?.[venue]?.refillPerSecond ?? 0) * EXIT_TOKENS_WAIT_MS) / 1_000;
  const open = [...account.reservations, own].flatMap(({ legs }) => legs);
  const exits = open.filter(({ instrument }) => instrument.venue === venue).length;
  return Math.max(0, exits * (place + cancel) - refilled);
}
