import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { ArmingState, HeldLease, LeaseSeen } from '../domain/index.js';
import * as domain from '../domain/index.js';
import { armingDetails, describeAnswer } from './arming-details.js';
import type { CarriedArming } from './arming-messages.js';
import { searchKeys } from './search-attributes.js';
import { Timeline } from './timeline.js';

const TIMELINE_LINES_MAX = 200;

/** What is known of an armed pair, and what is shown of it; every change of it is `become`. */
export class ArmingRecord {
  #state: ArmingState;
  #changes = 0;
  #stageShown: string | undefined;
  readonly #timeline: Timeline;

  constructor(state: ArmingState, carried?: CarriedArming) {
    this.#state = state;
    this.#timeline = new Timeline(TIMELINE_LINES_MAX, carried);
  }

  state(): ArmingState {
    return this.#state;
  }

  /** Of a pair that is lent. */
  lease(): HeldLease {
    return domain.leaseOf(this.#state);
  }

  /** Grows with everything new that was told. */
  changes(): number {
    return this.#changes;
  }

  timeline(): Timeline {
    return this.#timeline;
  }

  waitsFor(): string {
    return `it waits for ${domain.armingWaitsFor(this.#state)}`;
  }

  become(state: ArmingState, event: string, about: string | { readonly kind: string }): void {
    this.#state = state;
    this.#changes += 1;
    this.#timeline.add(event, typeof about === 'string' ? about : describeAnswer(about));
    this.show();
  }

  /** What has become of its lease meanwhile. */
  seen(seen: LeaseSeen): void {
    const before = this.#state.lease?.seen.shots;
    this.#state = domain.leaseSeen(this.#state, seen);
    if (seen.shots !== before) this.#timeline.add('shots', domain.describeBudget(this.#state));
    this.show();
  }

  /** An upsert is an event in the history, so only a change makes one. */
  show(): void {
    setCurrentDetails(armingDetails(this.#state, this.#timeline));
    const { stage } = this.#state;
    if (stage === this.#stageShown) return;
    this.#stageShown = stage;
    upsertSearchAttributes([{ key: searchKeys.tradeState, value: stage }]);
  }
}
