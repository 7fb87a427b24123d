import { type Kysely, type Selectable, sql } from 'kysely';
import {
  add,
  type Instrument,
  instrumentKey,
  type Money,
  money,
  negate,
  type Quantity,
  quantity,
  type VenueName,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from '../domain/index.js';
import type { Row } from './columns.js';
import type { Database, tables } from './tables.js';

/** What an account holds of one instrument: the sum of what its venue said, nothing else. */
export interface Position {
  readonly instrument: Instrument;
  /** Not zero. Below zero only if the venue's own statements add up to that: a break. */
  readonly quantity: Quantity;
}

/** YES and NO of one market cancel out here: the surplus is the position (reference/venues.md 1.10). */
const nettingVenues: ReadonlySet<VenueName> = new Set(['kalshi']);

/** Every position of an account, in the order of instrument keys. */
export async function positions(
  db: Kysely<Database>,
  account: string,
): Promise<readonly Position[]> {
  const rows = await db
    .selectFrom('entry_sums')
    .selectAll()
    .where('account', '=', account)
    .where('quantity', '<>', '0')
    .execute();
  return netted(rows.map(positionFrom));
}

/** What is held of one instrument; zero when nothing is, or when the other outcome is in surplus. */
export async function position(
  db: Kysely<Database>,
  account: string,
  instrument: Instrument,
): Promise<Quantity> {
  const rows = await db
    .selectFrom('entry_sums')
    .selectAll()
    .where('account', '=', account)
    .where('venue', '=', instrument.venue)
    .where('market', '=', instrument.market)
    .execute();
  const key = instrumentKey(instrument);
  const found = netted(rows.map(positionFrom)).find(
    (held) => instrumentKey(held.instrument) === key,
  );
  return found?.quantity ?? ZERO_QUANTITY;
}

/** The signed sum of all cash that a venue moved for an account, fees included. */
export async function cashMoved(
  db: Kysely<Database>,
  account: string,
  venue: VenueName,
): Promise<Money> {
  const { cash } = await db
    .selectFrom('entry_sums')
    .select(sql<string | null>`sum(cash)`.as('cash'))
    .where('account', '=', account)
    .where('venue', '=', venue)
    .executeTakeFirstOrThrow();
  return cash === null ? ZERO_MONEY : money(cash);
}

/** One surplus outcome per netting market, everything else as it is; zeros left out. */
function netted(sums: readonly Position[]): readonly Position[] {
  const held = new Map<string, Position>();
  for (const sum of sums) {
    const added = nettingVenues.has(sum.instrument.venue) ? asYes(sum) : sum;
    const key = instrumentKey(added.instrument);
    const before = held.get(key)?.quantity ?? ZERO_QUANTITY;
    held.set(key, { ...added, quantity: add(before, added.quantity) });
  }
  return [...held.values()]
    .filter((sum) => sum.quantity !== 0n)
    .map((sum) => (nettingVenues.has(sum.instrument.venue) ? asSurplus(sum) : sum))
    .sort((a, b) => (instrumentKey(a.instrument) < instrumentKey(b.instrument) ? -1 : 1));
}

/** Where a venue nets, one NO more is one YES less. */
const asYes = ({ instrument, quantity: held }: Position): Position =>
  instrument.outcome === 'yes'
    ? { instrument, quantity: held }
    : { instrument: { ...instrument, outcome: 'yes' }, quantity: negate(held) };

/** Fewer than no YES are NO. */
const asSurplus = ({ instrument, quantity: held }: Position): Position =>
  held > 0n
    ? { instrument, quantity: held }
    : { instrument: { ...instrument, outcome: 'no' }, quantity: negate(held) };

function positionFrom(row: Selectable<Row<(typeof tables)['entry_sums']>>): Position {
  const { venue, market, outcome } = row;
  return { instrument: { venue, market, outcome }, quantity: quantity(row.quantity) };
}
