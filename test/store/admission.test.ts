import { sql } from 'kysely';
import { expect, test } from 'vitest';
import {
  type AccountState,
  type Admission,
  add,
  arbitrageWorkflowId,
  intentDigest,
  money,
  quantity,
  toWire,
} from '../../domain/index.js';
import {
  auditLines,
  closeTrade,
  ensureAccount,
  findIntent,
  firstLimits,
  insertIntent,
  limitsOf,
  liveHold,
  liveHolds,
  readAccountState,
  recordAnswer,
  recordBalance,
  recordOrders,
  reservationOf,
  resetBreaker,
  setLimits,
  type TradeClosing,
  withAccountLocked,
  writeApproval,
  writeDenial,
} from '../../store/index.js';
import {
  ACCOUNT,
  enter,
  intentOf,
  NOW_MS,
  openDesk,
  orderOf,
  reservationFor,
  resultOf,
} from './desk.js';

const desk = openDesk();

const approvalOf = (workflowId: string): Admission =>
  ({
    kind: 'approved',
    entries: { yesOrder: orderOf(workflowId, 'yes'), noOrder: orderOf(workflowId, 'no') },
    atMs: NOW_MS,
  }) as Admission; // pair and terms are not read by the store

interface Try {
  readonly account?: string;
  readonly pairId?: string;
  readonly nowMs?: number;
  readonly allows?: (state: AccountState) => boolean;
}

/** Admits as the activity does: reads the state, lets the rule decide, writes either answer. */
async function admit(intentId: string, options: Try = {}): Promise<'approved' | 'denied'> {
  const { account = ACCOUNT, pairId = `pair-${intentId}`, nowMs = NOW_MS } = options;
  const allows = options.allows ?? ((state) => state.hold === undefined);
  await ensureAccount(desk.db, account);
  const { workflowId } = await enter(desk.db, intentId, { account, pairId });
  return withAccountLocked(desk.db, account, async (tx) => {
    const state = await readAccountState(tx, { account, pairId, workflowId, nowMs });
    const decision = { workflowId, pairId, atMs: nowMs };
    if (!allows(state)) {
      const denial = { kind: 'denied', denial: { code: 'CANCELED' }, atMs: nowMs } as const;
      await writeDenial(tx, { ...decision, admission: denial });
      return 'denied';
    }
    const reservation = { ...reservationFor(workflowId, pairId), account };
    const admission = toWire(approvalOf(workflowId));
    await writeApproval(tx, { ...decision, admission, reservation });
    return 'approved';
  });
}

async function close(intentId: string, change: Partial<TradeClosing> = {}) {
  const stored = await findIntent(desk.db, intentId);
  const { account, pairId } = stored?.intent ?? { account: ACCOUNT, pairId: '' };
  return closeTrade(desk.db, {
    workflowId: arbitrageWorkflowId(intentId),
    intent: intentOf(intentId, { account, pairId }),
    result: resultOf('missed'),
    isError: false,
    holdForMs: 0,
    atMs: NOW_MS,
    ...change,
  });
}

async function stateOf(account = ACCOUNT, pairId = 'any', nowMs = NOW_MS): Promise<AccountState> {
  return withAccountLocked(desk.db, account, (tx) =>
    readAccountState(tx, { account, pairId, workflowId: 'nobody', nowMs }),
  );
}

test('an account starts with version 1 of its limits', async () => {
  expect(await limitsOf(desk.db, ACCOUNT)).toEqual({ version: 1, ...firstLimits });
  expect(await limitsOf(desk.db, 'nobody')).toBeUndefined();
});

