import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { money, quantity } from '../../domain/index.js';
import {
  adoptShot,
  type Connection,
  closeLease,
  connect,
  firedShot,
  grantLease,
  legsHeard,
  missedShots,
  nameOrder,
  unnamedOrders,
  withAccountLocked,
} from '../../store/index.js';
import { openLeases } from '../../store/leases.js';
import { unadoptedShots } from '../../store/unadopted-shots.js';
import { ACCOUNT, approve, NOW_MS } from './desk.js';
import {
  ACCEPTED,
  adoptionOf,
  type Calls,
  callsOver,
  marketOf,
  openEngineDesk,
  ownPair,
  plainPool,
  project,
  recordOf,
  type Start,
  shotOf,
  startEngine,
} from './engine-desk.js';
import { RECORDED, record, shotFor } from './engine-trade.js';

const desk = openEngineDesk();
const ROWS = 5_000;

/** Every table that grows with trades, freezes and restarts. */
const growing = [
  ...['audit', 'breaks', 'engine_legs', 'engine_markets', 'engine_shots', 'engines', 'freezes'],
  ...['intents', 'leases', 'order_events', 'orders', 'owners', 'pair_holds', 'processes'],
  ...['reservations', 'story', 'venue_entries'],
];

/** Years of a desk, as far as the planner is concerned. */
const of = `from generate_series(1, ${ROWS}) as n`;
const fill = [
  // Neither references nor triggers: rows that nobody reads.
  `set session_replication_role = replica`,
  `insert into processes select 'p' || n, 'engine', 'h' || n % 9, n, 'simulated', now(), now(), 0,
       now(), null ${of}`,
  `insert into engines select 'p' || n, n, 'j', 'b', '{kalshi/main}', now() ${of}`,
  `insert into engine_markets select 'p' || n, 0, 'pair' || n, 'main', null, '{kalshi/K/no}',
       '{kalshi}', '{kalshi/main}', true ${of}`,
  `insert into owners select 'exit', 'arbitrage/' || n, 'arbitrage/' || n, 1, now() ${of}`,
  `insert into owners select 'pair', 'pair' || n, 'p' || n, 1, now() ${of}`,
  `insert into freezes select 'f' || n, n, 'pair', 'pair' || n, 'manual', 'why', 'by', 'leave', now(),
       null, now(), 'by', 'why' ${of}`,
  `insert into leases select 'l' || n, 'main', 'pair' || n, 'p' || n, 1, 1, 1, '[]', 1000, now(), now(),
       now(), now(), 'disarmed' ${of}`,
  `insert into engine_shots (host, epoch, thread, sequence, intent_id, pair_id, account, lease_epoch,
     worst, edge, decided_at, not_after, decided_ns, monotonic_ns, told_at, adopted_at, lease_id, moved,
     moved_epoch) select 'h' || n % 9, n % 99 + 1, 0, n, 'i' || n, 'pair' || n,
       'main', 1, 1, 0, now(), now(), 0, 0, now(), now(), 'l' || n, 1, 1 ${of}`,
  `insert into engine_legs select 'h' || n % 9, n % 99 + 1, 0, n, 'yes',
     translate(lpad(n::text, 26, '0'), '0189', 'abcd'), 'kalshi', 'K', 0.5, 1,
       repeat('0', 64), null, null, null, null, null, null, null, false ${of}`,
  `insert into intents (intent_id, digest, workflow_id, mode, account, pair_id, strategy, intent,
       received_at) select 'i' || n, repeat('0', 64), 'arbitrage/i' || n, 'simulated', 'main', 'pair' || n, 's', '{}',
       now() ${of}`,
  `insert into reservations select 'arbitrage/i' || n, 'main', 'pair' || n, 1, '[]', now(), now() ${of}`,
  `insert into orders (client_order_id, workflow_id, mode, is_forbidden, status, recorded_at, purpose,
     attempt, account, venue, market, outcome, side, child_order, body, venue_order_id)
     select 'a' || n, 'arbitrage/i' || n, 'simulated', false, 'filled', now(), 'entry/yes', 0, 'main',
       'kalshi', 'K', 'yes', 'buy', '{}', 'body', 'id' || n ${of}`,
  `insert into order_events (client_order_id, at, event, status, detail)
       select 'a' || n, now(), 'sent', 'submitted', '{}' ${of}`,
  `insert into story (workflow_id, at, event, text, detail)
       select 'arbitrage/i' || n, now(), 'fired', 'text', '{}' ${of}`,
  `insert into venue_entries (venue, account, source, execution_id, kind, market, outcome, side,
       quantity, price, fee, cash, finality, at)
     select 'kalshi', 'main', 'id' || n, 'e', 'fill', 'K', 'yes', 'buy', 1, 0.5, 0, -0.5, 'final', now()
       ${of}`,
  `insert into pair_holds select 'pair' || n, 'w', 1, now(), now() ${of}`,
  `insert into audit (at, by, action, subject, why, detail)
       select now(), 'b', 'a', 's' || n, 'w', '{}' ${of}`,
  `insert into breaks (kind, key, detail, opened_at, closed_at)
       select 'k', 'k' || n, '{}', now(), now() ${of}`,
  `set session_replication_role = origin`,
  `analyze`,
].join(';');

