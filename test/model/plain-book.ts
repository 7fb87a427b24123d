import type { ChildOrder } from '../../domain/child-order.js';
import type { Instrument, Outcome } from '../../domain/instrument.js';
import type { OperatorWord } from '../../domain/trade/operator-word.js';
import type { Fill, TradeRow } from '../../domain/venue-entry.js';

/** What was said of one order, one line after the other. */
export type Said =
  | { readonly kind: 'definite_no' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'shown' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'cumulative'; readonly quantity: bigint }
  | { readonly kind: 'rows' };

interface Line {
  readonly clientOrderId: string;
  readonly said: Said;
}

/**
 * The slow, obvious model of a trade: four lists, and every question answered by reading them from
 * the start. It is written from DESIGN §1, §5, §6 and §9, and knows nothing of `domain/trade`.
 */
export class PlainBook {
  readonly legs: Readonly<Record<Outcome, ChildOrder>>;
  readonly orders: ChildOrder[] = [];
  readonly lines: Line[] = [];
  readonly rows: TradeRow[] = [];
  readonly words: OperatorWord[] = [];
  /** The clientOrderId of the exit whose answer is lost, while nothing is known of it. */
  lostExit: string | undefined;
  isFired = false;

  constructor(legs: Readonly<Record<Outcome, ChildOrder>>) {
    this.legs = legs;
    this.orders.push(legs.yes, legs.no);
  }

  said(clientOrderId: string, ...sayings: readonly Said[]): void {
    for (const said of sayings) this.lines.push({ clientOrderId, said });
  }

  /** Each row once; a final one beside its provisional twin makes it final. */
  told(news: readonly TradeRow[]): void {
    for (const row of news) {
      const isKnown = this.rows.some(
        (known) => isSame(known, row) && finality(known) === finality(row),
      );
      if (!isKnown) this.rows.push(row);
    }
    this.noticeRows();
  }

  /** Rows show that their order is there, once it is known that it was sent. */
  noticeRows(): void {
    if (!this.isFired) return;
    for (const { clientOrderId } of this.orders) {
      const isToldAlready = this.linesOf(clientOrderId).at(-1)?.kind === 'rows';
      if (isToldAlready || this.fills(clientOrderId).length === 0) continue;
      this.said(clientOrderId, { kind: 'rows' });
    }
  }

  order(clientOrderId: string): ChildOrder | undefined {
    return this.orders.find((order) => order.clientOrderId === clientOrderId);
  }

  rowsOf(clientOrderId: string): TradeRow[] {
    const isNumberKnown = this.lines.some(
      (line) => line.clientOrderId === clientOrderId && line.said.kind === 'cumulative',
    );
    return this.rows.filter(
      (row) =>
        row.clientOrderId === clientOrderId ||
        (row.clientOrderId === undefined &&
          isNumberKnown &&
          row.venueOrderId === `v-${clientOrderId}`),
    );
  }

  /** Matches, each once, whatever became of them. */
  fills(clientOrderId: string): Fill[] {
    const fills = this.rowsOf(clientOrderId).filter((row): row is Fill => row.kind === 'fill');
    return fills.filter((fill, index) => fills.findIndex((one) => isSame(one, fill)) === index);
  }

  isReversed(fill: Fill): boolean {
    return this.rows.some((row) => row.kind === 'reversal' && row.executionId === fill.executionId);
  }

  isFinal(fill: Fill): boolean {
    return this.rows.some((row) => isSame(row, fill) && finality(row) === 'final');
  }

  matched = (id: string): bigint => sum(this.fills(id).map((fill) => fill.quantity));
  stands = (id: string): bigint =>
    sum(
      this.fills(id)
        .filter((fill) => !this.isReversed(fill))
        .map((fill) => fill.quantity),
    );
  finallyStands = (id: string): bigint =>
    sum(
      this.fills(id)
        .filter((fill) => !this.isReversed(fill) && this.isFinal(fill))
        .map((fill) => fill.quantity),
    );

