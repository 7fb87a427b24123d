import type { ArmingEnding, CustodyCaseKind, ResultKind, WaitReason } from '../../domain/index.js';
import type { Closing } from './closing.js';

/** What a history has to tell, said before it is recorded. */
export interface Scenario {
  readonly workflowType: 'arbitrage' | 'custody' | 'armPair';
  /** Its last event, or `open`. */
  readonly closing: Closing;
  /** How it ended, what it waits for, or what custody looks after in it. */
  readonly end: End;
  /** What happens in it, as a sentence of the desk. */
  readonly scenario: string;
}

type ArbitrageEnd = ResultKind | 'canceled' | 'continued';
/** A reason to wait, or the activity that is out. */
type ArbitrageWait = WaitReason | 'adoptFired' | 'fireLegs' | 'evidenceOf' | 'exitOnce';
/** What is ours to write down and a stranger's order end by one look; for the rest custody waits. */
type CustodyWait = Exclude<CustodyCaseKind, 'reservation' | 'leftover' | 'order'>;
type ArmedEnd = ArmingEnding['kind'] | 'continued';
/** Armed it watches its lease; for the rest it waits by a timer, and asks again. */
type ArmedWait = 'watchLease' | 'sweeping' | 'closing';
export type End = ArbitrageEnd | ArbitrageWait | CustodyCaseKind | ArmedEnd | ArmedWait;

const ended = (end: ResultKind, scenario: string): Scenario => ({
  ...{ workflowType: 'arbitrage', closing: 'COMPLETED', end, scenario },
});
const canceled = (scenario: string): Scenario => ({
  ...{ workflowType: 'arbitrage', closing: 'CANCELED', end: 'canceled', scenario },
});
const waits = (end: ArbitrageWait, scenario: string): Scenario => ({
  ...{ workflowType: 'arbitrage', closing: 'open', end, scenario },
});
const cared = (end: CustodyCaseKind, scenario: string): Scenario => ({
  ...{ workflowType: 'custody', closing: 'COMPLETED', end, scenario },
});
const watched = (end: CustodyCaseKind, scenario: string): Scenario => ({
  ...{ workflowType: 'custody', closing: 'open', end, scenario },
});

const armedUntil = (end: ArmedEnd, scenario: string): Scenario => ({
  ...{ workflowType: 'armPair', closing: 'COMPLETED', end, scenario },
});
const armedStill = (end: ArmedWait, scenario: string): Scenario => ({
  ...{ workflowType: 'armPair', closing: 'open', end, scenario },
});

const straight = {
  matched: ended('matched', 'both legs fill, the shares are confirmed'),
  mirrored: ended('matched', 'YES is bought at Kalshi and NO at Polymarket, and both fill'),
  denied: ended('denied', 'denied at admission'),
  'denied-at-the-gate': ended('denied', 'its pair is frozen between admission and the wire'),
  'dry-run': ended('missed', 'a dry run sends nothing'),
  repeated: ended('matched', 'reset after its end, it only tells what was'),
  continued: {
    ...{ workflowType: 'arbitrage', closing: 'CONTINUED_AS_NEW', end: 'continued' },
    scenario: 'it grows long while it settles and goes on in a new run',
  },
  'carried-on': ended('matched', 'the new run of a long one settles and ends'),
} as const satisfies Record<string, Scenario>;

const short = {
  'kalshi-short-polymarket-sold': ended(
    'exited',
    'Kalshi gives nothing: the Polymarket shares are sold',
  ),
  'kalshi-short-completed': ended(
    'exited',
    'Kalshi gives a part: the missing rest is bought there',
  ),
  'polymarket-short-kalshi-sold': ended(
    'exited',
    'Polymarket matches nothing: the Kalshi contracts are sold',
  ),
  'polymarket-short-completed': ended(
    'exited',
    'Polymarket matches a part: the missing rest is bought there',
  ),
  'polymarket-short-complement': ended(
    'exited',
    'Kalshi takes no sale: the other outcome is bought there and nets',
  ),
  'mirrored-short-sold': ended(
    'exited',
    'the other way round Polymarket gives nothing: the Kalshi contracts are sold',
  ),
  'mirrored-short-completed': ended(
    'exited',
    'the other way round Polymarket gives a part: the missing rest is bought there',
  ),
  'kalshi-short-stepped-down': ended(
    'exited',
    'the plain ladder goes down at Polymarket to whoever buys',
  ),
  'told-while-recorded': ended(
    'exited',
    'a fill is told of while its end is written: it goes on and sells',
  ),
  'end-refused': ended(
    'exited',
    'the server refuses an end that has not heard of a fill: it goes on and sells',
  ),
  'stepped-down': ended('exited', 'the plain ladder goes down to whoever buys'),
  'more-than-ordered': ended('exited', 'more shares for the same money: the other leg follows'),
  oversold: ended('residual', 'Kalshi sells more than was held, and the position flips'),
  residual: ended('residual', 'nobody takes the shares within the loss bound: they are kept'),
  'kalshi-kept': ended(
    'residual',
    'nobody takes the Kalshi contracts at the prices within the loss bound: they are kept',
  ),
  'failed-after-matched': ended(
    'exited',
    'a match fails on chain after Kalshi was final: its leg is bought again',
  ),
  'failed-after-matched-sold': ended(
    'exited',
    'a match fails on chain, and nobody offers its leg again: the other one is sold',
  ),
  'kalshi-refused': ended('exited', 'Kalshi refuses its leg: it is bought after all'),
  'polymarket-refused': ended('exited', 'Polymarket refuses its leg: it is bought after all'),
  'both-refused': ended('missed', 'both venues refuse their legs'),
  'exit-refused': ended('exited', 'an exit is refused for the rate and sent again'),
} as const satisfies Record<string, Scenario>;

