import { assert } from '../../domain/assert.js';
import type { Outcome } from '../../domain/instrument.js';
import type { Money, Price, Quantity } from '../../domain/money.js';
import { divide, notional, ONE, ONE_DOLLAR, perContract, subtract } from '../../domain/money.js';
import type { Read } from '../../domain/venue.js';
import type { Settlement } from '../../domain/venue-entry.js';
import { priceOf } from './book-side.js';
import { seconds } from './order-reads.js';
import type { KalshiReader } from './pages.js';
import type { SettlementRow } from './wire.js';
import { settlementPage } from './wire.js';

const CENT = divide(ONE, 100n, 'floor');

/** Markets that resolved and paid, at or after that time (whole seconds, the venue's filter). */
export async function settlementsSince(
  reader: KalshiReader,
  { account, sinceMs }: { readonly account: string; readonly sinceMs: number },
): Promise<Read<readonly Settlement[]>> {
  const rows = await reader.all<SettlementRow>({
    path: '/portfolio/settlements',
    query: { min_ts: seconds(sinceMs) },
    read: (body) => {
      const page = settlementPage.safeParse(body);
      return page.success ? { rows: page.data.settlements, cursor: page.data.cursor } : undefined;
    },
    key: ({ ticker }) => ticker, // a market settles once
  });
  if (rows.kind === 'unavailable') return rows;
  return { kind: 'read', value: rows.value.flatMap((row) => settlements(account, row)) };
}

/**
 * One row may pay both outcomes, where both were held. The venue pays whole cents (`revenue`): what
 * NO got is what YES did not, so that the entries sum to the venue's figure.
 */
export function settlements(account: string, row: SettlementRow): Settlement[] {
  const revenue = subtract(cents(row.revenue), row.fee_cost);
  const yesPaid = row.no_count_fp > 0n ? worth(row, 'yes') : revenue;
  const paid = { yes: yesPaid, no: subtract(revenue, yesPaid) };
  return (['yes', 'no'] as const).flatMap((outcome) => {
    const quantity = held(row, outcome);
    if (quantity === 0n) return [];
    return {
      kind: 'settlement' as const, // the literal, not string
      account,
      instrument: { venue: 'kalshi', market: row.ticker, outcome } as const, // as above
      reference: row.ticker,
      quantity,
      price: payout(row, outcome),
      cash: paid[outcome],
      atMs: row.settled_time,
    };
  });
}

function worth(row: SettlementRow, outcome: Outcome): Money {
  return notional(payout(row, outcome), held(row, outcome), 'floor');
}

const held = (row: SettlementRow, outcome: Outcome): Quantity =>
  outcome === 'yes' ? row.yes_count_fp : row.no_count_fp;

function payout(row: SettlementRow, outcome: Outcome): Price {
  return priceOf(outcome, yesPayout(row));
}

/**
 * `value` is what one YES pays, in cents. Rows without it are of a plain yes or no, or of a market
 * that was voided: then what was paid for what was held says it.
 */
function yesPayout(row: SettlementRow): Price {
  const { value, market_result } = row;
  if (typeof value === 'number') return (BigInt(value) * CENT) as Price; // cents of a contract
  if (market_result === 'yes') return ONE_DOLLAR;
  if (market_result === 'no') return 0n as Price; // nothing is no dollar
  const outcome = row.yes_count_fp > 0n ? 'yes' : 'no';
  const count = held(row, outcome);
  assert(count > 0n, 'a venue settles what is held');
  return priceOf(outcome, perContract(cents(row.revenue), count, 'floor'));
}

const cents = (count: number): Money => (BigInt(count) * CENT) as Money; // cents are dollars