/** A trade that has its reservation: recorded, told and named. */
async function fireForTrade(
  calls: Calls,
  db: Connection['db'],
  { start, sequence }: { readonly start: Start; readonly sequence: number },
): Promise<void> {
  const intentId = `reserved-${sequence}`;
  const { workflowId, intent } = await approve(db, intentId);
  const { pairId } = intent;
  await ownPair(calls, start, pairId);
  const shot = shotFor({ start, intentId, workflowId, pairId });
  expect(await record(calls, start, shot)).toEqual(RECORDED);
  const whole = { written: 'whole', answer: ACCEPTED } as const;
  await project(calls, start, [
    recordOf(start, { sequence, intentId, pairId, yes: whole, no: whole }),
  ]);
  const unnamed = await unnamedOrders(db);
  expect(unnamed).toHaveLength(1);
  for (const name of unnamed) await nameOrder(db, name, NOW_MS);
}

/** How often each table was read as a whole, by sessions that have ended. */
async function scans(): Promise<unknown> {
  const rows = await desk.rows(
    `select relname, seq_scan from pg_stat_user_tables where relname = any ($1) order by relname`,
    [growing],
  );
  return Object.fromEntries(rows.map((row) => [row.relname, row.seq_scan]));
}

/** What a session has read is told when it ends. */
async function ended(pids: readonly unknown[]): Promise<void> {
  await expect
    .poll(async () => desk.rows('select from pg_stat_activity where pid = any ($1)', [pids]))
    .toEqual([]);
}

const PID = 'select pg_backend_pid() as pid';

test('nothing that an engine, an adoption or the sweep for missed ones asks reads a growing table as a whole', async () => {
  await desk.rows(fill);
  const before = await scans();
  const pool = plainPool(desk.databaseUrl, 1);
  const calls = callsOver(() => pool);
  const { db, close } = connect(desk.databaseUrl, { connectionsMax: 1 });
  const [engine] = await calls.rows(PID);
  const { rows } = await sql<{ readonly pid: number }>`select pg_backend_pid() as pid`.execute(db);

  const start = await startEngine(calls, { host: 'h1' });
  await ownPair(calls, start, 'rain');
  await calls.one('engine_set_markets', start.process, start.epoch, [marketOf(0, 'rain')]);
  const instrument = { venue: 'kalshi', market: 'KXRAIN', outcome: 'no' } as const;
  const leg = { instrument, contracts: quantity('9'), cash: money('9'), exitCash: money('9') };
  const lease = { leaseId: 'lease', account: ACCOUNT, pairId: 'rain', exposure: money('500') };
  const lasting = { termMs: 60_000, lastsMs: 60_000 };
  const granted = await withAccountLocked(db, ACCOUNT, (tx) =>
    grantLease(tx, { ...lease, legs: [leg], ...lasting }),
  );
  expect(granted).toMatchObject({ kind: 'granted' });
  for (let round = 0; round < 7; round += 1) {
    await calls.one('engine_heartbeat', start.process, start.epoch, 0); // past the plans made for one call
    await calls.ask('engine_holds', start.process);
    await calls.ask('engine_owner', start.process, 'rain');
    await calls.ask('engine_trades', ['reserved-101']);
    const sequence = round + 1;
    const whole = { written: 'whole', answer: ACCEPTED } as const;
    const shot = recordOf(start, { sequence, leaseEpoch: 1, yes: whole, no: whole });
    await project(calls, start, [shot, shot]);
    await missedShots(db, 0);
    await unadoptedShots(db, ACCOUNT);
    await legsHeard(db, shotOf(start, sequence));
    expect(await firedShot(db, shotOf(start, sequence))).toMatchObject({ isAdopted: false });
    await adoptShot(db, adoptionOf(start, 'rain', sequence));
    await calls.ask('engine_acknowledged', [shotOf(start, sequence)]);
    await fireForTrade(calls, db, { start, sequence: 100 + sequence });
    await calls.one('engine_not_sent', start.process, start.epoch, ['nobody'], 'BOOK_STALE');
  }
  expect(await openLeases(db, ACCOUNT)).toMatchObject([{ exposure: money('0') }]);
  const { journal, epoch } = start;
  const evidence = {
    kind: 'disarmed',
    journal,
    epoch,
    unacknowledged: [{ thread: 0, sequence: 1 }],
  } as const;
  const closing = { leaseId: 'lease', by: 'ada', why: 'done' };
  const closed = await closeLease(db, {
    ...closing,
    evidence: { ...evidence, process: start.process },
  });
  expect(closed).toBeUndefined();
  await calls.one('engine_release_owner', start.process, 'rain', 1);
  await calls.one('engine_end', start.process, start.epoch);

  await Promise.all([pool.end(), close()]);
  await ended([engine?.pid, rows[0]?.pid]);
  expect(await scans()).toEqual(before);
});
