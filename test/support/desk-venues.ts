import type { VenueName } from '../../domain/index.js';
import { arbitrageWorkflowId, clientOrderIdOf, money, polymarketSalt } from '../../domain/index.js';
import { startKalshiSimulator, startPolymarketSimulator } from '../../venues/index.js';
import {
  createFaults,
  type FaultKind,
  type Ledger,
  memoryLedger,
  type OpenExchange,
  openExchange,
  type VenueRules,
  venueRules,
} from '../../venues/simulation/index.js';
import type { AccountCredentials } from '../../workers/credentials.js';
import type { DeskPairs } from './desk-pairs.js';

export const ACCOUNT = 'main';
/** Quotes, late fills and confirmations are looked after this often. */
const BEAT_MS = 5;
const SEED = 7;

/** How long the simulated world takes for things. */
export interface VenueDurations {
  /** From a match on Polymarket to CONFIRMED, or to FAILED. */
  readonly confirmMs: number;
  readonly lateFillMs: number;
  /** How far Kalshi's pages lag behind its matching. */
  readonly readLagMs: number;
}

export const quickVenues: VenueDurations = { confirmMs: 60, lateFillMs: 150, readLagMs: 0 };

export interface SimulatedVenue {
  readonly exchange: OpenExchange;
  readonly ledger: Ledger;
  /** As a process is told it, without the path of the API. */
  readonly url: string;
}

export interface DeskVenues extends Readonly<Record<'kalshi' | 'polymarket', SimulatedVenue>> {
  readonly script: FaultScript;
  readonly close: () => Promise<void>;
}

interface VenuesOptions {
  readonly pairs: DeskPairs;
  readonly credentials: AccountCredentials;
  readonly durations: VenueDurations;
}

/** Both simulators on free ports; their ledgers, in memory, are the truth of every test. */
export async function openDeskVenues(options: VenuesOptions): Promise<DeskVenues> {
  const { pairs, credentials, durations } = options;
  const script = new FaultScript(durations);
  const exchangeOf = (venue: 'kalshi' | 'polymarket') => {
    const ledger = memoryLedger();
    const exchange = openExchange({
      ...{ venue, ledger, seed: SEED, now: Date.now, script: pairs.script(venue) },
      accounts: [{ account: ACCOUNT, cash: money('10000') }],
      faults: script.faults,
      rules: rulesOf(venue, durations),
    });
    return { exchange, ledger };
  };
  const kalshi = exchangeOf('kalshi');
  const polymarket = exchangeOf('polymarket');
  const { keyId, publicKeyPem } = credentials.kalshi;
  const kalshiFront = await startKalshiSimulator({
    ...{ exchange: kalshi.exchange, port: 0, reads: { readLagMs: durations.readLagMs } },
    keys: [{ account: ACCOUNT, keyId, publicKeyPem }],
  });
  const polymarketFront = await startPolymarketSimulator({
    ...{ exchange: polymarket.exchange, port: 0 },
    accounts: [{ account: ACCOUNT, credentials: credentials.polymarket }],
  });
  const exchanges = [kalshi.exchange, polymarket.exchange];
  const beat = setInterval(() => {
    for (const exchange of exchanges) exchange.advance();
  }, BEAT_MS);
  return {
    kalshi: { ...kalshi, url: new URL(kalshiFront.url).origin },
    polymarket: { ...polymarket, url: polymarketFront.url },
    script,
    close: async () => {
      clearInterval(beat);
      await Promise.all([kalshiFront.close(), polymarketFront.close()]);
      for (const exchange of exchanges) exchange.close();
    },
  };
}

/** Which order meets which faults, by the names that both venues know it by. */
export class FaultScript {
  readonly #kinds = new Map<string, readonly FaultKind[]>();
  readonly #severities = new Map<string, number>();
  readonly faults;

  constructor({ lateFillMs }: VenueDurations) {
    const terms = { lateFillMs: { least: lateFillMs, most: lateFillMs }, lateAnswerMs: 10_000 };
    const scripted = (key: string): readonly FaultKind[] => this.#kinds.get(key) ?? [];
    this.faults = {
      ...createFaults({ seed: SEED, profile: 'none', terms, scripted }),
      // 0: a pulled side is gone altogether, a swallowed answer never comes.
      severity: (_kind: FaultKind, key: string) => this.#severities.get(key) ?? 0,
    };
  }

  /** `what` is the order's purpose line: `entry/yes`, `exit/no/0`. */
  set({ intentId, what, kinds, severity = 0 }: ScriptedFault): void {
    const id = clientOrderIdOf(arbitrageWorkflowId(intentId), what, 0);
    for (const key of [id, polymarketSalt(id).toString()]) {
      this.#kinds.set(key, kinds);
      this.#severities.set(key, severity);
    }
  }
}

export interface ScriptedFault {
  readonly intentId: string;
  readonly what: string;
  readonly kinds: readonly FaultKind[];
  /** In [0, 1): a partial fill leaves 0.3 + half of this. */
  readonly severity?: number;
}

function rulesOf(venue: VenueName, { confirmMs }: VenueDurations): VenueRules {
  if (venue === 'kalshi') return venueRules.kalshi;
  const at = (ms: number) => ({ leastMs: ms, mostMs: ms });
  const confirmation = {
    mined: at(confirmMs / 3),
    retrying: at(confirmMs / 3),
    confirmed: at(confirmMs),
    failed: at(confirmMs),
  };
  return { ...venueRules.polymarket, confirmation };
}
