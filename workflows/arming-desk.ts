import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
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
  CloseAnswer,
  Disarmed,
  Heard,
  LeaseSeen,
  LendAnswer,
  PagesRead,
  Recalled,
  Swept,
  Wire,
} from '../domain/index.js';
import * as domain from '../domain/index.js';
import { watchLease } from './arming-activities.js';
import { handleArmingMessages } from './arming-handlers.js';
import type { ArmPair, CarriedArming } from './arming-messages.js';
import { ArmingRecord } from './arming-record.js';
import { hasManyEvents } from './run-length.js';

/** The desk of one armed pair: what its procedure asks and hears. Every change is in its record. */
export function openArmingDesk(request: Wire<ArmRequest>, carried?: CarriedArming): ArmingDesk {
  return new ArmingDesk(request, carried);
}

export class ArmingDesk {
  readonly #record: ArmingRecord;
  readonly #request: Wire<ArmRequest>;
  /** A pair may be armed again when this has ended: names are of this time only. */
  readonly #firstRunId: string;

  constructor(request: Wire<ArmRequest>, carried?: CarriedArming) {
    this.#request = request;
    this.#firstRunId = carried?.firstRunId ?? workflowInfo().runId;
    const state = carried
      ? domain.fromWire<ArmingState>(carried.state)
      : domain.openArming(domain.fromWire<ArmRequest>(request));
    domain.assert(
      state.workflowId === workflowInfo().workflowId,
      'a pair is armed by the workflow of its name',
    );
    this.#record = new ArmingRecord(state, carried);
    handleArmingMessages(this.#record, request);
    this.#record.show();
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
    this.#record.become(domain.lendAnswered(this.#state, answer, Date.now()), 'lend', answer);
  }

  recalling(): { readonly leaseId: string; readonly pairId: string } {
    return { leaseId: this.#nextLeaseId(), pairId: this.#request.pairId };
  }

  recalled(answer: Recalled): void {
    this.#record.become(domain.recalled(this.#state, answer), 'recall', answer);
  }

  host(): string {
    return this.#record.lease().host;
  }

  arming(): Arming {
    const { request, terms } = this.#state;
    const { leaseId, pair, contractsMax, orderGroupId } = this.#record.lease();
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
    this.#record.become(domain.armAnswered(this.#state, { answer, version }), 'arm', answer);
  }

  version(): number {
    return this.#state.version;
  }

  lease(): { readonly leaseId: string } {
    return { leaseId: this.#record.lease().leaseId };
  }

  stopped(seen: LeaseSeen, ending?: ArmingEnding): void {
    const state = domain.leaseStopped(domain.leaseSeen(this.#state, seen), ending);
    const text = (state.ending ?? ending)?.why ?? 'to be lent anew';
    this.#record.become(state, 'stop', text);
  }

  disarming(): { readonly armingId: string; readonly pairId: string } {
    return { armingId: this.#record.lease().leaseId, pairId: this.#state.request.pairId };
  }

  disarmAnswered(answer: Heard<Disarmed>): void {
    this.#record.become(domain.disarmAnswered(this.#state, answer, Date.now()), 'disarm', answer);
  }

  sweeping(): { readonly pairId: string; readonly epoch: number } {
    return { pairId: this.#state.request.pairId, epoch: this.#record.lease().engineEpoch };
  }

  sweepAnswered(answer: Heard<Swept>): void {
    this.#record.become(domain.sweepAnswered(this.#state, answer, Date.now()), 'sweep', answer);
  }

  pagesAnswered(answer: Heard<PagesRead>): void {
    const state = domain.pagesAnswered(this.#state, answer, Date.now());
    this.#record.become(state, 'search', state.pause?.why ?? 'they show none of its orders');
  }

  closing(): LeaseClosing {
    const { leaseId, evidence } = this.#record.lease();
    domain.assert(evidence !== undefined, 'a lease is closed on evidence');
    const { by, why } = this.#state.ending ?? { by: 'legwork', why: 'its engine started anew' };
    return { leaseId, evidence, by, why };
  }

  closeAnswered(answer: CloseAnswer): void {
    const text = answer.refusal ?? 'closed';
    this.#record.become(domain.closeAnswered(this.#state, answer, Date.now()), 'close', text);
  }

  /** Returns when anything new was told or seen, or at the step's own time. */
  async changes({ untilMs, watches }: Extract<ArmingStep, { kind: 'wait' }>): Promise<void> {
    const known = this.#record.changes();
    const waitMs = Math.max(1, untilMs - Date.now());
    const isNew = (): boolean => this.#record.changes() > known || isNewRunDue();
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
      if (seen) this.#record.seen(seen);
    } finally {
      scope.cancel();
    }
  }

  /** A pair may be armed for months, because no run grows without bound. */
  async continueInNewRunIfLong(): Promise<void> {
    if (!isNewRunDue()) return;
    const { timeline } = this.#record.timeline().carried;
    const state = domain.toWire(this.#state);
    await continueAsNew<ArmPair>(this.#request, {
      ...{ state, timeline, firstRunId: this.#firstRunId },
    });
  }

  /** Ends as cancelled where that was asked; its last state says the rest. */
  async end(): Promise<Wire<ArmingEnd>> {
    const ending = domain.endingOf(this.#state, Date.now());
    domain.assert(ending !== undefined, 'a pair is armed until there is a reason why not');
    this.#record.become({ ...this.#state, stage: 'over', ending }, 'over', ending.why);
    await condition(allHandlersFinished);
    if (ending.kind === 'canceled') throw new CancelledFailure(ending.why);
    const shots = domain.shotsFired(this.#state);
    return domain.toWire<ArmingEnd>({ ...ending, shots, left: domain.budgetLeft(this.#state) });
  }

  get #state(): ArmingState {
    return this.#record.state();
  }

  #watch(): LeaseWatch {
    const { leaseId, seen } = this.#record.lease();
    return { leaseId, seen };
  }

  #nextLeaseId(): string {
    const { request, grants } = this.#state;
    return domain.leaseIdOf(request.pairId, this.#firstRunId, grants);
  }
}

/** A handler may wait for the main loop, which must not wait for it: it is asked again later. */
const isNewRunDue = (): boolean => hasManyEvents() && allHandlersFinished();
