import {
  type AccountState,
  type Admission,
  type ArbitrageIntent,
  type BookAge,
  cutToLimits,
  type Denial,
  greatest,
  instrumentKey,
  legInstrument,
  legMarket,
  type NoArbitrage,
  type Outcome,
  type Pair,
  type PricedArbitrage,
  priceArbitrage,
  review,
  reviewIntent,
  toWire,
  type VenueName,
} from '../domain/index.js';
import {
  insertIntent,
  readAccountState,
  type Transaction,
  together,
  unsweptVenue,
  withAccountLocked,
  writeApproval,
  writeDenial,
} from '../store/index.js';
import { answerBefore } from './answer-before.js';
import { entryOrders } from './entry-orders.js';
import type { AdmitRequest } from './trade-activities.js';
import type { TradingDesk } from './trading-desk.js';

/** What of the desk an admission needs. */
type AdmittingDesk = Pick<
  TradingDesk,
  'db' | 'mode' | 'nowMs' | 'pairOf' | 'bookOf' | 'policy' | 'terms' | 'reached'
>;

/**
 * Decides whether a trade may be fired, and reserves for it.
 *
 * 1. Idempotent by intent: asked again it answers what it answered before, also when the first asker
 *    is a worker that was taken for dead and still stands in line for the account.
 * 2. No venue is called: balances are rows, books are this process' own; too old denies.
 * 3. Limits, positions, reservations, holds and freezes are read under the account's lock, in the
 *    transaction that reserves, so that two trades cannot both take what is left.
 */
export async function admit(desk: AdmittingDesk, request: AdmitRequest): Promise<Admission> {
  const { intent, digest, workflowId } = request;
  desk.reached('admit: asked, nothing written', workflowId);
  const pair = desk.pairOf(intent.pairId);
  const admission = await withAccountLocked(desk.db, intent.account, async (tx) => {
    const nowMs = desk.nowMs();
    const entered = { intent: toWire(intent), digest, workflowId, mode: desk.mode, atMs: nowMs };
    const { account, pairId } = intent;
    // One commit for the intent and its answer: a trade waits for the disk once.
    const [written, unswept, state] = await together(tx, (go) =>
      Promise.all([
        insertIntent(go, entered),
        unsweptVenue(go, account),
        readAccountState(go, { account, pairId, workflowId, nowMs }),
      ]),
    );
    if (written === 'exists') {
      const earlier = await answerBefore(desk, tx, request);
      if (earlier) return earlier;
    }
    desk.reached('admit: intent written, not decided', workflowId);
    const decided =
      unswept && state.limits // nobody sweeps an account that has none
        ? notSwept(unswept, nowMs)
        : decide(desk, { request, pair, state, nowMs });
    await write(tx, desk, { request, decided, nowMs });
    return decided.admission;
  });
  desk.reached('admit: decided and reserved, not told', workflowId);
  return admission;
}

interface Decided {
  readonly admission: Admission;
  readonly approval?: Extract<ReturnType<typeof review>, { kind: 'approved' }>;
}

interface Question {
  readonly request: AdmitRequest;
  readonly pair: Pair | undefined;
  readonly state: AccountState;
  readonly nowMs: number;
}

/** What a crash has left behind may need the cash, the position and the pair: it comes first. */
const notSwept = (venue: VenueName, atMs: number): Decided => ({
  admission: { kind: 'denied', denial: { code: 'CUSTODY_NOT_SWEPT', venue }, atMs },
});

