import type { Quantity } from '../../domain/money.js';
import { negate } from '../../domain/money.js';
import type { Read, VenuePosition } from '../../domain/venue.js';
import type { KalshiReader } from './pages.js';
import { positionPage } from './wire.js';

interface PositionRow {
  readonly ticker: string;
  /** + YES, − NO. */
  readonly position_fp: Quantity;
}

/** What is held now: Kalshi nets, so one outcome of a market at most. */
export async function positions(reader: KalshiReader): Promise<Read<readonly VenuePosition[]>> {
  const rows = await reader.all<PositionRow>({
    path: '/portfolio/positions',
    query: { count_filter: 'position' },
    read: (body) => {
      const page = positionPage.safeParse(body);
      return page.success
        ? { rows: page.data.market_positions, cursor: page.data.cursor }
        : undefined;
    },
    key: ({ ticker }) => ticker,
  });
  if (rows.kind === 'unavailable') return rows;
  const held = rows.value.filter(({ position_fp }) => position_fp !== 0n);
  return { kind: 'read', value: held.map(position) };
}

function position({ ticker, position_fp }: PositionRow): VenuePosition {
  const outcome = position_fp > 0n ? 'yes' : 'no';
  const quantity = position_fp > 0n ? position_fp : negate(position_fp);
  return { instrument: { venue: 'kalshi', market: ticker, outcome }, quantity };
}
