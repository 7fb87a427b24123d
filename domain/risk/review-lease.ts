import type { ArmRequest } from '../arming/arm-request.js';
import { freezeOf } from '../freeze/freeze-of.js';
import { instrumentKey, opposite } from '../instrument.js';
import { legMarket, type Pair } from '../pair.js';
import type { Denial } from './denial.js';
import { leaseReservation } from './lease-reservation.js';
import { firstDenial, reviewAccount } from './review-account.js';
import type { AccountState, Reservation, RiskPolicy } from './risk-input.js';
import * as trade from './trade-rules.js';

/** Everything that the review of a lease looks at; it reads nothing else. */
export interface LeaseInput {
  readonly nowMs: number;
  readonly leaseId: string;
  readonly workflowId: string;
  /** Its budget is what is left of it, where a part was spent from an earlier lease. */
  readonly request: ArmRequest;
  readonly pair: Pair;
  readonly account: AccountState;
  readonly policy: RiskPolicy;
}

export type LeaseReview =
  | { readonly kind: 'approved'; readonly reservation: Reservation }
  | { readonly kind: 'denied'; readonly denial: Denial };

type LeaseRule = (input: LeaseInput) => Denial | undefined;

/**
 * Reviews what an engine may fire by itself, by the rules of an admission. What changes from shot to
 * shot is the engine's to ask: books, edge, size, and whether the pair has a trade in flight.
 */
export function reviewLease(input: LeaseInput): LeaseReview {
  const reservation = leaseReservation(input);
  const broken = firstDenial([
    ...marketRules.map((rule) => rule(input)),
    unnetted(reservation, input),
  ]);
  if (broken) return { kind: 'denied', denial: broken };
  const { limits } = input.account;
  if (!limits) return denied({ code: 'LIMITS_MISSING', account: input.request.account });
  const subject = { input, limits, reservation };
  const tooMuch = reviewAccount(subject);
  return tooMuch ? denied(tooMuch) : { kind: 'approved', reservation };
}

const inTime: LeaseRule = ({ nowMs, request: { expiresAtMs } }) =>
  nowMs >= expiresAtMs ? { code: 'TOO_LATE', notAfterMs: expiresAtMs, nowMs } : undefined;

const shotFits: LeaseRule = ({ request: { budget, contractsMax } }) => {
  const { contracts } = budget;
  return contracts < contractsMax
    ? { code: 'BUDGET_TOO_SMALL', contracts, contractsMax }
    : undefined;
};

const unfrozen: LeaseRule = (input) => {
  const { request, pair, workflowId } = input;
  const { legs } = leaseReservation(input);
  const instruments = legs.map(({ instrument }) => instrument);
  const venues = instruments.map(({ venue }) => venue);
  const subject = { ...request, pairId: pair.pairId, venues, instruments, workflowId };
  const freeze = freezeOf(input.account.freezes, subject);
  if (!freeze) return undefined;
  const { freezeId, cause, why } = freeze;
  return { code: 'FROZEN', freezeId, cause, why };
};

/** What an admission asks about a pair and its markets, asked about each direction. */
const asIntents =
  (rule: (asked: trade.PairAsked) => Denial | undefined): LeaseRule =>
  (input) =>
    firstDenial(input.request.types.map((type) => rule({ ...input, intent: { type } })));

/** The engine knows no close: the market has to be far from it for as long as the pair is armed. */
const farFromClose: LeaseRule = (input) =>
  asIntents(trade.farFromClose)({ ...input, nowMs: input.request.expiresAtMs });

const marketRules: readonly LeaseRule[] = [
  inTime,
  shotFits,
  unfrozen,
  asIntents(trade.equivalent),
  asIntents(trade.hedgeable),
  farFromClose,
  asIntents(trade.farFromPause),
  asIntents(trade.groupOpen),
];

/** The rule about positions asks what others hold; here the second direction would sell the first. */
function unnetted({ legs }: Reservation, { pair, request }: LeaseInput): Denial | undefined {
  const keys = new Set(legs.map(({ instrument }) => instrumentKey(instrument)));
  const markets = request.types.flatMap((type) =>
    (['yes', 'no'] as const).map((leg) => legMarket(pair, type, leg)),
  );
  const both = markets.find(({ netsOutcomes, venue, market }) => {
    const yes = { venue, market, outcome: 'yes' } as const;
    const no = { ...yes, outcome: opposite('yes') };
    return netsOutcomes && keys.has(instrumentKey(yes)) && keys.has(instrumentKey(no));
  });
  return both && { code: 'DIRECTIONS_NET', market: both.market };
}

const denied = (denial: Denial): LeaseReview => ({ kind: 'denied', denial });
