import { afterAll, beforeAll } from 'vitest';
import {
  type Admission,
  type ArbitrageIntent,
  arbitrageWorkflowId,
  type ChildOrder,
  clientOrderIdFor,
  type Fill,
  type Instrument,
  intentDigest,
  money,
  negate,
  notional,
  type Purpose,
  price,
  quantity,
  type Reservation,
  type Reversal,
  type TradeResult,
  toWire,
  ZERO_MONEY,
  ZERO_QUANTITY,
} from '../../domain/index.js';
import {
  assertMode,
  type Connection,
  connect,
  ensureAccount,
  insertIntent,
  migrate,
  withAccountLocked,
  writeApproval,
} from '../../store/index.js';
import { freshDatabase } from '../support/stack.js';

export const ACCOUNT = 'main';
export const NOW_MS = Date.UTC(2026, 10, 21, 12);
export const YES: Instrument = { venue: 'polymarket', market: '0xrain', outcome: 'yes' };
export const NO: Instrument = { venue: 'kalshi', market: 'KXRAIN', outcome: 'no' };

/** A database of its own for a test file, in simulated mode and with one account. */
export function openDesk(): { readonly db: Connection['db']; readonly databaseUrl: string } {
  let connection: Connection | undefined;
  let databaseUrl = '';
  beforeAll(async () => {
    databaseUrl = await freshDatabase(async (url) => {
      await migrate(url);
    });
    connection = connect(databaseUrl);
    await assertMode(connection.db, 'simulated');
    await ensureAccount(connection.db, ACCOUNT);
  });
  afterAll(async () => connection?.close());
  return {
    get db() {
      if (!connection) throw new Error('the database is opened before the first test');
      return connection.db;
    },
    get databaseUrl() {
      return databaseUrl;
    },
  };
}

export function intentOf(intentId: string, change: Partial<ArbitrageIntent> = {}): ArbitrageIntent {
  return {
    intentId,
    door: 'workflow',
    pairId: `pair-${intentId}`,
    type: 'poly_yes_kalshi_no',
    contractsMax: quantity('100'),
    limitPrice: { yes: price('0.52'), no: price('0.45') },
    observedAtMs: { yesMs: NOW_MS, noMs: NOW_MS },
    edgeMin: price('0.01'),
    account: ACCOUNT,
    strategy: 'rain',
    notAfterMs: NOW_MS + 1_000,
    dryRun: false,
    ...change,
  };
}

/** Enters an intent as `admit` does; returns it with its workflow id. */
export async function enter(
  db: Connection['db'],
  intentId: string,
  change: Partial<ArbitrageIntent> = {},
): Promise<{ readonly intent: ArbitrageIntent; readonly workflowId: string }> {
  const intent = intentOf(intentId, change);
  const workflowId = arbitrageWorkflowId(intentId);
  const wire = toWire(intent);
  const digest = intentDigest(wire);
  await insertIntent(db, { intent: wire, digest, workflowId, mode: 'simulated', atMs: NOW_MS });
  return { intent, workflowId };
}

/** The same, and approves it for its two entries; what else an approval says is there if given. */
export async function approve(
  db: Connection['db'],
  intentId: string,
  given: Partial<Admission> = {},
): Promise<{ readonly intent: ArbitrageIntent; readonly workflowId: string }> {
  const entered = await enter(db, intentId);
  const { workflowId, intent } = entered;
  const { pairId } = intent;
  const entries = { yesOrder: orderOf(workflowId, 'yes'), noOrder: orderOf(workflowId, 'no') };
  const admission = { kind: 'approved', entries, atMs: NOW_MS, ...given } as Admission; // what is not given is not read
  const reservation = reservationFor(workflowId, pairId);
  const approval = { workflowId, pairId, reservation, atMs: NOW_MS, admission: toWire(admission) };
  await withAccountLocked(db, ACCOUNT, (tx) => writeApproval(tx, approval));
  return entered;
}

export function orderOf(
  workflowId: string,
  leg: 'yes' | 'no',
  change: Partial<ChildOrder> = {},
): ChildOrder {
  const purpose: Purpose = change.purpose ?? { kind: 'entry', leg };
  const contracts = quantity('100');
  return {
    clientOrderId: clientOrderIdFor(workflowId, purpose),
    workflowId,
    account: ACCOUNT,
    purpose,
    instrument: leg === 'yes' ? YES : NO,
    side: 'buy',
    timeInForce: 'IOC',
    limitPrice: price(leg === 'yes' ? '0.52' : '0.45'),
    fixed: { kind: 'contracts', contracts },
    legalMaximum: contracts,
    isReduceOnly: false,
    notAfterMs: NOW_MS + 1_000,
    createdAtMs: NOW_MS,
    ...change,
  };
}

export function reservationFor(
  workflowId: string,
  pairId: string,
  exposure = money('97'),
): Reservation {
  const contracts = quantity('100');
  const leg = { contracts, cash: money('52'), exitCash: money('60') };
  const legs = [
    { ...leg, instrument: YES },
    { ...leg, instrument: NO },
  ];
  return { workflowId, account: ACCOUNT, pairId, exposure, legs };
}

export function fillOf(change: Partial<Fill> & Pick<Fill, 'venueOrderId' | 'executionId'>): Fill {
  const filled = change.quantity ?? quantity('10');
  const at = change.price ?? price('0.52');
  const paid = notional(at, filled, 'ceil');
  return {
    kind: 'fill',
    account: ACCOUNT,
    instrument: YES,
    side: 'buy',
    quantity: filled,
    price: at,
    fee: ZERO_MONEY,
    cash: change.side === 'sell' ? paid : negate(paid),
    finality: 'final',
    atMs: NOW_MS,
    ...change,
  };
}

export function reversalOf(fill: Fill): Reversal {
  const { account, instrument, venueOrderId, executionId, side, quantity: filled } = fill;
  const name = { account, instrument, venueOrderId, executionId };
  const { price: at, fee, atMs } = fill;
  const amounts = { side, quantity: filled, price: at, fee, cash: negate(fill.cash) };
  return { kind: 'reversal', ...name, ...amounts, atMs };
}

export function resultOf(
  kind: TradeResult['kind'],
  change: Partial<TradeResult> = {},
): TradeResult {
  return {
    kind,
    contracts: ZERO_QUANTITY,
    fees: ZERO_MONEY,
    gross: ZERO_MONEY,
    net: ZERO_MONEY,
    exposureContractSeconds: ZERO_QUANTITY,
    exitCost: ZERO_MONEY,
    isCanceled: false,
    ...change,
  };
}
