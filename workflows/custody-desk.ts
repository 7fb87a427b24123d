import {
  condition,
  continueAsNew,
  patched,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  AdoptedClosing,
  AdoptRequest,
  AttendRequest,
  PositionExitRequest,
} from '../activities/custody/custody-activities.js';
import type { ExitRequest, Question, UnknownFreeze } from '../activities/trade-activities.js';
import type {
  AdoptedTrade,
  Adoption,
  CustodyItem,
  CustodyLook,
  CustodyPlace,
  CustodyState,
  CustodyStep,
  Evidence,
  ExitOutcome,
  PositionItem,
  TradeItem,
  Wire,
} from '../domain/index.js';
import * as domain from '../domain/index.js';
import { adoptTradeSignal, casesSignal, custodyStateQuery } from './custody-messages.js';
import { exitRequestOf } from './exit-request.js';
import { timelineQuery, venueReportSignal } from './messages.js';
import { isRunLong } from './run-length.js';
import { searchKeys } from './search-attributes.js';
import { type CarriedTimeline, Timeline } from './timeline.js';

/** What a long custody takes along into its next run. */
export interface CarriedCustody extends CarriedTimeline {
  readonly state: Wire<CustodyState>;
}
type Custody = (place: CustodyPlace, carried?: CarriedCustody) => Promise<void>;
type StepOf<Kind extends CustodyStep['kind']> = Extract<CustodyStep, { readonly kind: Kind }>;

/** The name of a change, in histories for ever: what is told of a trade while it is recorded counts. */
const TOLD_WHILE_RECORDED = 'told-while-recorded';
const TIMELINE_LINES_MAX = 200;

/** The desk of one custody: handlers record, the main loop decides, every change is `#become`. */
export function openCustodyDesk(place: CustodyPlace, carried?: CarriedCustody): CustodyDesk {
  return new CustodyDesk(place, carried);
}

export class CustodyDesk {
  #state: CustodyState;
  #changes = 0;
  readonly #timeline: Timeline;
  #isUnhedged: boolean | undefined;
  readonly #place: CustodyPlace;

  constructor(place: CustodyPlace, carried?: CarriedCustody) {
    this.#place = place;
    this.#timeline = new Timeline(TIMELINE_LINES_MAX, carried);
    this.#state = carried
      ? domain.fromWire<CustodyState>(carried.state)
      : domain.openCustody(place);
    domain.assert(
      this.#state.custodyId === workflowInfo().workflowId,
      'a place is looked after by the workflow of its name',
    );
    this.#register();
    this.#show();
  }

