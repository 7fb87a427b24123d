import type { ChildOrder } from '../../domain/child-order.js';
import type { Outcome } from '../../domain/instrument.js';
import type { Quantity } from '../../domain/money.js';
import { formatAmount, ONE, price, quantity } from '../../domain/money.js';
import { reservationFor } from '../../domain/risk/reservation.js';
import type { Reservation } from '../../domain/risk/risk-input.js';
import { breakFreezeId } from '../../domain/trade/breaks.js';
import { isFlattening } from '../../domain/trade/flatten.js';
import { nextStep } from '../../domain/trade/next-step.js';
import * as opening from '../../domain/trade/open-trade.js';
import { saidByOperator, wordRefusal } from '../../domain/trade/operator-says.js';
import type { OperatorWord, SaidEvidence } from '../../domain/trade/operator-word.js';
import type {
  Evidence,
  ExitOutcome,
  SendOutcome,
  Step,
  TradeState,
} from '../../domain/trade/trade.js';
import { exitTried, fired, learned, reported } from '../../domain/trade/transitions.js';
import type { TradeRow } from '../../domain/venue-entry.js';
import { policy } from '../domain/risk-fixture.js';
import { approvalFor, intentOf, pair } from '../domain/trade-fixture.js';
import type { Move, Plot } from './moves.js';
import { PlainBook } from './plain-book.js';
import type { ExitTry } from './plot-orders.js';
import { entryOf, exitOrder, exitPlan, termsFor } from './plot-orders.js';
import { chosen, PlotVenues } from './plot-venues.js';
import { type TrueFill, type TrueOrder, Truth } from './truth.js';

const contradictions = [
  'absent, and it is there',
  'ended, and it is not',
  'traded after its end',
  'more than the legal maximum',
] as const;

/** What the run did, for the table and for the proof that nothing was left untried. */
export type Happened = Map<string, number>;

/** Parts of the promises about reservation and excess: a venue's contradiction ends some of them. */
export const checks = [
  'an entry costs no more than is reserved',
  'completions cost no more than is reserved',
  'no more may be lost before an exit',
  'no more may be lost after an exit',
  'no more may be lost after a denied match',
  'an exit is within what is reserved',
  'an exit is in excess in truth',
  'an exit is in excess after a denied match',
  'a sale of everything is held in truth',
] as const;
export type Checked = (typeof checks)[number];

export interface ExitSent {
  readonly order: ChildOrder;
  readonly step: Extract<Step, { readonly kind: 'exit' }>;
}

/**
 * One trade, led by `domain/trade` and written down beside it: what really happened at the venues
 * (`truth`) and what the desk could know of it (`book`, the obvious model).
 */
export class TradeRun {
  state: TradeState;
  nowMs = 1_000;
  readonly truth = new Truth();
  readonly book: PlainBook;
  readonly reservation: Reservation;
  readonly story: string[] = [];
  /** The exit that this very move has sent. */
  sent: ExitSent | undefined;
  readonly #happened: Happened;
  readonly #plot: Plot;
  readonly #venues: PlotVenues;

