import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  AdmitRequest,
  AdoptRequest,
  AnswersRequest,
  BreakReport,
  ExitRequest,
  LegOutcome,
  Question,
  Shot,
  UnknownFreeze,
} from '../activities/trade-activities.js';
import type {
  Admission,
  ArbitrageIntent,
  Break,
  Evidence,
  ExitOutcome,
  OperatorWord,
  ShotName,
  Step,
  TradeState,
  Wire,
} from '../domain/index.js';
import * as domain from '../domain/index.js';
import type { Arbitrage, CarriedTrade, FiredBefore } from './carried-trade.js';
import { recordWord } from './desk-activities.js';
import { exitRequestOf } from './exit-request.js';
import {
  freezeSignal,
  resolveUnknownUpdate,
  stateQuery,
  type TimelineEvent,
  timelineQuery,
  unfreezeSignal,
  type Verdict,
  venueReportSignal,
  verdictUpdate,
  WORD_REFUSED,
  type WordTaken,
} from './messages.js';
import { isRunLong } from './run-length.js';
import { searchable } from './search-attributes.js';
import { Timeline } from './timeline.js';
import { tradeDetails } from './trade-details.js';

/** The story keeps its first and its latest lines. */
const TIMELINE_LINES_MAX = 400;

/**
 * The desk of one trade: its state, its handlers and what Temporal Web shows of it. Handlers record,
 * the main loop decides; every change goes through `become`.
 */
export function openTradeDesk(
  intent: Wire<ArbitrageIntent>,
  carried?: CarriedTrade | null,
  fired?: FiredBefore,
): TradeDesk {
  return new TradeDesk(intent, carried ?? undefined, fired);
}

export class TradeDesk {
  #state: TradeState;
  #changes = 0;
  readonly #timeline: Timeline;
  #shown = '';
  readonly #intent: Wire<ArbitrageIntent>;
  readonly #digest: string;
  readonly #fired: FiredBefore | undefined;