  nextStep(): CustodyStep {
    return domain.nextCustodyStep(this.#state, Date.now());
  }

  /** Returns when anything new was told, or at the step's own time. */
  async changes({ untilMs }: StepOf<'wait'>): Promise<void> {
    const seen = this.#changes;
    const isNew = (): boolean => this.#changes > seen;
    if (untilMs === undefined) await condition(isNew);
    else await condition(isNew, Math.max(1, untilMs - Date.now()));
  }

  adoptRequest({ case: found }: TradeItem): AdoptRequest {
    const { workflowId, key, by, why, policy } = found;
    return { ...this.#own(), workflowId, key, by, why, ...(policy && { policy }) };
  }

  adopted(item: TradeItem, adoption: Adoption): void {
    const state = domain.adoptedTrade(this.#state, { item, adoption, atMs: Date.now() });
    const text = adoption.kind === 'over' ? adoption.text : `policy ${adoption.policy}`;
    this.#become(state, { event: 'adopted', text: `${item.case.workflowId}: ${text}` });
  }

  question({ item, clientOrderIds }: StepOf<'ask'>): Question {
    const { trade } = this.#adoptedOf(item);
    const { workflowId } = trade;
    const terms = domain.termsOf(trade);
    const untilMs = domain.freezeDueAtMs(trade);
    return {
      ...{ workflowId, clientOrderIds, terms, story: this.#timeline.takeUntold(workflowId) },
      ...(untilMs !== undefined && { untilMs }),
    };
  }

  learned(item: TradeItem, evidence: readonly Evidence[]): void {
    const state = domain.tradeLearned(this.#state, { item, evidence, atMs: Date.now() });
    const text = evidence.map(({ kind }) => kind).join(' | ');
    this.#become(state, { event: 'asked', text, about: item.case.workflowId });
  }

  unknownFreeze({ item, clientOrderId }: StepOf<'freeze'>): UnknownFreeze {
    const { trade } = this.#adoptedOf(item);
    const { workflowId } = trade;
    const { pairId } = trade.intent;
    const why = `order ${clientOrderId} is unknown: asked, not answered`;
    return { workflowId, pairId, clientOrderId, why, story: this.#timeline.takeUntold(workflowId) };
  }

  frozen(item: TradeItem, { freezeId }: { readonly freezeId: string }): void {
    const state = domain.tradeFrozen(this.#state, { item, freezeId, atMs: Date.now() });
    const text = 'the pair takes no new risk until this order is resolved';
    this.#become(state, { event: 'frozen', text, about: item.case.workflowId });
  }

  exitRequest({ item, ...step }: StepOf<'exit'>): ExitRequest {
    const { trade, ownership } = this.#adoptedOf(item);
    return exitRequestOf(
      { trade, ownership, story: this.#timeline.takeUntold(trade.workflowId) },
      step,
    );
  }

  exitTried(item: TradeItem, outcome: ExitOutcome): void {
    const state = domain.tradeExitTried(this.#state, { item, outcome, atMs: Date.now() });
    const text = domain.describeExit(outcome);
    this.#become(state, { event: 'exit', text, about: item.case.workflowId });
  }

  closing(item: TradeItem): AdoptedClosing {
    const { trade } = this.#adoptedOf(item);
    const result = domain.resultOf(trade, Date.now());
    const { custodyId } = this.#state;
    const [story, tradeStory] = [
      this.#timeline.takeUntold(custodyId),
      this.#timeline.takeUntold(trade.workflowId),
    ];
    const closing = domain.closingOf(trade, result);
    return { ...closing, key: item.case.key, custodyId, story, tradeStory };
  }

  recorded(item: TradeItem): void {
    const { trade } = this.#adoptedOf(item);
    const text = `${trade.workflowId}: ${domain.describeResult(domain.resultOf(trade, Date.now()))}`;
    // Runs of before the patch forgot it, and are replayed as they were.
    const isNews = domain.isToldSince(this.#state, item) && patched(TOLD_WHILE_RECORDED);
    const state = isNews
      ? domain.lookedAgain(this.#state, { item, atMs: Date.now() })
      : domain.withoutItem(this.#state, item);
    this.#become(state, { event: 'recorded', text });
  }

  attendRequest({ case: found, tries }: CustodyItem): AttendRequest {
    return { ...this.#own(), found, tries };
  }

  attended(item: CustodyItem, look: CustodyLook): void {
    const state = domain.attended(this.#state, { item, look, atMs: Date.now() });
    this.#become(state, { event: look.kind, text: `${item.case.key}: ${look.text}` });
  }

  positionExit(item: PositionItem): PositionExitRequest {
    const { exiting } = item;
    domain.assert(exiting !== undefined, 'a position is looked at before it is sold');
    const { custodyId } = this.#state;
    const { leg, rung, attempt } = exiting.ladder;
    const line = domain.purposeLine({ kind: 'exit', leg, rung, attempt });
    const clientOrderId = domain.clientOrderIdOf(custodyId, line, attempt);
    return { ...this.#own(), clientOrderId, exiting };
  }

  positionExitTried(item: PositionItem, outcome: ExitOutcome): void {
    const state = domain.positionExitTried(this.#state, { item, outcome, atMs: Date.now() });
    this.#become(state, { event: 'exit', text: domain.describeExit(outcome) });
  }

  ownQuestion({ item, clientOrderId }: StepOf<'askOwn'>): Question {
    const { exiting } = item;
    domain.assert(exiting !== undefined, 'only what was tried is asked about');
    const { custodyId: workflowId } = this.#state;
    const story = this.#timeline.takeUntold(workflowId);
    return { workflowId, clientOrderIds: [clientOrderId], terms: exiting.terms, story };
  }

  ownLearned(item: PositionItem, evidence: readonly Evidence[]): void {
    const state = domain.ownLearned(this.#state, { item, evidence, atMs: Date.now() });
    this.#become(state, { event: 'asked', text: evidence.map(({ kind }) => kind).join(' | ') });
  }

  /** What is watched may be watched for months, because no run grows without bound. */
  async continueInNewRunIfLong(): Promise<void> {
    if (!isRunLong()) return;
    const state = domain.toWire(this.#state);
    await continueAsNew<Custody>(this.#place, { state, ...this.#timeline.carried });
  }

  #own() {
    const { custodyId, place } = this.#state;
    return { custodyId, place, story: this.#timeline.takeUntold(custodyId) };
  }

  #adoptedOf({ adopted }: TradeItem): AdoptedTrade {
    domain.assert(adopted !== undefined, 'a trade is adopted before anything is done with it');
    return adopted;
  }

  #register(): void {
    setHandler(casesSignal, ({ cases }) => {
      const found = cases.map((one) => domain.fromWire<domain.CustodyCase>(one));
      const state = domain.toldCases(this.#state, found, Date.now());
      this.#become(state, { event: 'found', text: found.map(({ key }) => key).join(' | ') });
    });
    setHandler(adoptTradeSignal, ({ workflowId, by, why, policy }) => {
      const key = domain.tradeCaseKey(workflowId);
      const stated = policy === undefined ? {} : { policy };
      const found = { kind: 'trade', key, workflowId, by, why, ...stated } as const;
      const state = domain.toldCases(this.#state, [found], Date.now());
      this.#become(state, { event: 'found', text: `${workflowId}, by ${by}: ${why}` });
    });
    setHandler(venueReportSignal, ({ rows }) => {
      const told = rows.map((row) => domain.fromWire<domain.TradeRow>(row));
      const state = domain.toldRows(this.#state, told, Date.now());
      const text = told.map(domain.describeRow).join(' | ');
      this.#become(state, { event: 'reported', text });
    });
    setHandler(custodyStateQuery, () => domain.toWire(this.#state));
    setHandler(timelineQuery, () => this.#timeline.lines);
  }

  #become(
    state: CustodyState,
    { event, text, about }: { event: string; text: string; about?: string },
  ): void {
    this.#state = state;
    this.#changes += 1;
    this.#timeline.add(event, text, about ?? state.custodyId);
    this.#show();
  }

  /** An upsert is an event in the history, so only a change makes one. */
  #show(): void {
    setCurrentDetails(this.#details());
    const isUnhedged = this.#state.items.some(isAtRisk);
    if (isUnhedged === this.#isUnhedged) return;
    this.#isUnhedged = isUnhedged;
    upsertSearchAttributes([{ key: searchKeys.unhedged, value: isUnhedged }]);
  }

  #details(): string {
    const { items, place } = this.#state;
    return [
      `**${domain.instrumentKey(place.instrument)}** of ${place.account}`,
      '',
      ...items.map((item) => `- ${domain.describeItem(item)}`),
      '',
      ...this.#timeline.shown,
    ].join('\n');
  }
}

/** Contracts without an owner, or an adopted trade that holds more of one leg. */
function isAtRisk(item: CustodyItem): boolean {
  if (item.case.kind === 'position') return true;
  const { adopted } = domain.isTrade(item) ? item : {};
  return adopted !== undefined && domain.hasOpenRisk(adopted.trade);
}