  /** The larger of rows and what the venue has said in one figure. */
  toldOf(id: string): bigint {
    const figures = this.linesOf(id).flatMap((said) =>
      said.kind === 'cumulative' ? [said.quantity] : [],
    );
    return most(this.matched(id), ...figures);
  }

  linesOf(id: string): Said[] {
    return this.lines.filter((line) => line.clientOrderId === id).map((line) => line.said);
  }

  /**
   * Nothing more is expected of the order. What ended it stays; "not there" holds until somebody shows
   * it, and means nothing of an order that was shown before.
   */
  isOver(id: string): boolean {
    const { fixed } = this.order(id) ?? {};
    let isShown = false;
    let isAbsent = false;
    for (const said of this.linesOf(id)) {
      if (said.kind === 'ended') return true;
      // What was shown was taken: a refusal after that is not believed.
      if (said.kind === 'definite_no' && !isShown) return true;
      if (said.kind === 'absent' && !isShown) isAbsent = true;
      if (said.kind === 'shown' || said.kind === 'rows') {
        isShown = true;
        isAbsent = false;
      }
    }
    if (isAbsent) return true;
    return this.isFired && fixed?.kind === 'contracts' && this.matched(id) >= fixed.contracts;
  }

  /** We asked and do not know: neither shown nor over. */
  isUnknown(id: string): boolean {
    const lines = this.linesOf(id);
    const isSilent = lines.some((said) => said.kind === 'silence');
    return (
      isSilent && !this.isOver(id) && !lines.some(({ kind }) => kind === 'shown' || kind === 'rows')
    );
  }

  /** The most that it can still stand for. */
  canStandFor(id: string): bigint {
    const told = this.toldOf(id);
    const worst = this.isOver(id) ? told : most(told, this.order(id)?.legalMaximum ?? 0n);
    const reversals = this.rowsOf(id).filter((row) => row.kind === 'reversal');
    const takenBack = sum(reversals.map((row) => row.quantity));
    return most(worst - takenBack, this.stands(id));
  }

  buys(leg: Outcome): string[] {
    return this.idsOf(
      (order) =>
        order.side === 'buy' && isSameInstrument(order.instrument, this.legs[leg].instrument),
    );
  }

  /** Sales, and purchases of the other outcome in the same market, which the venue nets. */
  exits(leg: Outcome): string[] {
    const own = this.legs[leg].instrument;
    return this.idsOf(
      ({ side, instrument }) =>
        instrument.market === own.market &&
        (side === 'sell' ? instrument.outcome === own.outcome : instrument.outcome !== own.outcome),
    );
  }

  /** Σ entries of a leg: what the venue's rows leave of it. */
  position(leg: Outcome): bigint {
    return sum(this.buys(leg).map(this.stands)) - sum(this.exits(leg).map(this.stands));
  }

  /** DESIGN §6: what nothing can match any more. */
  excess(): { readonly leg: Outcome; readonly quantity: bigint } | undefined {
    if (this.lostExit !== undefined) return undefined;
    const isSizeUnknown = this.orders.some(
      ({ clientOrderId, fixed, side }) =>
        fixed.kind === 'collateral' && side === 'buy' && this.isUnknown(clientOrderId),
    );
    if (isSizeUnknown) return undefined;
    const over = (a: Outcome, b: Outcome) => this.surelyHeld(a) - this.atMostHeld(b);
    if (over('yes', 'no') > 0n) return { leg: 'yes', quantity: over('yes', 'no') };
    if (over('no', 'yes') > 0n) return { leg: 'no', quantity: over('no', 'yes') };
    return undefined;
  }

  surelyHeld(leg: Outcome): bigint {
    const soldAtMost = sum(this.exits(leg).map((id) => this.canStandFor(id)));
    return most(0n, sum(this.buys(leg).map(this.stands)) - soldAtMost);
  }