test('two changes of the limits at once are two versions, both audited', async () => {
  const tighter = { ...firstLimits, positionMax: quantity('9000') };
  const change = { account: ACCOUNT, limits: tighter, by: 'ada', why: 'a quiet day' };
  const versions = await Promise.all([1, 2].map(async () => setLimits(desk.db, change)));
  expect(versions.sort((a, b) => a - b)).toEqual([2, 3]);
  expect(await limitsOf(desk.db, ACCOUNT)).toEqual({ version: 3, ...tighter });
  const audited = await auditLines(desk.db, 2);
  expect(audited).toMatchObject([
    { by: 'ada', subject: ACCOUNT },
    { by: 'ada', subject: ACCOUNT },
  ]);
  const rewrite = desk.db.updateTable('account_limits').set({ exposure_max: '1' });
  await expect(rewrite.execute()).rejects.toThrow(/append-only/);
});

test('ten trades at once never take more than the limit allows', async () => {
  const limit = money('300'); // three reservations of 97
  const allows = ({ reservations }: AccountState): boolean => {
    const reserved = reservations.reduce((sum, { exposure }) => add(sum, exposure), money('97'));
    return reserved <= limit;
  };
  const tries = Array.from({ length: 10 }, async (_, index) =>
    admit(`limit-${index}`, { account: 'contested', allows }),
  );
  const answers = await Promise.all(tries);
  expect(answers.filter((answer) => answer === 'approved')).toHaveLength(3);
});

test('ten trades at once on one pair: one is in flight', async () => {
  const tries = Array.from({ length: 10 }, async (_, index) =>
    admit(`flight-${index}`, { pairId: 'one', account: `account-${index % 3}` }),
  );
  const answers = await Promise.all(tries);
  expect(answers.filter((answer) => answer === 'approved')).toHaveLength(1);
});

test('a process that dies while it decides leaves nothing reserved and nothing locked', async () => {
  const { workflowId } = await enter(desk.db, 'dies', { pairId: 'dies' });
  const admission = toWire(approvalOf(workflowId));
  const reservation = reservationFor(workflowId, 'dies');
  const dying = withAccountLocked(desk.db, ACCOUNT, async (tx) => {
    await writeApproval(tx, { workflowId, pairId: 'dies', admission, reservation, atMs: NOW_MS });
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(desk.db);
    await sql`select 1`.execute(tx);
  });
  await expect(dying).rejects.toThrow(/connection|ECONNRESET|EPIPE/i);
  expect(await reservationOf(desk.db, workflowId)).toBeUndefined();
  expect(await admit('lives', { pairId: 'dies' })).toBe('approved');
});

test('accounts that are locked together are locked in name order, so nobody waits in a circle', async () => {
  const orders = [
    ['a', 'b', 'c'],
    ['c', 'b', 'a'],
    ['b', 'a', 'c'],
    ['c', 'a', 'b'],
  ];
  const tries = Array.from({ length: 40 }, async (_, index) =>
    withAccountLocked(desk.db, orders[index % orders.length] ?? [], async () => index),
  );
  expect(await Promise.all(tries)).toHaveLength(40);
});

test('a hold lasts while anything is unresolved, then until its release', async () => {
  expect(await admit('hold-1', { pairId: 'held' })).toBe('approved');
  const aYearLater = NOW_MS + 365 * 86_400_000;
  expect(await liveHold(desk.db, { pairId: 'held', nowMs: aYearLater })).toMatchObject({
    holder: arbitrageWorkflowId('hold-1'),
    untilMs: null,
  });
  await close('hold-1', { holdForMs: 10_000 });
  expect(await admit('hold-2', { pairId: 'held', nowMs: NOW_MS + 9_999 })).toBe('denied');
  expect(await admit('hold-3', { pairId: 'held', nowMs: NOW_MS + 10_000 })).toBe('approved');
  const hold = await liveHold(desk.db, { pairId: 'held', nowMs: aYearLater });
  expect(hold?.generation).toBe(2);
});

test('a trade that ended late does not release the hold of the next', async () => {
  await admit('late-1', { pairId: 'late' });
  await close('late-1');
  await admit('late-2', { pairId: 'late' });
  await close('late-1');
  const holds = await liveHolds(desk.db, NOW_MS);
  expect(holds).toContainEqual(
    expect.objectContaining({ pairId: 'late', holder: arbitrageWorkflowId('late-2') }),
  );
});

