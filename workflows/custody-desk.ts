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
import { type TimelineEvent, timelineQuery, venueReportSignal } from './messages.js';
import { isRunLong } from './run-length.js';
import { searchKeys } from './search-attributes.js';

/** What a long custody takes along into its next run. */
export interface CarriedCustody {
  readonly state: Wire<CustodyState>;
  readonly timeline: readonly TimelineEvent[];
  /** Lines that no activity has taken along yet; absent in runs of before they were carried. */
  readonly untold?: readonly Untold[];
}
type Untold = TimelineEvent & { readonly about: string };
type Custody = (place: CustodyPlace, carried?: CarriedCustody) => Promise<void>;
type StepOf<Kind extends CustodyStep['kind']> = Extract<CustodyStep, { readonly kind: Kind }>;

/** The name of a change, in histories for ever: what is told of a trade while it is recorded counts. */
const TOLD_WHILE_RECORDED = 'told-while-recorded';
const TIMELINE_LINES_MAX = 200;
const LINES_SHOWN = 12;

/** The desk of one custody: handlers record, the main loop decides, every change is `#become`. */
export function openCustodyDesk(place: CustodyPlace, carried?: CarriedCustody): CustodyDesk {
  return new CustodyDesk(place, carried);
}

export class CustodyDesk {
  #state: CustodyState;
  #changes = 0;
  #lines: TimelineEvent[];
  /** Lines that no activity has taken along yet, and whose story they belong to. */
  #untold: Untold[];
  #isUnhedged: boolean | undefined;
  readonly #place: CustodyPlace;

  constructor(place: CustodyPlace, carried?: CarriedCustody) {
    this.#place = place;
    this.#lines = [...(carried?.timeline ?? [])];
    this.#untold = [...(carried?.untold ?? [])];
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
    const { trade, terms } = this.#approvedOf(item);
    const { workflowId } = trade;
    const untilMs = domain.freezeDueAtMs(trade);
    return {
      ...{ workflowId, clientOrderIds, terms, story: this.#story(workflowId) },
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
    return { workflowId, pairId, clientOrderId, why, story: this.#story(workflowId) };
  }

  frozen(item: TradeItem, { freezeId }: { readonly freezeId: string }): void {
    const state = domain.tradeFrozen(this.#state, { item, freezeId, atMs: Date.now() });
    const text = 'the pair takes no new risk until this order is resolved';
    this.#become(state, { event: 'frozen', text, about: item.case.workflowId });
  }

  exitRequest({ item, excess, ladder }: StepOf<'exit'>): ExitRequest {
    const { trade, terms, pair, entries, ownership } = this.#approvedOf(item);
    const { workflowId, intent } = trade;
    const purpose = { kind: 'exit', leg: ladder.leg, rung: ladder.rung } as const;
    const line = domain.purposeLine({ ...purpose, attempt: ladder.attempt });
    return {
      workflowId,
      pair,
      strategy: intent.strategy,
      ownership,
      clientOrderId: domain.clientOrderIdOf(workflowId, line, ladder.attempt),
      entries,
      excess,
      ladder,
      isOtherLegTerminal: domain.isLegTerminal(trade, domain.opposite(excess.leg)),
      isFrozen: trade.freezes.length > 0,
      terms,
      story: this.#story(workflowId),
    };
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
    const [story, tradeStory] = [this.#story(custodyId), this.#story(trade.workflowId)];
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
    const story = this.#story(workflowId);
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
    const carried = { state, timeline: this.#lines, untold: this.#untold };
    await continueAsNew<Custody>(this.#place, carried);
  }

  #own() {
    const { custodyId, place } = this.#state;
    return { custodyId, place, story: this.#story(custodyId) };
  }

  #story(about: string): readonly TimelineEvent[] {
    const [told, kept] = [
      this.#untold.filter((line) => line.about === about),
      this.#untold.filter((line) => line.about !== about),
    ];
    this.#untold = kept;
    return told.map(({ atMs, event, text }) => ({ atMs, event, text }));
  }

  #adoptedOf({ adopted }: TradeItem): AdoptedTrade {
    domain.assert(adopted !== undefined, 'a trade is adopted before anything is done with it');
    return adopted;
  }

  #approvedOf(item: TradeItem) {
    const { trade, ownership } = this.#adoptedOf(item);
    const approval = domain.approvalOf(trade);
    domain.assert(approval !== undefined, 'only an approved trade acts on the world');
    const { terms, pair, entries } = approval;
    return { trade, ownership, terms, pair, entries };
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
    setHandler(timelineQuery, () => this.#lines);
  }

  #become(
    state: CustodyState,
    { event, text, about }: { event: string; text: string; about?: string },
  ): void {
    this.#state = state;
    this.#changes += 1;
    const line = { atMs: Date.now(), event, text };
    this.#lines.push(line);
    this.#untold.push({ ...line, about: about ?? state.custodyId });
    if (this.#lines.length > TIMELINE_LINES_MAX) this.#lines.splice(TIMELINE_LINES_MAX / 2, 1);
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
    const shown = this.#lines.slice(-LINES_SHOWN).map(({ atMs, event, text }) => {
      return `- ${new Date(atMs).toISOString().slice(11, 23)} **${event}** ${text}`;
    });
    return [
      `**${domain.instrumentKey(place.instrument)}** of ${place.account}`,
      '',
      ...items.map((item) => `- ${domain.describeItem(item)}`),
      '',
      ...shown,
    ].join('\n');
  }
}

/** Contracts without an owner, or an adopted trade that holds more of one leg. */
function isAtRisk(item: CustodyItem): boolean {
  if (item.case.kind === 'position') return true;
  const { adopted } = domain.isTrade(item) ? item : {};
  return adopted !== undefined && domain.hasOpenRisk(adopted.trade);
}
