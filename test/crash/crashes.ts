import type { Point } from '../../activities/points.js';
import type { EndName } from '../support/crash-ends.js';
import { LOST_AFTER_MS, type ScenarioName } from '../support/crash-scenarios.js';
import type { AnyPoint, SentPoint } from '../support/fire-points.js';

/** One death: in which trade, and how the trade then ends. */
export interface Crash {
  readonly in: ScenarioName;
  /**
   * The one end of the trade is the scenario's own, unless it says here which other, and why it may:
   * an order whose worker died first never arrived. Two, where the wire decides.
   */
  readonly endsAs?: readonly EndName[];
  /** How long the intent may wait, where that is not as the scenario has it. */
  readonly validMs?: number;
  /** How late a silent order is filled: what has to happen before must be over on a busy machine, too. */
  readonly lateFillMs?: number;
  /** Nobody offers either leg any more once the worker is dead: what is held can only be sold. */
  readonly isDearAfterwards?: true;
  /** Who dies first, so that this point is passed at all. */
  readonly after?: TradePoint;
  /** The venue whose booker dies; Kalshi's unless told. */
  readonly booker?: 'kalshi' | 'polymarket';
}

/** The others have tables of their own: custody's work, the keepers' and the supervisor's. */
export type TradePoint = Exclude<AnyPoint, CustodyPoint | KeeperPoint | SupervisorPoint>;
export type CustodyPoint = Extract<
  Point | SentPoint,
  | `custody${string}`
  | `sweep:${string}`
  | `flatten:${string}`
  | 'booking: case written, custody not told'
>;
export const isCustodys = (point: AnyPoint): boolean =>
  /^(?:custody|sweep|flatten)\b/.test(point) || point === 'booking: case written, custody not told';
/** Of what is kept beside the trades: a pair's switch at its venue, and matches until they pay. */
export type KeeperPoint = Extract<Point, `group:${string}` | `held pair:${string}`>;
/** A rung that custody fires for a trade which it has adopted: the trade's own points once more. */
export type AdoptedPoint = Extract<Point | SentPoint, `exit: ${string}`>;
export type SupervisorPoint = Extract<Point, `supervisor:${string}`>;

const SILENT = 'YES is taken, not answered and filled late';
const OVERRULED = 'an operator says that YES was canceled, and it is filled';
const AT_THE_END = 'nothing is left of either, and NO is filled around the end';
/** Who heard the word dies, and whoever comes next must hear it before the venue tells the fill. */
const WORD_LATE_MS = 15_000;
/** Where an order may never leave, it is absent once it could not arrive any more. */
const CUT_OFF = { in: 'both legs fill', validMs: LOST_AFTER_MS } as const;

/** Every point of a trade, and what may become of the trade whose worker dies there. */
export const crashes: Record<TradePoint, Crash> = {
  'admit: asked, nothing written': { in: 'both legs fill' },
  // The intent and its answer are one commit: dead in between, nothing was written of either.
  'admit: intent written, not decided': { in: 'both legs fill' },
  'admit: decided and reserved, not told': { in: 'both legs fill' },
  // No row, so nothing can have left: the ids are forbidden, and the trade is over.
  'fire: asked, nothing recorded': { in: 'both legs fill', endsAs: ['nothing was sent'] },
  // The rows are there, so both are asked about until they could not arrive any more.
  'fire: recorded, nothing sent': { ...CUT_OFF, endsAs: ['neither leg arrived'] },
  'fire: past the gate, nothing sent': { ...CUT_OFF, endsAs: ['neither leg arrived'] },
  'fire: one leg sent, the other not': {
    ...CUT_OFF,
    isDearAfterwards: true,
    endsAs: ['YES sold', 'NO sold'],
  },
  'fire: both legs sent, no answer': { in: 'both legs fill' },
  'fire: one leg answered, nothing recorded': { in: 'the answer to YES is held back' },
  'fire: one answer recorded, the other not': { in: 'both legs fill' },
  'fire: answers recorded, not told': { in: 'both legs fill' },
  'ask: asked, nothing cancelled': { in: SILENT },
  'ask: cancelled, not looked for': { in: SILENT },
  'ask: forbidden to leave, not told': {
    in: 'both legs fill',
    after: 'fire: asked, nothing recorded',
    endsAs: ['nothing was sent'],
  },
  'ask: found, not adopted': { in: SILENT },
  'ask: adopted, its fills not booked': { in: SILENT },
  'ask: fills booked, not told': { in: SILENT },
  'ask: missed, not recorded': { in: 'only NO arrives' },
  'ask: absent, its freeze not lifted': { in: 'only NO arrives' },
  'exit: asked, nothing priced': {
    in: 'nothing is left of YES',
    endsAs: ['NO sold by the second rung'],
  },
  'exit: priced, nothing recorded': {
    in: 'nothing is left of YES',
    endsAs: ['NO sold by the second rung'],
  },
  'exit: recorded, nothing sent': {
    in: 'nothing is left of YES',
    endsAs: ['NO sold by the second rung'],
  },
  'exit: sent, no answer': { in: 'nothing is left of YES' },
  'exit: answered, nothing recorded': { in: 'nothing is left of YES' },
  'exit: answer recorded, not told': { in: 'nothing is left of YES' },
  'freeze: asked, not written': { in: 'only NO arrives' },
  'freeze: written, not told': { in: 'only NO arrives' },
  'control: freeze heard, not acknowledged': {
    in: 'an operator freezes the pair of two filled legs',
  },
  'control: freeze acknowledged, not read again': {
    in: 'an operator freezes the pair of two filled legs',
  },
  'word: said, not written': { in: OVERRULED, lateFillMs: WORD_LATE_MS },
  'word: written, not told': { in: OVERRULED, lateFillMs: WORD_LATE_MS },
  'break: found, not written': { in: OVERRULED },
  'break: its pair frozen, not told': { in: OVERRULED },
  'record: asked, nothing written': { in: 'both legs fill' },
  'record: residual frozen, not closed': { in: 'nothing is left of YES, and nobody buys NO' },
  'record: orders settled, not closed': { in: 'both legs fill' },
  'record: closed, not told': { in: 'both legs fill' },
  'late rows: found, nothing written': { in: AT_THE_END },
  'late rows: pair frozen, not told': { in: AT_THE_END },
  // A booker, or the first rung itself: whose id is burnt then.
  'reopen: end taken back, not told': {
    in: AT_THE_END,
    endsAs: ['NO sold', 'NO sold by the second rung'],
  },
  'record: second end written, the first one not over': { in: AT_THE_END },
  'booking: heard, not committed': { in: 'both legs fill' },
  'booking: committed, nobody told': { in: 'both legs fill', booker: 'polymarket' },
  'booking: pages booked, cursor not moved': {
    in: 'both legs fill',
    after: 'booking: heard, not committed',
  },
  'booking: cursor moved, nothing looked at': {
    in: 'both legs fill',
    after: 'booking: heard, not committed',
  },
  'booking: order known, its freeze not lifted': { in: SILENT, booker: 'polymarket' },
};
