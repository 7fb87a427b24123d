import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { LeaseClosing, LeaseWatch, LendRequest } from '../activities/lend-activities.js';
import type {
  ArmAnswer,
  Arming,
  ArmingEnd,
  ArmingEnding,
  ArmingState,
  ArmingStep,
  ArmRequest,
  ArmTerms,
  CloseAnswer,
  Disarmed,
  Heard,
  LeaseSeen,
  LendAnswer,
  Recalled,
  Swept,
  Wire,
} from '../domain/index.js';
import * as domain from '../domain/index.js';
import { watchLease } from './arming-activities.js';
import { armingDetails, describeAnswer } from './arming-details.js';
import {
  ARMING_REFUSED,
  type ArmedVerdict,
  type ArmPair,
  armedStateQuery,
  armedVerdictUpdate,
  type CarriedArming,
  changeTermsUpdate,
  type DisarmNotice,
  type DisarmTaken,
  disarmUpdate,
  type TermsTaken,
} from './arming-messages.js';
import { timelineQuery } from './messages.js';
import { hasManyEvents } from './run-length.js';
import { searchKeys } from './search-attributes.js';
import { Timeline } from './timeline.js';

const TIMELINE_LINES_MAX = 200;

/** The desk of one armed pair: handlers record, the main loop decides, every change is `#become`. */
export function openArmingDesk(request: Wire<ArmRequest>, carried?: CarriedArming): ArmingDesk {
  return new ArmingDesk(request, carried);
}

export class ArmingDesk {
  #state: ArmingState;
  #changes = 0;
  #stageShown: string | undefined;
  readonly #timeline: Timeline;
  readonly #request: Wire<ArmRequest>;
  /** A pair may be armed again when this has ended: names are of this time only. */
  readonly #firstRunId: string;

  constructor(request: Wire<ArmRequest>, carried?: CarriedArming) {
    this.#request = request;
    this.#firstRunId = carried?.firstRunId ?? workflowInfo().runId;
    this.#timeline = new Timeline(TIMELINE_LINES_MAX, carried);
    this.#state = carried
      ? domain.fromWire<ArmingState>(carried.state)
      : domain.openArming(domain.fromWire<ArmRequest>(request));
    domain.assert(
      this.#state.workflowId === workflowInfo().workflowId,
      'a pair is armed by the workflow of its name',
    );
    this.#register();
    this.#show();
  }