  constructor(intent: Wire<ArbitrageIntent>, carried?: CarriedTrade, fired?: FiredBefore) {
    this.#intent = intent;
    this.#fired = fired;
    this.#digest = domain.intentDigest(intent);
    this.#timeline = new Timeline(TIMELINE_LINES_MAX, carried);
    this.#state = carried
      ? domain.fromWire<TradeState>(carried.state)
      : domain.openTrade(domain.fromWire<ArbitrageIntent>(intent), workflowInfo().workflowId);
    this.#register();
    setCurrentDetails(tradeDetails(this.#state, this.#timeline));
  }

  get state(): TradeState {
    return this.#state;
  }

  isAdmitted(): boolean {
    return this.#state.admission !== undefined;
  }

  admitted(admission: Admission): void {
    this.#become(domain.admitted(this.#state, admission), 'admitted', describeAdmission(admission));
  }

  /** The shot is this trade's from now on, or will be nobody's. */
  adopted(admission: Admission): void {
    const told = admission.kind === 'approved' ? 'fired before' : describeAdmission(admission);
    this.#become(domain.admitted(this.#state, admission), 'adopted', told);
  }

  /** Asked after every change that could stop a trade before its shot: a freeze, a cancel request. */
  mayFire(): boolean {
    return domain.mayFire(this.#state);
  }

  /** It was fired before it was a trade, and its answers were not heard yet. */
  awaitsAnswers(): boolean {
    return domain.awaitsAnswers(this.#state);
  }

  fired(legs: readonly LegOutcome[]): void {
    const outcomes = Object.fromEntries(legs.map((leg) => [leg.clientOrderId, leg.outcome]));
    const told = legs.map(({ outcome }) => domain.describeOutcome(outcome)).join(' | ');
    this.#become(domain.fired(this.#state, outcomes, Date.now()), 'fired', told);
  }

  learned(evidence: readonly Evidence[]): void {
    const told = evidence.map((found) => found.kind).join(' | ');
    this.#become(domain.learned(this.#state, evidence, Date.now()), 'asked', told);
  }

  exitTried(outcome: ExitOutcome): void {
    const told = domain.describeExit(outcome);
    this.#become(domain.exitTried(this.#state, outcome, Date.now()), 'exit', told);
  }

  frozenForUnknown({ freezeId }: { readonly freezeId: string }): void {
    const told = 'the pair takes no new risk until this order is resolved';
    this.#become(domain.frozenForUnknown(this.#state, freezeId), 'frozen', told);
  }

  overruledReported({ freezeId }: { readonly freezeId: string }): void {
    const told = 'the venue has overruled an operator: the pair takes no new risk';
    this.#become(domain.frozenForUnknown(this.#state, freezeId), 'overruled', told);
  }

  nextStep(): Step {
    return domain.nextStep(this.#state, Date.now());
  }

  /** Returns when anything new was told, or at the step's own time. */
  async changes({ untilMs, for: reason }: Extract<Step, { kind: 'wait' }>): Promise<void> {
    // Rows follow an answer within milliseconds, and then the trade is somewhere else.
    if (reason !== 'reports') this.#publish();
    const seen = this.#changes;
    const isNew = (): boolean => this.#changes > seen;
    if (untilMs === undefined) await condition(isNew);
    else await condition(isNew, Math.max(1, untilMs - Date.now()));
  }

  admitRequest(): AdmitRequest {
    const { intent, workflowId } = this.#state;
    return { workflowId, intent, digest: this.#digest };
  }

  adoptRequest(shot: ShotName): AdoptRequest {
    return { ...this.admitRequest(), shot };
  }

  answersRequest(shot: ShotName): AnswersRequest {
    const { pair, terms } = domain.approvedOf(this.#state);
    const { workflowId } = this.#state;
    return { workflowId, shot, pair, terms, story: this.#timeline.takeUntold() };
  }

  shot(): Shot {
    const { intent, workflowId } = this.#state;
    const { pair, terms, entries } = domain.approvedOf(this.#state);
    const orders = [entries.yesOrder, entries.noOrder];
    const story = this.#timeline.takeUntold();
    return { workflowId, pair, strategy: intent.strategy, orders, terms, story };
  }

  /** Whose engine fires it, as the admission has said; its next run knows it by that, too. */
  engineHost(): string | undefined {
    return domain.approvedOf(this.#state).engineHost;
  }

  question(clientOrderIds: readonly string[]): Question {
    this.#publish();
    const { terms } = domain.approvedOf(this.#state);
    const { workflowId } = this.#state;
    const untilMs = domain.freezeDueAtMs(this.#state);
    return {
      ...{ workflowId, clientOrderIds, terms, story: this.#timeline.takeUntold() },
      ...(untilMs !== undefined && { untilMs }),
    };
  }

  exitRequest(step: Extract<Step, { kind: 'exit' }>): ExitRequest {
    this.#publish();
    const trade = this.#state;
    const ownership = domain.ownExit(trade.workflowId);
    return exitRequestOf({ trade, ownership, story: this.#timeline.takeUntold() }, step);
  }

  unknownFreeze(clientOrderId: string): UnknownFreeze {
    this.#publish();
    const { intent, workflowId } = this.#state;
    const known = this.#state.orders.find(({ order }) => order.clientOrderId === clientOrderId);
    const status = known?.status ?? 'unknown';
    const why =
      status === 'unknown'
        ? `order ${clientOrderId} is unknown: asked, not answered`
        : `order ${clientOrderId} is ${status} for longer than it can be`;
    return {
      workflowId,
      pairId: intent.pairId,
      clientOrderId,
      why,
      story: this.#timeline.takeUntold(),
    };
  }

  breakReport(found: Break): BreakReport {
    this.#publish();
    const { workflowId, intent } = this.#state;
    const { account, pairId } = intent;
    return { workflowId, account, pairId, found, story: this.#timeline.takeUntold() };
  }

  /** Months of asking fit into one trade, because no run grows without bound. */
  async continueInNewRunIfLong(): Promise<void> {
    if (!isRunLong()) return;
    await condition(allHandlersFinished);
    const state = domain.toWire(this.#state);
    const carried = { state, ...this.#timeline.carried };
    if (this.#fired) await continueAsNew<Arbitrage>(this.#intent, carried, this.#fired);
    else await continueAsNew<Arbitrage>(this.#intent, carried);
  }

  /** The end of the story, and all of it, for the record and for Temporal Web. */
  closed(text: string): readonly TimelineEvent[] {
    this.#become(this.#state, 'closed', text);
    this.#publish();
    return this.#timeline.lines;
  }

  #register(): void {
    setHandler(verdictUpdate, async () => {
      // Whoever asked gets the verdict, also of a trade that is cancelled meanwhile.
      await CancellationScope.nonCancellable(() => condition(() => this.isAdmitted()));
      return this.#verdict();
    });
    setHandler(
      resolveUnknownUpdate,
      (wire: Wire<OperatorWord>) => this.#said(domain.fromWire<OperatorWord>(wire)),
      {
        validator: (wire: Wire<OperatorWord>) => {
          const word = domain.fromWire<OperatorWord>(wire);
          const why = domain.wordRefusal(this.#state, word, Date.now());
          if (why !== undefined) throw ApplicationFailure.nonRetryable(why, WORD_REFUSED);
        },
      },
    );
    setHandler(stateQuery, () => domain.toWire(this.#state));
    setHandler(timelineQuery, () => this.#timeline.lines);
    setHandler(venueReportSignal, ({ rows }) => {
      const told = rows.map((row) => domain.fromWire<domain.TradeRow>(row));
      const next = domain.reported(this.#state, told, Date.now());
      this.#become(next, 'reported', told.map(domain.describeRow).join(' | '));
    });
    setHandler(freezeSignal, (notice) => {
      const { intent } = this.#state;
      const scope = { kind: 'workflow', key: this.#state.workflowId } as const;
      const freezeId = notice.freezeId ?? `signal-${String(this.#changes)}`;
      const freeze = { ...notice, freezeId, scope, atMs: Date.now() };
      const told = `${notice.cause} by ${notice.by}: ${notice.why} (${intent.pairId})`;
      this.#become(domain.frozen(this.#state, freeze), 'frozen', told);
    });
    setHandler(unfreezeSignal, ({ by, freezeId }) => {
      this.#become(domain.unfrozen(this.#state, freezeId), 'unfrozen', `by ${by}`);
    });
    // Rejects when somebody cancels; what is on the wire runs on, no new risk is taken.
    CancellationScope.current().cancelRequested.catch(() => {
      this.#become(domain.cancelRequested(this.#state), 'cancel', 'requested: no new risk');
    });
  }

  /** It counts at once; whoever said it hears so when the audit has it. */
  async #said(word: OperatorWord): Promise<WordTaken> {
    const atMs = Date.now();
    const { workflowId } = this.#state;
    const before = domain.standingOf(this.#state, word.clientOrderId);
    const told = `order ${word.clientOrderId}: ${domain.describeWord(word)}`;
    this.#become(domain.saidByOperator(this.#state, word, atMs), 'said', told);
    const after = domain.standingOf(this.#state, word.clientOrderId);
    const said = { workflowId, word, before, after, atMs, story: this.#timeline.takeUntold() };
    await CancellationScope.nonCancellable(() => recordWord(said));
    return { before: domain.toWire(before), after: domain.toWire(after) };
  }

  #verdict(): Verdict {
    const { admission } = this.#state;
    domain.assert(admission !== undefined, 'a verdict is given after admission');
    const said = admission.kind === 'repeated' ? admission.verdict : admission;
    if (said.kind === 'approved') return { kind: 'approved', digest: this.#digest };
    return { kind: 'denied', digest: this.#digest, denial: domain.toWire(said.denial) };
  }

  #become(state: TradeState, event: string, text: string): void {
    this.#state = state;
    this.#changes += 1;
    this.#timeline.add(event, text);
    setCurrentDetails(tradeDetails(this.#state, this.#timeline));
  }

  /**
   * What operators search by. An upsert is an event in the history, so it is made where the trade
   * stands for a while, not for what it passes through on its way there.
   */
  #publish(): void {
    const attributes = searchable(this.#state, Date.now());
    const shown = JSON.stringify(attributes);
    if (shown === this.#shown) return;
    this.#shown = shown;
    upsertSearchAttributes([...attributes]);
  }
}

function describeAdmission(admission: Admission): string {
  if (admission.kind === 'approved') return 'approved, reserved';
  if (admission.kind === 'repeated') return `repeated: ${admission.verdict.kind} before`;
  return `denied: ${admission.denial.code}`;
}