  constructor(plot: Plot, happened: Happened = new Map()) {
    this.#plot = plot;
    this.#happened = happened;
    const entries = { yesOrder: entryOf(plot, 'yes'), noOrder: entryOf(plot, 'no') };
    const { type } = plot;
    const intent = intentOf({ type, notAfterMs: 2_000 });
    const terms = termsFor(plot);
    this.book = new PlainBook({ yes: entries.yesOrder, no: entries.noOrder });
    this.#venues = new PlotVenues({
      ...{ truth: this.truth, book: this.book },
      note: (what) => {
        this.#note(what);
      },
      nowMs: () => this.nowMs,
    });
    const risk = { ...policy, exit: terms.exit };
    this.reservation = reservationFor({ intent, pair, entries, policy: risk });
    const opened = opening.openTrade(intent, 'arbitrage/desk.1.1');
    this.state = opening.admitted(opened, { ...approvalFor({ terms }), entries });
    this.#fire();
  }

  /** A promise was really looked at, and not left out. */
  readonly checked = (what: Checked): void => {
    this.#count(`checked: ${what}`);
  };

  play(move: Move): void {
    this.sent = undefined;
    this[move.what](move);
    this.book.noticeRows();
  }

  /** Both legs are sent; a stream may tell of fills before the answers are there. */
  #fire(): void {
    const [yes, no] = this.#plot.shot;
    const legs = [
      { order: this.book.legs.yes, move: yes },
      { order: this.book.legs.no, move: no },
    ];
    const outcomes = legs.map(({ order, move }) => [
      order.clientOrderId,
      this.#venues.send(order, move),
    ]);
    if (yes.pick % 4 === 0) this.#tell(this.truth.rows());
    this.book.isFired = true;
    this.state = fired(
      this.state,
      Object.fromEntries(outcomes) as Record<string, SendOutcome>, // pairs of id and outcome
      this.nowMs,
    );
    this.book.noticeRows();
  }

  /** The desk does whatever is next. */
  desk(move: Move): void {
    const step = nextStep(this.state, this.nowMs);
    this.#note(`desk ${step.kind}`);
    switch (step.kind) {
      case 'ask':
        this.#learn(step.clientOrderIds.flatMap((id) => this.#venues.answer(id, move)));
        return;
      case 'exit':
        this.#exit({ state: this.state, step, plot: this.#plot, move, nowMs: this.nowMs });
        return;
      case 'freeze': {
        const freezeId = opening.unknownFreezeId(step.clientOrderId);
        this.state = opening.frozenForUnknown(this.state, freezeId);
        return;
      }
      case 'report': {
        const freezeId = breakFreezeId(this.state.workflowId, step.found);
        this.state = opening.frozenForUnknown(this.state, freezeId);
        return;
      }
      case 'wait':
        this.nowMs = Math.max(this.nowMs, step.untilMs ?? this.nowMs);
        return;
      case 'done':
        return;
    }
  }

  trade(move: Move): void {
    const one = chosen(this.truth.open, move.pick);
    if (!one) return;
    this.#note('matched');
    this.#venues.match(one, move);
  }

  end({ pick }: Move): void {
    const one = chosen(this.truth.open, pick);
    if (!one) return;
    this.#note('ended');
    one.isOpen = false;
  }

  /** An order that was thought lost reaches its venue after all. */
  arrive({ pick }: Move): void {
    const lost = this.truth.orders.filter(
      (one) => !one.hasArrived && this.#venues.isSilent(one.order.clientOrderId),
    );
    const one = chosen(lost, pick);
    if (!one) return;
    this.#note('arrived late');
    one.hasArrived = true;
    one.isOpen = true;
  }

  /** A chain has confirmed a match, or has taken it back. */
  settle({ pick, twist }: Move): void {
    const fill = chosen(this.truth.provisional, pick);
    if (!fill) return;
    fill.fate = twist % 4 === 0 ? 'reversed' : 'final';
    this.#note(fill.fate === 'final' ? 'confirmed' : 'failed');
  }

  /** Some of all that was ever to be told, old news among it, in either order. */
  tell({ pick, size, twist }: Move): void {
    const rows = this.truth.rows().filter((_, index) => (index * 31 + pick) % 100 < size + 20);
    this.#tell(twist % 2 === 0 ? rows : rows.reverse());
  }

  tellAgain(): void {
    this.#tell([...this.state.rows, ...this.state.rows]);
  }

  time({ size, twist }: Move): void {
    this.nowMs += twist % 3 === 0 ? size * 200 : size;
  }

  /** Evidence that nobody asked for, or that comes twice. */
  evidence(move: Move): void {
    const known = this.state.orders.map(({ order }) => order.clientOrderId);
    const lost = this.book.lostExit;
    const id = chosen(lost === undefined ? known : [...known, lost], move.pick);
    if (id !== undefined) this.#learn(this.#venues.answer(id, move));
  }

  /** What a venue cannot do by its own rules, and one day does. */
  contradict(move: Move): void {
    const one = chosen(this.truth.orders, move.pick);
    if (!one) return;
    const way = contradictions[move.twist % contradictions.length] ?? contradictions[0];
    this.#note(way);
    switch (way) {
      case 'absent, and it is there':
        this.#learn([this.#venues.absent(one)]);
        break;
      case 'ended, and it is not':
        this.#learn([this.#venues.found(one, { told: 'canceled', rows: [] })]);
        break;
      case 'traded after its end':
        this.#forced(one, ((BigInt(move.size) * ONE) / 10n) as Quantity); // tenths of contracts
        break;
      case 'more than the legal maximum':
        this.#forced(one, (one.order.legalMaximum + ONE) as Quantity); // contracts
        break;
    }
  }

  #forced(one: TrueOrder, quantity: Quantity): void {
    one.hasArrived = true;
    const { limitPrice } = one.order;
    this.truth.force(one, { quantity, price: limitPrice, atMs: this.nowMs, isNamed: true });
    this.#tell(this.truth.rows([one]));
  }

  say(move: Move): void {
    const ids = [...this.book.orders.map((order) => order.clientOrderId), this.book.lostExit ?? ''];
    const id = chosen(ids, move.pick) ?? '';
    const word: OperatorWord = { clientOrderId: id, evidence: this.#said(id, move), by: 'ada' };
    const isRefused = wordRefusal(this.state, word, this.nowMs) !== undefined;
    this.#note(isRefused ? 'word refused' : `word ${word.evidence.kind}`);
    if (isRefused) return;
    this.book.words.push(word);
    this.state = saidByOperator(this.state, word, this.nowMs);
  }

  freeze({ twist }: Move): void {
    const action = (['leave', 'cancel', 'flatten'] as const)[twist % 3] ?? 'leave';
    this.#note(`freeze ${action}`);
    this.state = opening.frozen(this.state, {
      freezeId: `freeze-${action}`,
      scope: { kind: 'global' },
      ...{ cause: 'manual', why: 'lunch', by: 'ada', action, atMs: this.nowMs },
    });
  }

  unfreeze(): void {
    this.state = opening.unfrozen(this.state);
  }

  cancel(): void {
    this.state = opening.cancelRequested(this.state);
  }

  /** What the desk tries to get out of, by the obvious model. */
  wayOut(): { readonly leg: Outcome; readonly quantity: bigint } | undefined {
    return isFlattening(this.state) ? this.book.everything() : this.book.excess();
  }

  /**
   * Nobody can know of it: it is not told of, and its order has traded what the venue denied. Rows of
   * that make up for the venue's figure, and nothing shows any more that another row is missing.
   */
  isHidden({ order, fills }: TrueOrder, { executionId }: TrueFill): boolean {
    const known = this.book.fills(order.clientOrderId);
    const isKnown = known.some((fill) => fill.executionId === executionId);
    return !isKnown && fills.some((fill) => fill.isDenied);
  }

  #exit(tried: ExitTry): void {
    const outcome = this.#outcomeOf(tried);
    this.state = exitTried(this.state, outcome, this.nowMs);
  }

  #outcomeOf(tried: ExitTry): ExitOutcome {
    const { step, move } = tried;
    if (move.twist % 20 === 19) return { kind: 'kept', reason: 'kept' };
    const plan = exitPlan(tried);
    if (plan.kind === 'wait') return { kind: 'waited', why: plan.why, untilMs: plan.untilMs };
    if (plan.kind === 'keep') {
      return { kind: 'kept', reason: plan.reason, quantity: step.excess.quantity };
    }
    const order = exitOrder(tried, plan);
    if (!order) return { kind: 'kept', reason: 'below_minimum' };
    this.#note(plan.how);
    this.sent = { order, step };
    if (move.twist % 5 === 0) return this.#venues.lose(order, move);
    const outcome = this.#venues.send(order, move);
    this.book.orders.push(order);
    return { kind: 'sent', how: plan.how, order, outcome, atMs: this.nowMs };
  }

  #learn(evidence: readonly Evidence[]): void {
    for (const item of evidence) {
      this.#note(`evidence ${item.kind}`);
      if (item.kind === 'open' || item.kind === 'found') this.book.told(item.rows);
    }
    this.state = learned(this.state, evidence, this.nowMs);
  }

  #tell(rows: readonly TradeRow[]): void {
    this.#note('rows told');
    this.book.told(rows);
    this.state = reported(this.state, rows, this.nowMs);
  }

  #said(id: string, { size, twist }: Move): SaidEvidence {
    if (twist % 3 === 0) return { kind: 'never_arrived' };
    const order = this.book.order(id);
    const most = order?.fixed.kind === 'contracts' ? order.fixed.contracts : quantity('20');
    const part = ((most * BigInt(size)) / 100n) as Quantity; // a part of contracts
    if (twist % 3 === 1) return { kind: 'canceled', filled: part };
    const quantityAll = most;
    const trade = {
      executionId: 'said',
      quantity: quantityAll,
      price: order?.limitPrice ?? price('0.5'),
    };
    return { kind: 'filled', trades: [trade] };
  }

  #note(what: string): void {
    this.story.push(`${String(this.nowMs)} ${what}`);
    this.#count(what);
  }

  #count(what: string): void {
    this.#happened.set(what, (this.#happened.get(what) ?? 0) + 1);
  }

  /**
   * The venues come to rest: every order ends, every match is confirmed, everything is told, every
   * question is answered by the truth. The desk has to come to an end by itself, and `look` sees the
   * state before each of its steps.
   */
  settleEverything(look: (before: TradeState) => void): void {
    for (let steps = 0; steps < STEPS_MAX; steps += 1) {
      for (const one of this.truth.orders) if (one.isOpen) this.#venues.over(one);
      for (const fill of this.truth.provisional) fill.fate = 'final';
      // An exit is measured by what could be known as it was sent, not by what is told here.
      this.sent = undefined;
      this.#tell(this.truth.rows());
      const step = nextStep(this.state, this.nowMs);
      if (step.kind === 'done') return;
      const before = this.state;
      this.play({ what: 'desk', pick: 1, size: 100, twist: 18 });
      look(before);
    }
    throw new Error(
      `the trade does not end: ${JSON.stringify(nextStep(this.state, this.nowMs), text)}`,
    );
  }
}

const STEPS_MAX = 600;

const text = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? formatAmount(value) : value;