  nextStep(): ArmingStep {
    return domain.nextArmingStep(this.#state, Date.now());
  }

  lendRequest(): LendRequest {
    const { workflowId, request, terms, left } = this.#state;
    return {
      workflowId,
      leaseId: this.#nextLeaseId(),
      request: { ...request, ...terms, budget: left },
    };
  }

  lendAnswered(answer: LendAnswer): void {
    this.#become(domain.lendAnswered(this.#state, answer, Date.now()), 'lend', answer);
  }

  recalling(): { readonly leaseId: string; readonly pairId: string } {
    return { leaseId: this.#nextLeaseId(), pairId: this.#request.pairId };
  }

  recalled(answer: Recalled): void {
    this.#become(domain.recalled(this.#state, answer), 'recall', answer);
  }

  host(): string {
    return this.#lease().host;
  }

  arming(): Arming {
    const { request, terms } = this.#state;
    const { leaseId, pair, contractsMax, orderGroupId } = this.#lease();
    domain.assert(pair !== undefined, 'a pair that is off its file is not armed');
    const { account, strategy, fires, types } = request;
    return {
      ...{ armingId: leaseId, leaseId, pair, account, strategy, fires, types, ...terms },
      contractsMax: domain.least(terms.contractsMax, contractsMax),
      ...(orderGroupId !== undefined && { orderGroupId }),
    };
  }

  /** Terms that were changed while their engine was told of others are told of once more. */
  armAnswered(version: number, answer: Heard<ArmAnswer>): void {
    this.#become(domain.armAnswered(this.#state, { answer, version }), 'arm', answer);
  }

  version(): number {
    return this.#state.version;
  }

  lease(): { readonly leaseId: string } {
    return { leaseId: this.#lease().leaseId };
  }

  stopped(seen: LeaseSeen, ending?: ArmingEnding): void {
    const state = domain.leaseStopped(domain.leaseSeen(this.#state, seen), ending);
    const text = (state.ending ?? ending)?.why ?? 'to be lent anew';
    this.#become(state, 'stop', text);
  }

  disarming(): { readonly armingId: string; readonly pairId: string } {
    return { armingId: this.#lease().leaseId, pairId: this.#state.request.pairId };
  }

  disarmAnswered(answer: Heard<Disarmed>): void {
    this.#become(domain.disarmAnswered(this.#state, answer, Date.now()), 'disarm', answer);
  }

  sweeping(): { readonly pairId: string; readonly epoch: number } {
    return { pairId: this.#state.request.pairId, epoch: this.#lease().engineEpoch };
  }

  sweepAnswered(answer: Heard<Swept>): void {
    this.#become(domain.sweepAnswered(this.#state, answer, Date.now()), 'sweep', answer);
  }

  closing(): LeaseClosing {
    const { leaseId, evidence } = this.#lease();
    domain.assert(evidence !== undefined, 'a lease is closed on evidence');
    const { by, why } = this.#state.ending ?? { by: 'legwork', why: 'its engine started anew' };
    return { leaseId, evidence, by, why };
  }

  closeAnswered(answer: CloseAnswer): void {
    const text = answer.refusal ?? 'closed';
    this.#become(domain.closeAnswered(this.#state, answer, Date.now()), 'close', text);
  }

  /** Returns when anything new was told or seen, or at the step's own time. */
  async changes({ untilMs, watches }: Extract<ArmingStep, { kind: 'wait' }>): Promise<void> {
    const known = this.#changes;
    const waitMs = Math.max(1, untilMs - Date.now());
    const isNew = (): boolean => this.#changes > known || isNewRunDue();
    if (isNew()) return;
    if (!watches) {
      await condition(isNew, waitMs);
      return;
    }
    const scope = new CancellationScope();
    const told = scope.run(async () => condition(isNew, waitMs).then(() => undefined));
    const watched = scope.run(() => watchLease(this.#watch()));
    try {
      const seen = await Promise.race([told, watched]);
      if (seen) this.#seen(seen);
    } finally {
      scope.cancel();
    }
  }

  /** A pair may be armed for months, because no run grows without bound. */
  async continueInNewRunIfLong(): Promise<void> {
    if (!isNewRunDue()) return;
    const { timeline } = this.#timeline.carried;
    const state = domain.toWire(this.#state);
    await continueAsNew<ArmPair>(this.#request, {
      ...{ state, timeline, firstRunId: this.#firstRunId },
    });
  }

  /** Ends as cancelled where that was asked; its last state says the rest. */
  async end(): Promise<Wire<ArmingEnd>> {
    const ending = domain.endingOf(this.#state, Date.now());
    domain.assert(ending !== undefined, 'a pair is armed until there is a reason why not');
    this.#become({ ...this.#state, stage: 'over', ending }, 'over', ending.why);
    await condition(allHandlersFinished);
    if (ending.kind === 'canceled') throw new CancelledFailure(ending.why);
    const shots = domain.shotsFired(this.#state);
    return domain.toWire<ArmingEnd>({ ...ending, shots, left: domain.budgetLeft(this.#state) });
  }

  #register(): void {
    setHandler(armedVerdictUpdate, () => this.#verdict(), {
      validator: () => this.#refuseIfEnding(),
    });
    setHandler(disarmUpdate, (notice) => this.#disarm(notice));
    setHandler(changeTermsUpdate, (terms) => this.#changeTerms(domain.fromWire<ArmTerms>(terms)), {
      validator: (wire: Wire<ArmTerms>) => {
        const why = domain.termsRefusal(this.#state, domain.fromWire<ArmTerms>(wire));
        if (why !== undefined) throw refused(why);
      },
    });
    setHandler(armedStateQuery, () => domain.toWire(this.#state));
    setHandler(timelineQuery, () => this.#timeline.lines);
    // Rejects when somebody cancels.
    CancellationScope.current().cancelRequested.catch(() => {
      this.#toEnd({ kind: 'canceled', by: 'temporal', why: 'its workflow was cancelled' });
    });
  }

  /** Whoever arms it now would be told of an arming that is ending. */
  #refuseIfEnding(): void {
    const { ending, verdict } = this.#state;
    if (ending && verdict) throw refused(`it ends: ${ending.why}; ${this.#waitsFor()}`);
  }

  async #verdict(): Promise<ArmedVerdict> {
    await until(() => domain.verdictOf(this.#state) !== undefined);
    const verdict = domain.verdictOf(this.#state);
    domain.assert(verdict !== undefined, 'a verdict is given when it is there');
    return { ...domain.toWire(verdict), digest: domain.armingDigest(this.#request) };
  }

  async #disarm({ by, why }: DisarmNotice): Promise<DisarmTaken> {
    this.#toEnd({ kind: 'disarmed', by, why });
    await until(() => this.#isDisarmed() || this.#state.pause !== undefined);
    return { isDisarmed: this.#isDisarmed(), waitsFor: this.#waitsFor() };
  }

  async #changeTerms(terms: ArmTerms): Promise<TermsTaken> {
    const state = domain.termsChanged(this.#state, terms);
    this.#become(state, 'terms', domain.describeTerms(terms));
    const { version } = state;
    const isTold = (): boolean => (this.#state.lease?.versionTold ?? 0) >= version;
    await until(() => isTold() || this.#state.ending !== undefined);
    return { isTold: isTold(), terms: domain.toWire(terms) };
  }

  #toEnd(ending: ArmingEnding): void {
    const text = `${ending.kind} by ${ending.by}: ${ending.why}`;
    this.#become(domain.toEnd(this.#state, ending), 'ending', text);
  }

  #seen(seen: LeaseSeen): void {
    const { shots } = seen;
    const before = this.#state.lease?.seen.shots;
    this.#state = domain.leaseSeen(this.#state, seen);
    if (shots !== before) this.#timeline.add('shots', domain.describeBudget(this.#state));
    this.#show();
  }

  #watch(): LeaseWatch {
    const { leaseId, seen } = this.#lease();
    return { leaseId, seen };
  }

  #lease() {
    return domain.leaseOf(this.#state);
  }

  #isDisarmed(): boolean {
    const { stage, lease } = this.#state;
    return stage === 'over' || stage === 'closing' || lease === undefined;
  }

  #waitsFor(): string {
    return `it waits for ${domain.armingWaitsFor(this.#state)}`;
  }

  #nextLeaseId(): string {
    const { request, grants } = this.#state;
    return domain.leaseIdOf(request.pairId, this.#firstRunId, grants);
  }

  #become(state: ArmingState, event: string, about: string | { readonly kind: string }): void {
    this.#state = state;
    this.#changes += 1;
    this.#timeline.add(event, typeof about === 'string' ? about : describeAnswer(about));
    this.#show();
  }

  /** An upsert is an event in the history, so only a change makes one. */
  #show(): void {
    setCurrentDetails(armingDetails(this.#state, this.#timeline));
    const { stage } = this.#state;
    if (stage === this.#stageShown) return;
    this.#stageShown = stage;
    upsertSearchAttributes([{ key: searchKeys.tradeState, value: stage }]);
  }
}

/** A handler may wait for the main loop, which must not wait for it: it is asked again later. */
const isNewRunDue = (): boolean => hasManyEvents() && allHandlersFinished();

/** Also of a pair whose workflow was cancelled: whoever asked gets an answer. */
const until = (isSo: () => boolean): Promise<void> =>
  CancellationScope.nonCancellable(() => condition(isSo));

const refused = (why: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(why, ARMING_REFUSED);
