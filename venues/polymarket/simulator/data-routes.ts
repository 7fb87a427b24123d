import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { formatAmount } from '../../../domain/money.js';
import { tokenOf } from '../prepare-order.js';
import { ownerOf } from './desk-accounts.js';
import { dataPageOf } from './pages.js';
import { redemptionRow, setChangeRow } from './rows.js';
import type { VenueFront } from './venue-front.js';

/** Kinds of activity that move a wallet without an order of the CLOB. */
const activityTypes = ['REDEEM', 'MERGE', 'SPLIT'] as const;
type ActivityType = (typeof activityTypes)[number];

const walletQuery = z.object({
  user: z.string(),
  type: z.string().optional(),
  start: z.coerce.number().optional(),
  end: z.coerce.number().optional(),
  cursor: z.string().optional(),
});
type WalletQuery = z.infer<typeof walletQuery>;

/** The data API (v2) as far as it is used: what became of a wallet on chain, and what it holds. */
export function addDataRoutes(app: FastifyInstance, front: VenueFront): void {
  app.get('/v2/activity', ({ query }, reply) => {
    const read = walletQuery.safeParse(query);
    const types = read.success ? typesOf(read.data) : undefined;
    if (!read.success || !types) {
      return reply.code(400).send({ error: `only type=${activityTypes.join(',')} is simulated` });
    }
    return dataPageOf(activity(front, read.data, types), read.data.cursor);
  });
  app.get('/v2/positions', ({ query }, reply) => {
    const read = walletQuery.safeParse(query);
    if (!read.success) return reply.code(400).send({ error: 'required query param user' });
    return dataPageOf(positions(front, read.data), read.data.cursor);
  });
}

function typesOf({ type }: WalletQuery): readonly ActivityType[] | undefined {
  const read = z.array(z.enum(activityTypes)).min(1).safeParse(type?.split(','));
  return read.success ? read.data : undefined;
}

/** Oldest first. */
function activity(front: VenueFront, query: WalletQuery, types: readonly ActivityType[]) {
  const { exchange, accounts } = front;
  const { user, start = 0, end = Number.MAX_SAFE_INTEGER } = query;
  const account = ownerOf(accounts, user)?.account;
  if (account === undefined) return [];
  return [
    ...exchange.settlements({ account }).map((row) => redemptionRow(row, front)),
    ...exchange.setChanges({ account }).map((row) => setChangeRow(row, front)),
  ]
    .filter(({ type }) => types.includes(type))
    .filter(({ timestamp }) => timestamp >= start && timestamp <= end)
    .toSorted((one, other) => one.timestamp - other.timestamp);
}

/** Shares of a resolved market stay listed, with what they are worth, until they are redeemed. */
function positions({ exchange, accounts, listing }: VenueFront, { user }: WalletQuery) {
  const account = ownerOf(accounts, user)?.account;
  const held = account === undefined ? [] : exchange.positions(account);
  return held.flatMap(({ market, outcome, quantity, redeemsAt }) => {
    const listed = listing.market(market);
    if (!listed) return [];
    const isRedeemable = redeemsAt !== undefined;
    return [
      {
        proxy_wallet: user,
        token_id: tokenOf(listed.market, { outcome }),
        condition_id: market,
        outcome: outcome === 'yes' ? 'Yes' : 'No',
        status: isRedeemable ? 'REDEEMABLE' : 'OPEN',
        redeemable: isRedeemable,
        current_size: Number(formatAmount(quantity)),
        // Of a market that still trades it is a valuation, which nobody here needs.
        ...(isRedeemable && { current_price: Number(formatAmount(redeemsAt)) }),
      },
    ];
  });
}
