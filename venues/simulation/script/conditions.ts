/** What a venue as a whole will not do for a while; each has its own answers. */
export const venueStates = [
  /** No new orders; cancels pass (Kalshi's trading pause, Polymarket's cancel-only mode). */
  'paused',
  /** Neither orders nor cancels (Kalshi's exchange pause, Polymarket's trading disabled). */
  'halted',
  /** The engine restarts: no order endpoint answers anything else. */
  'restarting',
  /** Only orders that cannot trade at once. */
  'post_only',
] as const;
export type VenueState = (typeof venueStates)[number];

/** `refused`: nobody listens. `silent`: connections stand and nothing is ever answered. */
export const outageKinds = ['refused', 'silent'] as const;
export type OutageKind = (typeof outageKinds)[number];

/** How often an order was told of as an old one. */
export interface ToldAsOld {
  /** It was on a page of old orders. */
  readonly listed: number;
  /** It was sent again, and refused because the venue had it, long over. */
  readonly refused: number;
}

interface Until<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

/** The state that a simulated venue is in as a whole. Times by the machine's clock. */
export class VenueConditions {
  /** How far the venue's clock is ahead of the machine's. One that is set back stands still. */
  skewMs = 0;
  /** How far the pages of an account lag behind what has happened, where a venue says so. */
  readLagMs = 0;
  /** Reads that a lag or a `rows_hidden` left an order out of, by the order's client key. */
  readonly missed = new Map<string, number>();
  readonly #old = new Map<string, ToldAsOld>();
  /** Rule texts that are not the listing's any more, by market. */
  readonly ruleTexts = new Map<string, string>();
  /** Windows in which the venue says that it will not trade. Saying so does not stop it. */
  maintenance: readonly { readonly fromMs: number; readonly untilMs: number }[] = [];
  readonly #machineMs: () => number;
  #state: Until<VenueState> | undefined;
  #outage: Until<OutageKind> | undefined;

  constructor(machineMs: () => number) {
    this.#machineMs = machineMs;
  }

  /** The venue's clock as it is set: rows are kept by one that never goes back. */
  get clockMs(): number {
    return this.#machineMs() + this.skewMs;
  }

  /** `undefined`: trading as usual. */
  get state(): VenueState | undefined {
    return this.#standing(this.#state);
  }

  get outage(): OutageKind | undefined {
    return this.#standing(this.#outage);
  }

  /** The venue trades and answers, and neither its clock nor its pages are off. */
  get isUsual(): boolean {
    const isAnswering = this.state === undefined && this.outage === undefined;
    return isAnswering && this.skewMs === 0 && this.readLagMs === 0;
  }

  /** Of the order with this client key, where a venue puts what is over somewhere else. */
  toldAsOld(clientKey: string): ToldAsOld {
    return this.#old.get(clientKey) ?? { listed: 0, refused: 0 };
  }

  noteOld(clientKey: string, how: keyof ToldAsOld): void {
    const before = this.toldAsOld(clientKey);
    this.#old.set(clientKey, { ...before, [how]: before[how] + 1 });
  }

  enter(state: VenueState, forMs: number): void {
    this.#state = { value: state, untilMs: this.#machineMs() + forMs };
  }

  goOut(how: OutageKind, forMs: number): void {
    this.#outage = { value: how, untilMs: this.#machineMs() + forMs };
  }

  /** Everything as usual again, but the clock and the rule texts. */
  resume(): void {
    this.#state = undefined;
    this.#outage = undefined;
  }

  #standing<Value>(until: Until<Value> | undefined): Value | undefined {
    return until && this.#machineMs() < until.untilMs ? until.value : undefined;
  }
}