const unknown = {
  'unknown-found': ended('matched', 'both answers are lost, both orders are found'),
  'unknown-frozen-late-fill': ended(
    'matched',
    'an order stays unknown, its pair freezes, its fill comes late',
  ),
  'kalshi-absent': ended('exited', 'a request to Kalshi is lost on the way: its order is absent'),
  'polymarket-absent': ended(
    'exited',
    'a request to Polymarket is lost on the way: its order is absent',
  ),
  'both-absent': ended('missed', 'both requests are lost on the way: both orders are absent'),
  'exit-unknown-found': ended('exited', 'the answer to an exit is lost: it is found'),
  'worker-killed': ended('matched', 'the worker is killed in the middle of its shot'),
  'operator-resolved': ended(
    'residual',
    'an operator says that a lost order never arrived: what is held is kept',
  ),
  'operator-resolved-flattened': ended(
    'exited',
    'an operator says flatten, and that a lost order never arrived: what is held is sold',
  ),
  'operator-filled': ended('matched', 'an operator says that it filled, and then its rows come'),
  'operator-canceled': ended(
    'residual',
    'an operator says that it was canceled with a part, and its rows come: the excess is kept',
  ),
  'operator-overruled': ended(
    'matched',
    'an operator says that it never arrived, and the venue tells of its fill',
  ),
} as const satisfies Record<string, Scenario>;

const stopped = {
  'cancelled-before-the-shot': canceled('cancelled before its shot'),
  'cancelled-settling': canceled('cancelled while it settles'),
  'cancelled-exiting': canceled('cancelled on its way down the ladder'),
  'frozen-before-the-shot': ended('denied', 'told to freeze before its shot'),
  'frozen-and-thawed': ended('matched', 'frozen and thawed while it settles'),
  'frozen-left': ended('exited', 'frozen to leave what is there: nothing is bought, only sold'),
  'frozen-canceled': ended('exited', 'frozen to cancel what still lives: what is left is sold'),
  flattened: ended('exited', 'frozen to flatten: both legs of the match are sold'),
  'taken-over': ended('residual', 'an operator takes its exits over: it sends none any more'),
} as const satisfies Record<string, Scenario>;

const waiting = {
  'open-firing': waits('fireLegs', 'both legs are out, and nobody has answered yet'),
  'open-reports': waits('reports', 'Kalshi says filled, and its trade rows are still missing'),
  'open-settling': waits('settlement', 'waits for the chain'),
  'open-canceled': waits('settlement', 'cancelled, and waits for the chain'),
  'open-flattening': waits('settlement', 'told to flatten, and waits for the chain'),
  'open-unknown': waits('evidence', 'waits for evidence of an unknown order'),
  'open-asking': waits('evidenceOf', 'asks about an unknown order, and the venue is silent'),
  'open-frozen': waits('evidence', 'has frozen its pair, and waits for evidence or an operator'),
  'open-resolved': waits('reports', 'an operator says that it filled: waits for its rows'),
  'open-exiting': waits('exitOnce', 'an exit is out, and nobody has answered yet'),
  'open-next-rung': waits('next_rung', 'waits for the next rung of the ladder'),
  'open-refused': waits('refusal', 'waits for the venue to take the order again'),
} as const satisfies Record<string, Scenario>;

const fired = {
  'fired-by-engine': ended('missed', 'its engine is asked for the shot, and both legs are refused'),
  'fired-first': ended('matched', 'an engine has fired first: it is adopted, and both legs fill'),
  'fired-first-refused': ended('exited', 'fired first, Kalshi refuses: the rest is got out of'),
  'fired-first-silent': ended('matched', 'fired first, one answer is lost: its order is found'),
  'fired-first-unsent': ended('denied', 'fired first, and the wires have taken nothing of it'),
  'open-adopting': waits('adoptFired', 'fired first, and Postgres has not been told of it yet'),
} as const satisfies Record<string, Scenario>;

