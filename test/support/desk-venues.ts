import type { VenueName } from '../../domain/index.js';
import { arbitrageWorkflowId, clientOrderIdOf, money } from '../../domain/index.js';
import {
  type Command,
  createFaults,
  type Fault,
  type FaultKind,
  type Faults,
  type Ledger,
  memoryLedger,
  type OpenExchange,
  openExchange,
  type Rule,
  runCommand,
  type StreamControls,
  type VenueRules,
  venueRules,
} from '../../venues/simulation/index.js';
import { startKalshiSimulator, startPolymarketSimulator } from '../../venues/simulators.js';
import type { AccountCredentials } from '../../workers/credentials.js';
import type { DeskPairs } from './desk-pairs.js';

export const ACCOUNT = 'main';
/** Quotes, late fills and confirmations are looked after this often. */
export const BEAT_MS = 5;
/** By which both venues draw what a script leaves to chance. */
export const VENUES_SEED = 7;
const LATE_ANSWER_MS = 10_000;

/** How long the simulated world takes for things. */
export interface VenueDurations {
  /** From a match on Polymarket to CONFIRMED, or to FAILED. */
  readonly confirmMs: number;
  readonly lateFillMs: number;
  /** How far Kalshi's pages lag behind its matching. */
  readonly readLagMs: number;
  /** Ended orders and fills of Kalshi this old are in its historical listings only. */
  readonly archiveAfterMs?: number;
}

export const quickVenues: VenueDurations = { confirmMs: 60, lateFillMs: 150, readLagMs: 0 };

export interface SimulatedVenue {
  readonly exchange: OpenExchange;
  readonly ledger: Ledger;
  /** As a process is told it, without the path of the API. */
  readonly url: string;
  readonly streams: StreamControls;
}

export interface DeskVenues extends Readonly<Record<'kalshi' | 'polymarket', SimulatedVenue>> {
  readonly script: DeskScript;
  readonly close: () => Promise<void>;
}

export interface VenuesOptions {
  readonly pairs: DeskPairs;
  readonly credentials: AccountCredentials;
  readonly durations: VenueDurations;
}