test('a pair with little liquidity is held a while by the trade that was denied for it', async () => {
  const { workflowId } = await enter(desk.db, 'thin', { pairId: 'thin' });
  const denial = { kind: 'denied', denial: { code: 'CANCELED' }, atMs: NOW_MS } as const;
  await withAccountLocked(desk.db, ACCOUNT, (tx) =>
    writeDenial(tx, {
      workflowId,
      pairId: 'thin',
      admission: denial,
      atMs: NOW_MS,
      holdUntilMs: NOW_MS + 10_000,
    }),
  );
  expect(await liveHold(desk.db, { pairId: 'thin', nowMs: NOW_MS + 9_999 })).toBeDefined();
  expect(await liveHold(desk.db, { pairId: 'thin', nowMs: NOW_MS + 10_000 })).toBeUndefined();
});

test('what was reserved is read back exactly, and counts until the end of the trade', async () => {
  await admit('reserve-1', { account: 'saver', pairId: 'reserve' });
  const workflowId = arbitrageWorkflowId('reserve-1');
  const reserved = { ...reservationFor(workflowId, 'reserve'), account: 'saver' };
  expect(await reservationOf(desk.db, workflowId)).toEqual(reserved);
  expect((await stateOf('saver')).reservations).toEqual([reserved]);
  await close('reserve-1');
  expect((await stateOf('saver')).reservations).toEqual([]);
  expect(await reservationOf(desk.db, workflowId)).toBeUndefined();
});

test('an admission is decided once and read back as it was', async () => {
  await admit('once', { pairId: 'once' });
  const stored = await findIntent(desk.db, 'once');
  expect(stored?.admission).toEqual(toWire(approvalOf(arbitrageWorkflowId('once'))));
  const again = withAccountLocked(desk.db, ACCOUNT, (tx) =>
    writeDenial(tx, {
      workflowId: arbitrageWorkflowId('once'),
      pairId: 'once',
      admission: { kind: 'denied', denial: { code: 'CANCELED' }, atMs: NOW_MS },
      atMs: NOW_MS,
    }),
  );
  await expect(again).rejects.toThrow(/admitted once/);
});

test('an intent id is used once, for ever', async () => {
  const { intent } = await enter(desk.db, 'unique');
  const other = toWire(intentOf('unique', { contractsMax: quantity('7') }));
  const second = { intent: other, digest: intentDigest(other), workflowId: 'arbitrage/unique' };
  expect(await insertIntent(desk.db, { ...second, mode: 'simulated', atMs: NOW_MS })).toBe(
    'exists',
  );
  expect((await findIntent(desk.db, 'unique'))?.intent).toEqual(toWire(intent));
  await expect(desk.db.deleteFrom('intents').execute()).rejects.toThrow(/append-only/);
});

test('executions are counted over the last minute, to the millisecond', async () => {
  await admit('rate-1', { account: 'fast' });
  expect((await stateOf('fast', 'any', NOW_MS + 59_999)).executionsLastMinute).toBe(1);
  expect((await stateOf('fast', 'any', NOW_MS + 60_000)).executionsLastMinute).toBe(0);
});

test('an older balance never replaces a newer one', async () => {
  const said = { account: 'payer', venue: 'kalshi' } as const;
  await recordBalance(desk.db, { ...said, balance: money('10.000000001'), atMs: NOW_MS });
  await recordBalance(desk.db, { ...said, balance: money('99'), atMs: NOW_MS - 1 });
  const { balances } = await stateOf('payer');
  expect(balances).toEqual({ kalshi: { balance: money('10.000000001'), atMs: NOW_MS } });
});

