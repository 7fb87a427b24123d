import { toMultiple } from '../money.js';
import type { ExitInput, ExitPlan } from './exit-input.js';
import { canComplete, canSell, type Offer, offersOf } from './offers.js';
import { nextRung, type Rung } from './rung.js';

/**
 * One try to get out of a certain excess (DESIGN §6).
 *
 * 1. Each open way is priced per contract and after fees, from the books: complete the missing leg,
 *    buy the complement where the venue nets it, sell. The cheapest within `lossMax` is taken, as
 *    deep as it stays the cheapest; the rest is looked at again on the next turn.
 * 2. Where no book helps, the ladder sells. A sale is always the ladder's: what was accepted and left
 *    quantity is never tried again at the same price, whatever the book shows, so it ends.
 * 3. Shares that are not settled wait, unless the other leg can be completed.
 * 4. Under a freeze nothing is bought. Never the other leg is sold, never more than the excess.
 * 5. To keep is what is left when nothing else fits.
 * 6. Under `step_down` there is the ladder alone: seed 001 to the letter.
 */
export function planExit(input: ExitInput): ExitPlan {
  const best = isByBook(input) ? cheapest(offersOf(input)) : undefined;
  if (best && best.order.how !== 'sell') return best.order;
  if (canSell(input)) return sale(input, best);
  return isSaleComing(input) ? settlement(input) : { kind: 'keep', reason: whyKept(input) };
}

/** Seed 001 asks no book: it starts at the original price, whatever is bid. */
const isByBook = ({ terms }: ExitInput): boolean => terms.policy === 'cheapest';

/** The cheapest way's deepest offer that no other way's best one beats. */
function cheapest(ways: readonly (readonly Offer[])[]): Offer | undefined {
  const open = ways.filter((offers) => offers.length > 0);
  // The sort is stable: of two ways that cost the same, the sale needs no other cash.
  const [first = [], second = []] = [...open].sort(byBestOffer);
  const [best] = first;
  const [rival] = second;
  return first.findLast(({ loss }) => rival === undefined || loss <= rival.loss) ?? best;
}

function byBestOffer([left]: readonly Offer[], [right]: readonly Offer[]): number {
  if (!left || !right || left.loss === right.loss) return 0;
  return left.loss < right.loss ? -1 : 1;
}

function sale(input: ExitInput, offer: Offer | undefined): ExitPlan {
  const rung = nextRung(input, offer?.order.limitPrice);
  if (rung.kind === 'keep') return keptOrWaited(input, rung);
  // The book's part only, where it is the book that is followed.
  return rung.limitPrice === offer?.order.limitPrice ? offer.order : rung;
}

/** What is too small to be sold may still grow, or be completed once the other book is there. */
function keptOrWaited(input: ExitInput, kept: Extract<Rung, { readonly kind: 'keep' }>): ExitPlan {
  if (kept.reason !== 'below_minimum') return kept;
  if (isMoreSellableLater(input)) return settlement(input);
  const { book } = input.other;
  const isBlind = canComplete(input) && (book === undefined || book.hasGap);
  if (!isBlind) return kept;
  return { kind: 'wait', why: 'next_rung', untilMs: input.nowMs + input.terms.settleDelayMs };
}

/** Too little is confirmed to be sold; more of the excess is on its way. */
function isMoreSellableLater({ excess, own }: ExitInput): boolean {
  const { lot, minimumQuantity } = own.market;
  const all = toMultiple(excess.quantity, lot, 'floor');
  return excess.sellable < excess.quantity && all >= minimumQuantity;
}

function isSaleComing({ ladder, excess, nowMs }: ExitInput): boolean {
  if (ladder.without?.includes('sell')) return false;
  return excess.sellable < excess.quantity || nowMs < excess.sellableFromMs;
}

/** A confirmation wakes the trade by itself; this is how long it is believed to be on its way. */
function settlement({ excess, nowMs, terms }: ExitInput): ExitPlan {
  const isOnlyEarly = excess.sellable > 0n && nowMs < excess.sellableFromMs;
  const untilMs = isOnlyEarly ? excess.sellableFromMs : nowMs + terms.settleDelayMs;
  return { kind: 'wait', why: 'settlement', untilMs: Math.max(untilMs, excess.sellableFromMs) };
}

function whyKept(input: ExitInput) {
  return canComplete(input) ? 'loss_limit' : 'kept';
}
