import type {
  ArbitrageIntent,
  ArbitrageType,
  Book,
  Price,
  Quantity,
  Wire,
} from '../../domain/index.js';
import { least, toWire } from '../../domain/index.js';

/** What the scanner saw and would take. */
export interface Sighting {
  readonly pairId: string;
  readonly type: ArbitrageType;
  readonly contracts: Quantity;
  /** Net per contract after fees, by our books. */
  readonly edge: Price;
  readonly limitPrice: { readonly yes: Price; readonly no: Price };
  readonly books: { readonly yes: Book; readonly no: Book };
}

export interface StrategyTerms {
  readonly strategy: string;
  readonly account: string;
  readonly seed: number;
  /** Net per contract after both venues' fees. */
  readonly edgeMin: Price;
  /** How long after the sighting its first byte may leave. */
  readonly freshForMs: number;
  /** Every so many intents one is a dry run; absent = never. */
  readonly dryRunEvery?: number;
}

/** By which door it goes; the engine's host, and how much that takes at once, where it fires first. */
export type IntentDoor =
  | { readonly way: 'workflow' }
  | {
      readonly way: 'fire_first';
      readonly host: string;
      readonly contractsMax: Quantity;
    };

/** The scanner's intent ids are `{strategy}.{seed}.{n}`; `n` goes on over restarts. */
export const sequenceName = ({ strategy, seed }: StrategyTerms): string => `${strategy}.${seed}`;

/** The sighting as an intent, in wire form, as any strategy would hand it over. */
export function buildIntent(
  { pairId, type, contracts, limitPrice, books }: Sighting,
  terms: StrategyTerms,
  { n, nowMs, door }: { readonly n: number; readonly nowMs: number; readonly door: IntentDoor },
): Wire<ArbitrageIntent> {
  const isFirst = door.way === 'fire_first';
  const intent: ArbitrageIntent = {
    intentId: `${sequenceName(terms)}.${n}`,
    door: door.way,
    ...(isFirst && { host: door.host }),
    pairId,
    type,
    contractsMax: isFirst ? least(contracts, door.contractsMax) : contracts,
    limitPrice,
    observedAtMs: { yesMs: books.yes.heardAtMs, noMs: books.no.heardAtMs },
    edgeMin: terms.edgeMin,
    account: terms.account,
    strategy: terms.strategy,
    notAfterMs: nowMs + terms.freshForMs,
    dryRun: !isFirst && isDryRun(terms, n),
  };
  return toWire(intent);
}

/** By number, not by luck: every session that is long enough has some, and the same ones again. */
function isDryRun({ seed, dryRunEvery }: StrategyTerms, n: number): boolean {
  return dryRunEvery !== undefined && (n + seed) % dryRunEvery === 0;
}