/** Both simulators on free ports; their ledgers, in memory, are the truth of every test. */
export async function openDeskVenues(options: VenuesOptions): Promise<DeskVenues> {
  const { credentials, durations } = options;
  const { readLagMs, archiveAfterMs = Number.POSITIVE_INFINITY } = durations;
  const exchangeOf = (venue: ScriptedVenue) => {
    const ledger = memoryLedger();
    return { exchange: openDeskExchange(venue, ledger, options), ledger };
  };
  const kalshi = exchangeOf('kalshi');
  const polymarket = exchangeOf('polymarket');
  const { keyId, publicKeyPem } = credentials.kalshi;
  const kalshiFront = await startKalshiSimulator({
    ...{ exchange: kalshi.exchange, port: 0, reads: { readLagMs, archiveAfterMs } },
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
  const venues = {
    kalshi: { ...kalshi, url: new URL(kalshiFront.url).origin, streams: kalshiFront.streams },
    polymarket: { ...polymarket, url: polymarketFront.url, streams: polymarketFront.streams },
  };
  return {
    ...venues,
    script: new DeskScript(venues),
    close: async () => {
      clearInterval(beat);
      await Promise.all([kalshiFront.close(), polymarketFront.close()]);
      for (const exchange of exchanges) exchange.close();
    },
  };
}

/** One venue's books, on a new ledger or as an earlier process left it. */
export function openDeskExchange(
  venue: ScriptedVenue,
  ledger: Ledger,
  { pairs, durations, now = Date.now }: ExchangeAround,
): OpenExchange {
  return openExchange({
    ...{ venue, ledger, seed: VENUES_SEED, now, script: pairs.script(venue) },
    accounts: [{ account: ACCOUNT, cash: money('10000') }],
    faults: quickFaults(durations),
    rules: rulesOf(venue, durations),
  });
}

interface ExchangeAround extends Pick<VenuesOptions, 'pairs' | 'durations'> {
  readonly now?: () => number;
}

/** No luck at all: what a rule leaves open is its mildest, and a swallowed answer never comes. */
function quickFaults({ lateFillMs }: VenueDurations): Faults {
  const terms = {
    lateFillMs: { least: lateFillMs, most: lateFillMs },
    lateAnswerMs: LATE_ANSWER_MS,
  };
  return { ...createFaults({ seed: VENUES_SEED, profile: 'none', terms }), severity: () => 0 };
}

export type ScriptedVenue = 'kalshi' | 'polymarket';

/** What is to go wrong for the orders of a test, at whichever venue they go to. */
export class DeskScript {
  readonly #venues: Readonly<Record<ScriptedVenue, SimulatedVenue>>;

  constructor(venues: Readonly<Record<ScriptedVenue, SimulatedVenue>>) {
    this.#venues = venues;
  }

  /** The faults of one order, by kind: these instead of all that were set for it before. */
  set(fault: ScriptedFault): void {
    const order = orderOf(fault.intentId, fault.what);
    const rules = rulesOfFault(fault);
    for (const { exchange } of Object.values(this.#venues)) {
      const { script } = exchange.faults;
      for (const { name } of script.rules()) if (name.startsWith(`${order}/`)) script.remove(name);
      for (const rule of rules) script.add(rule);
    }
  }

  /** One rule at both venues, or at the one that has the answer that it names. */
  add(rule: Rule): void {
    const able = this.#scripts().filter((script) => script.problem(rule) === undefined);
    if (able.length === 0) throw new Error(`no venue can do ${rule.name}`);
    for (const script of able) script.add(rule);
  }

  /** Where the rule was injected, and how often: an order is at one venue. */
  injected(name: string): { readonly venue: string; readonly injected: number } {
    const counts = Object.entries(this.#venues).flatMap(([venue, { exchange }]) =>
      exchange.faults.script.counts().rules.map((rule) => ({ venue, ...rule })),
    );
    const found = counts.find((count) => count.name === name && count.injected > 0);
    return { venue: found?.venue ?? '', injected: found?.injected ?? 0 };
  }

  /** What the venue has counted of a kind, whichever rule or command it was. */
  counted(venue: ScriptedVenue, kind: string): number {
    return this.#venues[venue].exchange.faults.script.counts().kinds[kind] ?? 0;
  }

  #scripts() {
    return Object.values(this.#venues).map(({ exchange }) => exchange.faults.script);
  }

  /** Throws what the venue would not do. */
  command(venue: ScriptedVenue, command: Command): unknown {
    const result = runCommand(this.#venues[venue], command);
    if (result.kind === 'refused') throw new Error(result.reason);
    return result.result;
  }
}

/** A fault of one order in the words of a venue's script. */
export function rulesOfFault({
  intentId,
  what,
  kinds,
  severity = 0,
  lateFillMs,
}: ScriptedFault): readonly Rule[] {
  const order = orderOf(intentId, what);
  return kinds.map((kind) => {
    return {
      name: `${order}/${kind}`,
      when: { order },
      fault: usual(kind, { severity, lateFillMs }),
    };
  });
}

/** An order of a trade by its purpose line, `entry/yes` or `exit/no/0`, as rules name it. */
export function orderOf(intentId: string, what: string): string {
  return clientOrderIdOf(arbitrageWorkflowId(intentId), what, 0);
}

export interface ScriptedFault {
  readonly intentId: string;
  readonly what: string;
  readonly kinds: readonly FaultKind[];
  /** In [0, 1): a partial fill leaves 0.3 + half of this. */
  readonly severity?: number;
  /** How late a late fill is; as the venue has it unless told. */
  readonly lateFillMs?: number | undefined;
}

function usual(
  kind: FaultKind,
  { severity, lateFillMs }: { readonly severity: number; readonly lateFillMs: number | undefined },
): Fault {
  if (kind === 'timeout_after_acceptance') return { kind, afterMs: 'never' };
  if (kind === 'late_fill' && lateFillMs !== undefined) return { kind, afterMs: lateFillMs };
  if (kind === 'pulled_liquidity') return { kind, part: 1 };
  return kind === 'partial_fill' ? { kind, part: 0.3 + severity / 2 } : { kind };
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