  atMostHeld(leg: Outcome): bigint {
    const boughtAtMost = sum(this.buys(leg).map((id) => this.canStandFor(id)));
    return most(0n, boughtAtMost - sum(this.exits(leg).map(this.finallyStands)));
  }

  /** DESIGN §6 under a freeze that says `flatten`: the leg that settles on chain first, the other after it. */
  everything(): { readonly leg: Outcome; readonly quantity: bigint } | undefined {
    if (this.lostExit !== undefined) return undefined;
    const first = this.legs.no.instrument.venue === 'polymarket' ? 'no' : 'yes';
    const second = first === 'yes' ? 'no' : 'yes';
    const believed = (id: string) => {
      const word = this.standingWord(id);
      return word === undefined ? this.canStandFor(id) : most(this.toldOf(id), word);
    };
    const mayBeLeft = most(
      0n,
      sum(this.buys(first).map(believed)) - sum(this.exits(first).map(this.stands)),
    );
    const follows = this.surelyHeld(second) - mayBeLeft;
    if (follows > 0n) return { leg: second, quantity: follows };
    const held = this.surelyHeld(first);
    return held > 0n ? { leg: first, quantity: held } : undefined;
  }

  /** An exit that may still trade, and that nobody with a name has spoken of. */
  exitsInDoubt(): string[] {
    const exits = this.orders.slice(2).map((order) => order.clientOrderId);
    const open = exits.filter((id) => !this.isOver(id) && this.standingWord(id) === undefined);
    return this.lostExit === undefined ? open : [...open, this.lostExit];
  }

  /** What an operator says was traded, unless the venue has said more, or has shown it. */
  standingWord(id: string): bigint | undefined {
    const word = this.words.findLast((one) => one.clientOrderId === id);
    if (!word || this.isOver(id)) return undefined;
    const expected = expectedBy(word);
    if (this.toldOf(id) > expected) return undefined;
    const isDenied = word.evidence.kind === 'never_arrived' && !this.isUnknown(id);
    return isDenied ? undefined : expected;
  }

  /** Orders of which something is still to be learned. */
  openQuestions(): string[] {
    if (!this.isFired) return [];
    const open = this.orders
      .map((order) => order.clientOrderId)
      .filter((id) => this.isOpenQuestion(id));
    const lost = this.lostExit;
    if (lost === undefined) return open;
    const word = this.words.findLast((one) => one.clientOrderId === lost);
    const isSettledByWord = word !== undefined && expectedBy(word) === 0n;
    const isNamed = this.rows.some((row) => row.clientOrderId === lost);
    return isSettledByWord && !isNamed ? open : [...open, lost];
  }

  private isOpenQuestion(id: string): boolean {
    const word = this.standingWord(id);
    if (!this.isOver(id) && word === undefined) return true;
    if (this.matched(id) < most(this.toldOf(id), word ?? 0n)) return true;
    return this.fills(id).some((fill) => !this.isReversed(fill) && !this.isFinal(fill));
  }

  private idsOf(isWanted: (order: ChildOrder) => boolean): string[] {
    return this.orders.filter(isWanted).map((order) => order.clientOrderId);
  }
}

export function expectedBy({ evidence }: OperatorWord): bigint {
  if (evidence.kind === 'never_arrived') return 0n;
  if (evidence.kind === 'canceled') return evidence.filled;
  return sum(evidence.trades.map((trade) => trade.quantity));
}

const isSame = (left: TradeRow, right: TradeRow): boolean =>
  left.kind === right.kind &&
  left.venueOrderId === right.venueOrderId &&
  left.executionId === right.executionId;
const finality = (row: TradeRow): string => (row.kind === 'fill' ? row.finality : 'reversed');
const isSameInstrument = (left: Instrument, right: Instrument): boolean =>
  left.market === right.market && left.outcome === right.outcome;
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);
const most = (...amounts: readonly bigint[]): bigint =>
  amounts.reduce((largest, one) => (one > largest ? one : largest));
