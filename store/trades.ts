import { type Kysely, sql } from 'kysely';
import {
  type Admission,
  type ArbitrageIntent,
  formatAmount,
  type Instrument,
  type TradeResult,
  toWire,
  type Wire,
} from '../domain/index.js';
import { insertHeldPair } from './held-pairs.js';
import { releaseHold } from './holds.js';
import { type StoredIntent, storedIntent } from './intents.js';
import { releaseReservation } from './reservations.js';
import { reviewHeldPairs } from './review-held-pairs.js';
import { at, json } from './sql-values.js';
import { appendStory } from './story.js';
import type { Database } from './tables.js';
import type { Transaction } from './transaction.js';

export interface TradeClosing {
  readonly workflowId: string;
  readonly intent: ArbitrageIntent;
  readonly result: TradeResult;
  /** Counted by the errors breaker. */
  readonly isError: boolean;
  /** How long the pair stays held; 0 releases it at once. */
  readonly holdForMs: number;
  readonly atMs: number;
}

/** A trade that has not ended, with everything that a freeze may be scoped by. */
export interface OpenTrade {
  readonly workflowId: string;
  readonly account: string;
  readonly strategy: string;
  readonly pairId: string;
  /** Of its two entries; none before it is admitted. */
  readonly instruments: readonly Instrument[];
}

/**
 * The end of a trade, in one commit: its result, what the breakers count, the reservation released,
 * the end of the pair's hold, and a held pair for what was matched. A second call changes nothing.
 * 'unchanged' also when the id belongs to another intent: then this one never held anything.
 */
export async function closeTrade(
  db: Kysely<Database>,
  closing: TradeClosing,
): Promise<'closed' | 'unchanged'> {
  const { workflowId, intent, holdForMs, atMs } = closing;
  return db.transaction().execute(async (tx) => {
    const closed = await writeResult(tx, closing);
    if (!closed) return 'unchanged';
    await releaseReservation(tx, { workflowId, atMs });
    await releaseHold(tx, { pairId: intent.pairId, holder: workflowId, untilMs: atMs + holdForMs });
    await keepMatch(tx, closing, closed.admission);
    await tellEnd(tx, closing);
    return 'closed';
  });
}

/** Newest first, open and closed. */
export async function tradesList(
  db: Kysely<Database>,
  limit: number,
): Promise<readonly StoredIntent[]> {
  const rows = await db
    .selectFrom('intents')
    .selectAll()
    .orderBy('received_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(storedIntent);
}

/** Closed at or after a time, oldest first: for a live line per trade, asked again and again. */
export async function tradesClosedSince(
  db: Kysely<Database>,
  sinceMs: number,
): Promise<readonly StoredIntent[]> {
  const rows = await db
    .selectFrom('intents')
    .selectAll()
    .where('closed_at', '>=', at(sinceMs))
    .orderBy('closed_at')
    .execute();
  return rows.map(storedIntent);
}

/** Every trade that has not ended: whom a freeze must be told to. */
export async function openTrades(db: Kysely<Database>): Promise<readonly OpenTrade[]> {
  const rows = await db
    .selectFrom('intents')
    .select(['workflow_id', 'account', 'strategy', 'pair_id', 'admission'])
    .where('closed_at', 'is', null)
    .orderBy('workflow_id')
    .execute();
  return rows.map((row) => ({
    workflowId: row.workflow_id,
    account: row.account,
    strategy: row.strategy,
    pairId: row.pair_id,
    instruments: instrumentsOf(row.admission),
  }));
}

async function writeResult(tx: Transaction, closing: TradeClosing) {
  const { workflowId, intent, result, isError, atMs } = closing;
  const hasFired = result.kind !== 'denied' && !intent.dryRun;
  return tx
    .updateTable('intents')
    .set({
      result: json(toWire(result)),
      closed_at: at(atMs),
      // What fired nothing neither adds to a row of errors nor ends one.
      ...(hasFired && { is_error: isError, realised: formatAmount(result.net) }),
    })
    .where('workflow_id', '=', workflowId)
    .where(sql<boolean>`intent = ${json(toWire(intent))}::jsonb`)
    .where('closed_at', 'is', null)
    .returning('admission')
    .executeTakeFirst();
}

/** Contracts that pay a dollar at the end, also those beside an excess that was got out of. */
async function keepMatch(
  tx: Transaction,
  { workflowId, intent, result, atMs }: TradeClosing,
  admission: Wire<Admission> | null,
): Promise<void> {
  if (result.contracts === 0n || admission?.kind !== 'approved') return;
  const { account, pairId } = intent;
  const yes = admission.entries.yesOrder.instrument;
  const no = admission.entries.noOrder.instrument;
  await insertHeldPair(tx, {
    ...{ workflowId, account, pairId, yes, no },
    contracts: result.contracts,
    heldSinceMs: atMs,
  });
  // Its market may have paid already: whoever came first, the second sees both.
  await reviewHeldPairs(tx, { account, markets: [yes.market, no.market], nowMs: atMs });
}

async function tellEnd(tx: Transaction, { workflowId, result, atMs }: TradeClosing): Promise<void> {
  const why = result.denial?.code ?? result.residual?.reason;
  const text = why === undefined ? result.kind : `${result.kind}: ${why}`;
  await appendStory(tx, { workflowId, event: 'closed', text, detail: result, atMs });
}

function instrumentsOf(admission: Wire<Admission> | null): readonly Instrument[] {
  if (admission?.kind !== 'approved') return [];
  const { yesOrder, noOrder } = admission.entries;
  return [yesOrder.instrument, noOrder.instrument];
}
