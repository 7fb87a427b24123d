import type { Logger } from 'pino';
import {
  formatAmount,
  freezeOf,
  type Instrument,
  legInstrument,
  type Pair,
  venueNames,
} from '../../domain/index.js';
import { buildIntent, type IntentDoor, type Sighting, type StrategyTerms } from './build-intent.js';
import type { DeskView } from './desk-view.js';
import type { Doors } from './doors.js';
import { restAfter, restAfterFailureMs } from './rest-after.js';
import { type BookOf, type SightTerms, sight, sightCrossed } from './sight.js';

export interface ScannerOptions {
  readonly pairs: () => readonly Pair[];
  readonly bookOf: BookOf;
  readonly readView: () => Promise<DeskView>;
  readonly nextNumber: () => Promise<number>;
  readonly doors: Doors;
  readonly terms: StrategyTerms & SightTerms;
  /** A bounded session: no more trades than this are fired. Absent = no bound. */
  readonly firedMax?: number;
  /** How often Postgres is asked what is held, frozen and fired. */
  readonly viewEveryMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** Offers whose verdict is awaited at once. More would only queue up behind one another. */
const OFFERS_AT_ONCE_MAX = 8;
/** A view older than this decides nothing: who does not know what is held offers nothing. */
const VIEW_AGE_MS_MAX = 2_000;
/** So close to the close of either market nothing is offered: it would be denied. */
const CLOSING_MARGIN_MS = 10_000;
/** A book is said to be crossed when it has stayed so for this long. */
const CROSSED_MS_MIN = 500;

/**
 * Looks at a pair whenever one of its books changes, and hands over what nets enough.
 *
 * 1. A pair that is held, frozen, resting or on offer is skipped; so is everything while the view
 *    of Postgres is old.
 * 2. What was approved since the view was read counts as held and as fired until a newer view says.
 * 3. An unanswered offer is not repeated: its intent may be running, and the hold will show it.
 */
export class Scanner {
  readonly #options: ScannerOptions;
  readonly #onOffer = new Set<string>();
  /** Pairs approved after the view began, and when. */
  readonly #approved = new Map<string, number>();
  readonly #restingUntilMs = new Map<string, number>();
  readonly #crossedSinceMs = new Map<string, number>();
  readonly #crossedSeen = new Set<string>();
  readonly #offers = new Set<Promise<void>>();
  readonly #changed = new Set<string>();
  #view: DeskView | undefined;
  #looking: NodeJS.Immediate | undefined;
  #viewing: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: ScannerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#renewView();
  }