const caring = {
  'custody-exit': cared('trade', 'a dead trade’s excess is sold by custody'),
  'custody-hedge': cared('trade', 'the missing leg of a dead trade is bought'),
  'custody-unknown': cared('trade', 'both orders of a dead trade are found, its match recorded'),
  'custody-looked-again': cared(
    'trade',
    'it is told of a dead trade once more while it records it: it looks again, and all is over',
  ),
  'custody-taken-over': cared('trade', 'an operator gives it a living trade’s exits: it sells'),
  'custody-over': cared('trade', 'it is told of a trade that has ended'),
  'custody-flattened': cared(
    'trade',
    'the match of an ended trade is flattened: both legs are sold',
  ),
  'custody-order': cared('order', 'a stranger’s resting order is canceled by its id'),
  'custody-reservation': cared('reservation', 'a living trade gets its reservation back'),
  'custody-leftover': cared('leftover', 'what an ended trade has left reserved is released'),
  'custody-position-sold': cared('position', 'contracts without an owner are sold'),
  'custody-position-gone': cared('position', 'contracts are watched until somebody sells them'),
  'custody-difference': cared('difference', 'a venue’s pages are read again, and both agree'),
  'custody-continued': {
    ...{ workflowType: 'custody', closing: 'CONTINUED_AS_NEW', end: 'position' },
    scenario: 'it grows long while it watches and goes on in a new run',
  },
  'custody-keep': watched('position', 'a dead trade’s excess is kept and watched'),
  'custody-position-hedged': watched(
    'position',
    'the other leg of contracts without an owner is bought, and both are watched',
  ),
  'custody-open-carried-on': watched('position', 'the new run of a long custody watches on'),
  'custody-open-unknown': watched('trade', 'waits for evidence of a dead trade’s order'),
  'custody-open-frozen': watched(
    'trade',
    'freezes the pair of a dead trade whose order stays unknown, and waits for evidence',
  ),
  'custody-open-settling': watched('trade', 'a dead trade’s shares settle'),
  'custody-open-rung': watched('trade', 'waits for the next rung of a dead trade’s ladder'),
  'custody-open-selling': watched(
    'trade',
    'the sale of a dead trade’s excess is out, and nobody has answered yet',
  ),
  'custody-open-difference': watched('difference', 'a venue states another position: watched'),
} as const satisfies Record<string, Scenario>;

const armed = {
  'armed-disarmed': armedUntil('disarmed', 'new terms, then an operator disarms it'),
  'armed-expired': armedUntil('expired', 'its time is up'),
  'armed-exhausted': armedUntil('exhausted', 'a shot leaves no budget for another'),
  'armed-denied': armedUntil('denied', 'its engine refuses to arm it: what was lent is closed'),
  'armed-cancelled': {
    ...{ workflowType: 'armPair', closing: 'CANCELED', end: 'canceled' },
    scenario: 'its workflow is cancelled: its engine lets it go',
  },
  'armed-relent': armedUntil(
    'disarmed',
    'its engine dies: the next one reads the journal, and the rest is lent to that',
  ),
  'armed-continued': {
    ...{ workflowType: 'armPair', closing: 'CONTINUED_AS_NEW', end: 'continued' },
    scenario: 'its terms change until its run is long, and it goes on in a new one',
  },
  'armed-open': armedStill('watchLease', 'armed, and nothing happens'),
  'armed-open-carried-on': armedStill('watchLease', 'the new run of a long one is armed still'),
  'armed-open-closing': armedStill('closing', 'disarmed, and a shot is nobody’s trade yet'),
  'armed-open-stray': armedStill(
    'sweeping',
    'its journal is lost, and a venue shows an order of nobody’s: its lease stays',
  ),
  'armed-open-sweeping': armedStill('sweeping', 'its engine has died, and its journal is lost'),
} as const satisfies Record<string, Scenario>;

export const scenarios = {
  ...{ ...straight, ...short, ...unknown },
  ...{ ...stopped, ...waiting, ...fired, ...caring, ...armed },
};
export type ScenarioName = keyof typeof scenarios;

const every = <T extends string>(names: Record<T, true>): readonly T[] => Object.keys(names) as T[]; // what was just stated, by name

/** Every end and every wait there is, by type: a new kind does not compile before it is named here. */
export const ends: Readonly<Record<string, Readonly<Record<'closed' | 'open', readonly End[]>>>> = {
  arbitrage: {
    closed: every<ArbitrageEnd>({
      ...{ matched: true, exited: true, residual: true, missed: true, denied: true },
      ...{ canceled: true, continued: true },
    }),
    open: every<ArbitrageWait>({
      ...{ reports: true, settlement: true, evidence: true, next_rung: true, refusal: true },
      ...{ adoptFired: true, fireLegs: true, evidenceOf: true, exitOnce: true },
    }),
  },
  custody: {
    closed: every<CustodyCaseKind>({
      ...{ trade: true, reservation: true, leftover: true },
      ...{ order: true, position: true, difference: true },
    }),
    open: every<CustodyWait>({ trade: true, position: true, difference: true }),
  },
  armPair: {
    closed: every<ArmedEnd>({
      ...{ disarmed: true, expired: true, exhausted: true, denied: true },
      ...{ canceled: true, continued: true },
    }),
    open: every<ArmedWait>({ watchLease: true, sweeping: true, closing: true }),
  },
};
