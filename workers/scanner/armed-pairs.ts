import type { Logger } from 'pino';
import type { ArmedHandle, LegworkClient } from '../../client/index.js';
import {
  type ArmedType,
  type ArmRequest,
  type Fires,
  money,
  type Pair,
  quantity,
  toWire,
} from '../../domain/index.js';
import type { Sighting, StrategyTerms } from './build-intent.js';
import type { Arms } from './doors.js';

export interface ArmedPairsOptions {
  readonly client: Pick<LegworkClient, 'arm'>;
  readonly terms: Pick<StrategyTerms, 'account' | 'strategy' | 'edgeMin'>;
  readonly pairs: () => readonly Pair[];
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** A shot is small beside what the workflow may buy, so that a lease lasts for several. */
const CONTRACTS_MAX = quantity('50');
const BUDGET = { exposure: money('250'), contracts: quantity('250') };
/** Armed anew where something is seen then: a market that moved the other way is not kept from us. */
const ARMED_MS = 60_000;
/** Both markets have to be as far from their close as an admission asks for. */
const CLOSE_MARGIN_MS = 15_000;
const REST_MS = 10_000;

interface Armed {
  readonly type: ArmedType;
  readonly fires: Fires;
  readonly untilMs: number;
  readonly handle: ArmedHandle;
}

/**
 * Has pairs armed for what was seen there.
 *
 * 1. One request per pair at a time, and none for a while after a denial.
 * 2. What the strategy leaves behind when it dies ends with its time; when it stops it is disarmed.
 */
export class ArmedPairs implements Arms {
  readonly contractsMax = CONTRACTS_MAX;
  readonly #options: ArmedPairsOptions;
  readonly #armed = new Map<string, Armed>();
  readonly #restingUntilMs = new Map<string, number>();
  readonly #asked = new Map<string, Promise<void>>();
  #isStopped = false;

  constructor(options: ArmedPairsOptions) {
    this.#options = options;
  }

  of(pairId: string): Armed | undefined {
    const armed = this.#armed.get(pairId);
    return armed && armed.untilMs > this.#options.nowMs() ? armed : undefined;
  }

  want(found: Sighting, fires: Fires): void {
    const { pairId } = found;
    const isResting = (this.#restingUntilMs.get(pairId) ?? 0) > this.#options.nowMs();
    if (this.#isStopped || isResting || this.#asked.has(pairId)) return;
    const asked = this.#arm(found, fires).finally(() => this.#asked.delete(pairId));
    this.#asked.set(pairId, asked);
  }

  /** Nothing is armed any more when this is fulfilled, as far as its engines could be heard. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#asked.values());
    const notice = { by: this.#options.terms.strategy, why: 'the strategy has stopped' };
    const living = [...this.#armed.keys()].flatMap((pairId) => this.of(pairId) ?? []);
    const disarmed = await Promise.allSettled(living.map(({ handle }) => handle.disarm(notice)));
    for (const one of disarmed) {
      if (one.status === 'rejected') this.#options.log.warn({ err: one.reason }, 'still armed');
    }
  }

  async #arm(found: Sighting, fires: Fires): Promise<void> {
    const { client, log, nowMs } = this.#options;
    const { pairId } = found;
    const request = this.#request(found, fires);
    this.#restingUntilMs.set(pairId, nowMs() + REST_MS);
    if (!request) return;
    try {
      const { verdict, handle } = await client.arm(toWire(request));
      log.info({ pairId, type: found.type, fires, verdict }, verdict.kind);
      if (verdict.kind !== 'armed') return;
      const [type] = request.types;
      if (type) this.#keep(pairId, { type, fires, untilMs: request.expiresAtMs, handle });
    } catch (error) {
      log.warn({ pairId, err: error }, 'a pair was not armed');
    }
  }

  /** Until it is over, which an empty lease is before its time. */
  #keep(pairId: string, armed: Armed): void {
    this.#armed.set(pairId, armed);
    const forget = (): void => {
      if (this.#armed.get(pairId) === armed) this.#armed.delete(pairId);
    };
    void armed.handle.result().then(forget, forget);
  }

  /** `undefined`: it closes too soon. */
  #request({ pairId, type }: Sighting, fires: Fires): ArmRequest | undefined {
    const { terms, nowMs, pairs } = this.#options;
    const pair = pairs().find((one) => one.pairId === pairId);
    if (!pair || type === 'poly_same_market' || type === 'kalshi_same_market') return undefined;
    const closesAtMs = Math.min(pair.kalshi.closesAtMs, pair.polymarket.closesAtMs);
    const expiresAtMs = nowMs() + ARMED_MS;
    if (expiresAtMs > closesAtMs - CLOSE_MARGIN_MS) return undefined;
    const { account, strategy, edgeMin } = terms;
    return {
      ...{ pairId, account, strategy, fires, types: [type], edgeMin, validMs: 250 },
      ...{ contractsMax: CONTRACTS_MAX, budget: BUDGET, expiresAtMs },
    };
  }
}