  /** Offers nothing more; returns when every verdict that was asked for is there. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#viewing);
    clearImmediate(this.#looking);
    await Promise.allSettled(this.#offers);
  }

  /** A book has changed. Many changes at once are one look. */
  changed({ venue, market }: Pick<Instrument, 'venue' | 'market'>): void {
    if (this.#isStopped) return;
    this.#changed.add(`${venue}/${market}`);
    this.#looking ??= setImmediate(() => {
      this.#looking = undefined;
      this.#look();
    });
  }

  async #renewView(): Promise<void> {
    try {
      const view = await this.#options.readView();
      this.#view = view;
      for (const [pairId, atMs] of this.#approved) {
        if (atMs < view.beganAtMs) this.#approved.delete(pairId);
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, 'what is held cannot be read; nothing is offered');
    }
    if (this.#isStopped) return;
    // An opportunity may outlive the hold or the rest that kept us from it.
    this.#lookAt(this.#options.pairs());
    this.#viewing = setTimeout(() => void this.#renewView(), this.#options.viewEveryMs);
  }

  #look(): void {
    const changed = new Set(this.#changed);
    this.#changed.clear();
    const touched = this.#options
      .pairs()
      .filter((pair) => venueNames.some((venue) => changed.has(`${venue}/${pair[venue].market}`)));
    this.#lookAt(touched);
  }

  #lookAt(pairs: readonly Pair[]): void {
    for (const pair of pairs) {
      if (!this.#mayOffer(pair)) continue;
      const { bookOf, terms, doors } = this.#options;
      const found = this.#newlyCrossed(pair) ?? sight(pair, bookOf, terms);
      const door = found && doors.of(found);
      if (door) this.#begin(found, door);
    }
  }

  #mayOffer(pair: Pair): boolean {
    const view = this.#view;
    const nowMs = this.#options.nowMs();
    if (this.#isStopped || !view || nowMs - view.beganAtMs > VIEW_AGE_MS_MAX) return false;
    if (this.#onOffer.size >= OFFERS_AT_ONCE_MAX || !this.#hasOffersLeft(view)) return false;
    const { pairId } = pair;
    const closesAtMs = Math.min(pair.kalshi.closesAtMs, pair.polymarket.closesAtMs);
    if (nowMs >= closesAtMs - CLOSING_MARGIN_MS) return false;
    const isHeld = view.heldPairIds.has(pairId) || this.#approved.has(pairId);
    if (isHeld || this.#onOffer.has(pairId)) return false;
    if ((this.#restingUntilMs.get(pairId) ?? 0) > nowMs) return false;
    return freezeOf(view.freezes, this.#subjectOf(pair)) === undefined;
  }

  #hasOffersLeft({ committedCount }: DeskView): boolean {
    const { firedMax } = this.#options;
    if (firedMax === undefined) return true;
    return committedCount + this.#approved.size + this.#onOffer.size < firedMax;
  }

  #subjectOf(pair: Pair) {
    const { account, strategy } = this.#options.terms;
    const instruments = (['poly_yes_kalshi_no', 'kalshi_yes_poly_no'] as const).flatMap((type) => [
      legInstrument(pair, type, 'yes'),
      legInstrument(pair, type, 'no'),
    ]);
    return {
      venues: venueNames,
      account,
      strategy,
      instruments,
      pairId: pair.pairId,
      workflowId: '',
    };
  }

  /**
   * A book that stays crossed is logged and offered once per pair and venue, so that its denial is on
   * record. One that is crossed for a moment is two messages of one change on their way.
   */
  #newlyCrossed(pair: Pair): Sighting | undefined {
    const { bookOf, terms, nowMs, log } = this.#options;
    const { pairId } = pair;
    const crossed = sightCrossed(pair, bookOf, terms);
    if (!crossed) {
      this.#crossedSinceMs.delete(pairId);
      return undefined;
    }
    const sinceMs = this.#crossedSinceMs.get(pairId) ?? nowMs();
    this.#crossedSinceMs.set(pairId, sinceMs);
    const key = `${crossed.type}/${pairId}`;
    if (nowMs() - sinceMs < CROSSED_MS_MIN || this.#crossedSeen.has(key)) return undefined;
    this.#crossedSeen.add(key);
    log.warn({ pairId, type: crossed.type }, 'book_crossed');
    return crossed;
  }

  #begin(found: Sighting, door: IntentDoor): void {
    this.#onOffer.add(found.pairId);
    const offer = this.#offer(found, door).finally(() => {
      this.#onOffer.delete(found.pairId);
      this.#offers.delete(offer);
    });
    this.#offers.add(offer);
  }

  async #offer(found: Sighting, door: IntentDoor): Promise<void> {
    const { terms, nextNumber, doors, nowMs, log } = this.#options;
    const { pairId, type, contracts, edge } = found;
    const what = { pairId, type, contracts: formatAmount(contracts), edge: formatAmount(edge) };
    try {
      const intent = buildIntent(found, terms, { n: await nextNumber(), nowMs: nowMs(), door });
      const verdict = await doors.offer(intent);
      if (verdict.kind === 'approved') this.#approved.set(pairId, nowMs());
      else this.#rest(pairId, restAfter(verdict.denial.code));
      log.info({ ...what, intentId: intent.intentId, verdict }, verdict.kind);
    } catch (error) {
      this.#rest(pairId, restAfterFailureMs);
      log.warn({ ...what, err: error }, 'an offer was not answered');
    }
  }

  #rest(pairId: string, forMs: number): void {
    this.#restingUntilMs.set(pairId, this.#options.nowMs() + forMs);
  }
}
