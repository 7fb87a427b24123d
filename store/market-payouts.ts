import type { Kysely } from 'kysely';
import {
  formatAmount,
  type Instrument,
  ONE_DOLLAR,
  type Price,
  price,
  subtract,
} from '../domain/index.js';
import { at } from './sql-values.js';
import type { Database } from './tables.js';

/** What a venue says that each contract of an instrument pays, its market being resolved. */
export interface MarketPayout {
  readonly instrument: Instrument;
  readonly pays: Price;
  readonly atMs: number;
}

/** A market resolves once: the first word stays. */
export async function recordPayout(db: Kysely<Database>, payout: MarketPayout): Promise<void> {
  const { venue, market, outcome } = payout.instrument;
  const yesPays = ofOutcome(payout.pays, outcome);
  await db
    .insertInto('market_payouts')
    .values({ venue, market, yes_pays: formatAmount(yesPays), seen_at: at(payout.atMs) })
    .onConflict((conflict) => conflict.columns(['venue', 'market']).doNothing())
    .execute();
}

/** What one contract of each instrument pays, by its key's parts; nothing for an undecided market. */
export async function payoutsOf(
  db: Kysely<Database>,
  markets: readonly string[],
): Promise<(instrument: Instrument) => Price | undefined> {
  if (markets.length === 0) return () => undefined;
  const said = await db
    .selectFrom('market_payouts')
    .selectAll()
    .where('market', 'in', [...markets])
    .execute();
  // Whoever was paid knows it too; an exact word of the venue counts before a payment's quotient.
  const paid = await db
    .selectFrom('venue_entries')
    .select(['venue', 'market', 'outcome', 'price'])
    .where('kind', '=', 'settlement')
    .where('market', 'in', [...markets])
    .execute();
  const yesPays = new Map<string, Price>();
  for (const row of paid) yesPays.set(keyOf(row), ofOutcome(price(row.price), row.outcome));
  for (const row of said) yesPays.set(keyOf(row), price(row.yes_pays));
  return (instrument) => {
    const yes = yesPays.get(keyOf(instrument));
    return yes === undefined ? undefined : ofOutcome(yes, instrument.outcome);
  };
}

const keyOf = ({ venue, market }: Pick<Instrument, 'venue' | 'market'>): string =>
  `${venue}/${market}`;

/** YES to the outcome's own price and back: together they pay a dollar. */
const ofOutcome = (pays: Price, outcome: Instrument['outcome']): Price =>
  outcome === 'yes' ? pays : subtract(ONE_DOLLAR, pays);
