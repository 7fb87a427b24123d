import {
  type CustodyPlace,
  type Holding,
  type Instrument,
  least,
  type Quantity,
  quantity,
  type TradeRow,
  unownedOf,
  type VenueName,
} from '../domain/index.js';
import { tradeRowFrom } from './entry-rows.js';
import { position } from './positions.js';
import type { Transaction } from './transaction.js';
import { unadoptedShots } from './unadopted-shots.js';

/**
 * Contracts of an instrument that neither open trades, shots whose trades are still to come, nor held
 * pairs explain, as booked. To be
 * asked `inOneMoment`: a sale, a merge or a payout that is booked between the figures would leave
 * contracts that nobody has, and custody would sell them.
 */
export async function unownedContracts(
  tx: Transaction,
  { account, instrument }: CustodyPlace,
): Promise<Quantity> {
  const { venue } = instrument;
  const fired = await unadoptedShots(tx, account);
  return unownedOf(
    { instrument, quantity: await position(tx, account, instrument) },
    {
      rows: [...(await rowsOfOpenTrades(tx, account)), ...fired.flatMap(({ rows }) => rows)],
      held: await heldLegs(tx, { venue, account }),
    },
  );
}

async function rowsOfOpenTrades(tx: Transaction, account: string): Promise<readonly TradeRow[]> {
  const rows = await tx
    .selectFrom('venue_entries')
    .innerJoin('intents', 'intents.workflow_id', 'venue_entries.workflow_id')
    .selectAll('venue_entries')
    .where('intents.account', '=', account)
    .where('intents.closed_at', 'is', null)
    .where('kind', 'in', ['fill', 'reversal'])
    .execute();
  return rows.map(tradeRowFrom);
}

/** What open held pairs still hold at this venue. */
export async function heldLegs(
  tx: Transaction,
  { venue, account }: { readonly venue: VenueName; readonly account: string },
): Promise<readonly Holding[]> {
  const rows = await tx
    .selectFrom('held_pairs')
    .selectAll()
    .where('account', '=', account)
    .where('closed_at', 'is', null)
    .execute();
  return rows.flatMap((row) => {
    const contracts = quantity(row.contracts);
    const leg = (instrument: Instrument, left: string | null): Holding[] => {
      if (instrument.venue !== venue) return [];
      const there = left === null ? contracts : least(contracts, quantity(left));
      return [{ instrument, quantity: there }];
    };
    return [...leg(row.yes_instrument, row.yes_held), ...leg(row.no_instrument, row.no_held)];
  });
}