/** Cut to the limits, price by the books of now, size both entries, then review. Pure but for books. */
function decide(desk: AdmittingDesk, { request, pair, state, nowMs }: Question): Decided {
  const { intent, workflowId } = request;
  const denied = (denial: Denial): Decided => ({
    admission: { kind: 'denied', denial, atMs: nowMs },
  });
  if (!pair) return denied({ code: 'PAIR_UNKNOWN', pairId: intent.pairId });
  if (!state.limits) return denied({ code: 'LIMITS_MISSING', account: intent.account });

  const { policy } = desk;
  const asked = { nowMs, intent, pair, books: booksOf(desk, pair, intent), account: state, policy };
  const barred = reviewIntent(asked);
  if (barred) return denied(barred);
  const contractsMax = cutToLimits(intent.contractsMax, state.limits);
  const priced = priceNow(desk, pair, { ...intent, contractsMax });
  if (priced.kind === 'denied') return denied(priced.denial);
  const entries = entryOrders({
    ...{ intent, workflowId, pair, priced: priced.priced, nowMs },
    orderGroupId: state.orderGroup?.groupId,
  });
  if (entries.kind === 'denied') return denied(entries.denial);

  const reviewed = review({ ...asked, entries: entries.orders, edge: priced.priced.edge });
  if (reviewed.kind === 'denied') return denied(reviewed.denial);
  const { terms } = desk;
  const { engineHost } = state;
  const admission: Admission = {
    ...{ kind: 'approved', pair, terms, entries: entries.orders, atMs: nowMs },
    ...(engineHost !== undefined && { engineHost }),
  };
  return { admission, approval: reviewed };
}

type PricedNow =
  | { readonly kind: 'priced'; readonly priced: PricedArbitrage }
  | { readonly kind: 'denied'; readonly denial: Denial };

/** The intent's limits bound the price; the size is what both books can give at its edge now. */
function priceNow(desk: AdmittingDesk, pair: Pair, intent: ArbitrageIntent): PricedNow {
  const { type, contractsMax, edgeMin, limitPrice } = intent;
  const books = {
    yes: desk.bookOf(legInstrument(pair, type, 'yes')),
    no: desk.bookOf(legInstrument(pair, type, 'no')),
  };
  const priced = priceArbitrage({ pair, type, books, contractsMax, edgeMin, limitPrice });
  if (priced.kind === 'opportunity') return { kind: 'priced', priced };
  return { kind: 'denied', denial: denialOf(priced, pair, intent) };
}
const legs = ['yes', 'no'] as const satisfies readonly Outcome[];

function denialOf(none: NoArbitrage, pair: Pair, { type, edgeMin }: ArbitrageIntent): Denial {
  switch (none.reason) {
    case 'book_missing':
      return { code: 'BOOK_MISSING', instrument: instrumentKey(none.instrument) };
    case 'book_crossed':
      return { code: 'BOOK_CROSSED', type };
    case 'edge_too_small':
      return { code: 'EDGE_TOO_SMALL', edge: none.edge, edgeMin };
    case 'liquidity_too_small': {
      const minimums = legs.map((leg) => legMarket(pair, type, leg).minimumQuantity);
      const minimumQuantity = minimums.reduce(greatest);
      return { code: 'LIQUIDITY_TOO_SMALL', contracts: none.contracts, minimumQuantity };
    }
  }
}

function booksOf(desk: AdmittingDesk, pair: Pair, { type }: ArbitrageIntent): BookAge[] {
  return legs.map((leg) => {
    const instrument = legInstrument(pair, type, leg);
    const book = desk.bookOf(instrument);
    if (!book) return { instrument, isThere: false, hasGap: false, heardAtMs: 0 };
    return { instrument, isThere: true, hasGap: book.hasGap, heardAtMs: book.heardAtMs };
  });
}

interface Written {
  readonly request: AdmitRequest;
  readonly decided: Decided;
  readonly nowMs: number;
}

/** The answer is kept with what it reserves: asked again, the same is said, and nothing is taken twice. */
async function write(
  tx: Transaction,
  desk: AdmittingDesk,
  { request, decided, nowMs }: Written,
): Promise<void> {
  const { workflowId, intent } = request;
  const { admission, approval } = decided;
  const decision = { workflowId, pairId: intent.pairId, admission: toWire(admission), atMs: nowMs };
  if (approval) {
    await writeApproval(tx, { ...decision, reservation: approval.reservation });
    return;
  }
  // Too little to trade is seen again at once: the pair rests, so that it is not asked about in a loop.
  const isThin = admission.kind === 'denied' && admission.denial.code === 'LIQUIDITY_TOO_SMALL';
  const rest = isThin ? { holdUntilMs: nowMs + desk.terms.holdAfterMs } : {};
  await writeDenial(tx, { ...decision, ...rest });
}
