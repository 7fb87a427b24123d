import { heldInRows } from '../held-in-rows.js';
import { custodyWorkflowId } from '../ids.js';
import type { Instrument } from '../instrument.js';
import { subtract, ZERO_QUANTITY } from '../money.js';
import type { Admission } from '../trade/trade.js';
import type { TradeRow } from '../venue-entry.js';

/** What one custody workflow looks after: one instrument of one account. */
export interface CustodyPlace {
  readonly account: string;
  readonly instrument: Instrument;
}

/** The workflow that looks after a place. */
export const custodyOf = ({ account, instrument }: CustodyPlace): string =>
  custodyWorkflowId(account, instrument);

type Entries = Extract<Admission, { readonly kind: 'approved' }>['entries'];

/** Where a trade that lost its workflow is looked after: the leg that it holds more of, else YES. */
export function custodyPlaceOfTrade(entries: Entries, rows: readonly TradeRow[]): CustodyPlace {
  const { yesOrder, noOrder } = entries;
  const yes = heldInRows(rows, yesOrder.instrument);
  const no = heldInRows(rows, noOrder.instrument);
  const { account, instrument } = subtract(no, yes) > ZERO_QUANTITY ? noOrder : yesOrder;
  return { account, instrument };
}