test('errors in a row are counted per pair and in total; a success ends the row, a denial does not', async () => {
  const account = 'erring';
  const story = [
    ['e1', 'p', 'missed', true],
    ['e2', 'q', 'missed', true],
    ['e3', 'p', 'denied', true],
    ['e4', 'p', 'missed', true],
  ] as const;
  for (const [index, [intentId, pairId, kind, isError]] of story.entries()) {
    await admit(intentId, { account, pairId });
    await close(intentId, { result: resultOf(kind), isError, atMs: NOW_MS + index });
  }
  const { breakers } = await stateOf(account, 'p');
  expect(breakers.total.errors).toMatchObject({
    ...{ count: 3, lastAtMs: NOW_MS + 3 },
    atMs: [NOW_MS, NOW_MS + 1, NOW_MS + 3],
  });
  expect(breakers.pair.errors.count).toBe(2);

  await admit('e5', { account, pairId: 'p' });
  await close('e5', { isError: false, atMs: NOW_MS + 4 });
  const after = (await stateOf(account, 'q')).breakers;
  expect(after.total.errors.count).toBe(0);
  expect(after.pair.errors.count).toBe(1);
});

test('an unknown order is seen by the breakers of its pair and its account', async () => {
  await admit('doubt', { account: 'doubting', pairId: 'doubt' });
  const order = orderOf(arbitrageWorkflowId('doubt'), 'yes', { account: 'doubting' });
  await recordOrders(desk.db, [{ order, mode: 'simulated', body: '{}' }]);
  const silence = {
    clientOrderId: order.clientOrderId,
    event: 'silence',
    status: 'unknown',
  } as const;
  await recordAnswer(desk.db, { ...silence, detail: {}, atMs: NOW_MS });
  const { breakers } = await stateOf('doubting', 'doubt');
  expect([breakers.pair, breakers.total].map((b) => b.errors.hasOpenUnknown)).toEqual([true, true]);
  expect((await stateOf('doubting', 'other')).breakers.pair.errors.hasOpenUnknown).toBe(false);
});

test('an order that is not certain past its shot keeps the breakers of its pair and its account open', async () => {
  const account = 'lingering';
  for (const status of ['planned', 'submitted', 'working', 'pendingCancel', 'filled'] as const) {
    const pairId = `linger-${status}`;
    await admit(pairId, { account, pairId });
    const order = orderOf(arbitrageWorkflowId(pairId), 'no', { account });
    await recordOrders(desk.db, [{ order, mode: 'simulated', body: '{}' }]);
    const said = { clientOrderId: order.clientOrderId, event: 'heard', status } as const;
    await recordAnswer(desk.db, { ...said, detail: {}, atMs: NOW_MS });
    const has = async (nowMs: number) =>
      (await stateOf(account, pairId, nowMs)).breakers.pair.errors.hasOpenUnknown;
    expect([status, await has(order.notAfterMs)]).toEqual([status, false]);
    expect([status, await has(order.notAfterMs + 1)]).toEqual([status, status !== 'filled']);
  }
});

test('a loss is realised in its UTC day, and an operator may say that it no longer counts', async () => {
  const account = 'losing';
  const midnight = Date.UTC(2026, 10, 21);
  const losses = [
    ['l1', '-100', midnight - 1],
    ['l2', '-20', midnight],
    ['l3', '-3.5', midnight + 1],
  ] as const;
  for (const [intentId, net, atMs] of losses) {
    await admit(intentId, { account, pairId: 'loss' });
    await close(intentId, { result: resultOf('exited', { net: money(net) }), atMs });
  }
  const noon = (await stateOf(account, 'loss')).breakers;
  expect(noon.total.realisedToday).toBe(money('-23.5'));
  expect(noon.pair.realisedToday).toBe(money('-23.5'));

  const reset = { account, breaker: 'loss', by: 'ada', why: 'looked at it' } as const;
  await resetBreaker(desk.db, { ...reset, atMs: midnight });
  const after = (await stateOf(account, 'loss')).breakers;
  expect(after.total.realisedToday).toBe(money('-3.5'));
  expect(after.pair.realisedToday).toBe(money('-23.5'));
  expect((await auditLines(desk.db, 1))[0]).toMatchObject({ action: 'breaker_reset', by: 'ada' });
});
