import pg from 'pg';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type FreezeScope, money, quantity, toWire } from '../../domain/index.js';
import {
  acknowledgements,
  confirmKilled,
  findOrders,
  grantLease,
  insertFreeze,
  liftFreeze,
  openBreaks,
  readControl,
  resolveBreak,
  withAccountLocked,
} from '../../store/index.js';
import { ACCOUNT, approve, NO, NOW_MS, orderOf, YES } from '../store/desk.js';
import { marketOf, openEngineDesk, ownPair, startEngine } from '../store/engine-desk.js';
import { testPostgres } from '../support/stack.js';
import { answeredOf, idsOf, named, ordersOf, shotOf } from './ledger-shots.js';
import {
  buildScriptedLedger,
  type ScriptedLedger,
  startScriptedLedger,
} from './scripted-ledger.js';

const desk = openEngineDesk();
const BUILD_MS = 600_000;
const RAIN = 70;

let program = '';
let started = 0;
const running: ScriptedLedger[] = [];

beforeAll(async () => {
  program = await buildScriptedLedger();
}, BUILD_MS);

afterEach(async () => {
  for (const ledger of running.splice(0)) await ledger.kill();
});

/** A start whose ledger takes words, registered. */
async function start(host = 'host-n'): Promise<ScriptedLedger> {
  const ledger = await startUnregistered(host);
  expect(await ledger.say('register')).toHaveProperty('is');
  return ledger;
}

async function startUnregistered(host = 'host-n'): Promise<ScriptedLedger> {
  started += 1;
  const { databaseUrl } = desk;
  const ledger = await startScriptedLedger({
    ...{ program, databaseUrl, host },
    process: `native-${started}`,
  });
  running.push(ledger);
  return ledger;
}

/** The same, with a pair of its own and a gate that is kept. */
async function startWithPair(pairId: string): Promise<ScriptedLedger> {
  const ledger = await start();
  await ledger.say('claim', pairId);
  expect(await ledger.say('markets', [marketOf(RAIN, pairId)])).toEqual({ is: '()' });
  await ledger.say('control');
  await refusedAt(ledger, RAIN, null);
  return ledger;
}

const refusedAt = async (ledger: ScriptedLedger, market: number, refused: string | null) =>
  expect.poll(async () => ledger.say('gate', market)).toEqual({ refused });

const state = async (ledger: ScriptedLedger) => ledger.say('state');

/** Long enough for whatever a heartbeat would say too early. */
async function someHeartbeats(ledger: ScriptedLedger): Promise<void> {
  const { heard } = await state(ledger);
  await expect.poll(async () => (await state(ledger)).heard).toBeGreaterThan(Number(heard) + 2);
}

async function freeze(freezeId: string, scope: FreezeScope): Promise<number> {
  const by = { why: 'a drill', by: 'ada', action: 'leave', atMs: NOW_MS } as const;
  return insertFreeze(desk.db, { freezeId, scope, cause: 'manual', ...by });
}

const lift = async (freezeId: string) =>
  liftFreeze(desk.db, { freezeId, by: 'ada', why: 'over', atMs: NOW_MS });

async function acknowledgedBy({ process: name }: ScriptedLedger): Promise<number | undefined> {
  const all = await acknowledgements(desk.db);
  return all.find(({ processId }) => processId === name)?.epochAcknowledged;
}

test('a start enters itself, tells its pairs, and hears who was fenced and what is held', async () => {
  const earlier = await startEngine(desk, { host: 'host-x' });
  const ledger = await start();
  const { process: name, epoch } = ledger;
  expect(epoch).toBe(earlier.epoch + 1);
  expect(await ledger.say('register'), 'told again').toEqual({ is: '[]' });
  const [row] = await desk.rows(
    `select host, mode, epoch, build from engines join processes using (process_id)
     where process_id = $1`,
    [name],
  );
  expect(row).toEqual({ host: 'host-n', mode: 'simulated', epoch, build: 'build-1' });

  const { workflowId } = await approve(desk.db, 'held');
  expect(workflowId).toBe('arbitrage/held');
  await ledger.say('markets', [marketOf(RAIN, 'pair-held', { strategy: 'weather' })]);
  expect((await ledger.say('holds')).is).toMatch(
    /^\[PairHold { pair_id: "pair-held", generation: \d+, ends_in_ms: None }\]$/,
  );
  expect(await ledger.say('end')).toEqual({ is: '()' });
  expect(await ledger.say('markets', [])).toEqual({ refused: 'ProcessEnded' });
});

test('a pair is taken from who is over, and left to who lives', async () => {
  const living = await startEngine(desk, { host: 'host-y', accounts: ['kalshi/main'] });
  for (const pairId of ['pair-a', 'pair-b']) await ownPair(desk, living, pairId);
  const ledger = await start();
  const owned = `refusal: Owned, held: Some(("${living.process}", 1))`;
  expect(await ledger.say('claim', 'pair-a')).toEqual({ refused: `NotClaimed { ${owned} }` });
  expect((await ledger.say('owner', 'pair-a')).is).toContain('is_over: false');
  expect(await ledger.say('claim', 'pair-free')).toEqual({ is: '1' });
  expect(await ledger.say('claim', 'pair-free'), 'told again').toEqual({ is: '1' });

  await confirmKilled(desk.db, { processId: living.process, atMs: NOW_MS });
  expect(await ledger.say('claim', 'pair-a')).toEqual({ is: '2' });

  const next = await start();
  expect(await ledger.say('claim', 'pair-b'), 'it is fenced by now').toEqual({
    refused: `NotClaimed { refusal: Fenced, held: Some(("${living.process}", 1)) }`,
  });
  expect(await next.say('claim', 'pair-a'), 'an earlier start of its host').toEqual({ is: '3' });
  expect(await next.say('release', 'pair-a 2')).toEqual({ refused: 'NotOwner' });
  expect(await next.say('release', 'pair-a 3')).toEqual({ is: '()' });
  const stranger = await start('host-z');
  expect(await stranger.say('claim', 'pair-a'), 'nobody’s').toEqual({ is: '5' });
});

test('a freeze that is committed closes the gate and is acknowledged when its shots are over', async () => {
  const ledger = await startWithPair('rain');
  await refusedAt(ledger, RAIN + 1, 'FROZEN');
  await ledger.say('enter', RAIN);
  const epoch = await freeze('of-rain', { kind: 'pair', key: 'rain' });
  await expect.poll(async () => (await state(ledger)).epoch).toBe(epoch);
  await expect.poll(async () => (await state(ledger)).inForce).toEqual(['of-rain']);
  // Heartbeats go on meanwhile, and none of them says that the section is over.
  const { connected } = await state(ledger);
  await someHeartbeats(ledger);
  expect(await acknowledgedBy(ledger)).toBeLessThan(epoch);
  await ledger.say('leave');
  await expect.poll(async () => acknowledgedBy(ledger)).toBe(epoch);
  await refusedAt(ledger, RAIN, 'FROZEN');
  await lift('of-rain');
  await refusedAt(ledger, RAIN, null);
  expect((await state(ledger)).connected).toBe(connected);
});

test('a freeze of a strategy passes nobody who had looked before it', async () => {
  const ledger = await startWithPair('rain');
  const clearedFor = async (epoch: unknown) => ledger.say('cleared', `${RAIN} ${String(epoch)}`);
  const before = await ledger.say('look', 'weather');
  expect(before.frozen).toBeNull();
  expect(await clearedFor(before.epoch)).toEqual({ refused: null });

  await ledger.say('enter', RAIN);
  const epoch = await freeze('of-weather', { kind: 'strategy', key: 'weather' });
  await expect
    .poll(async () => ledger.say('look', 'weather'))
    .toEqual({ epoch, frozen: 'of-weather' });
  await someHeartbeats(ledger);
  expect(await acknowledgedBy(ledger)).toBeLessThan(epoch);
  await ledger.say('leave');
  await expect.poll(async () => acknowledgedBy(ledger)).toBe(epoch);

  expect(await clearedFor(before.epoch)).toEqual({ refused: 'CONTROL_CHANGED' });
  expect(await ledger.say('gate', RAIN), 'its market’s word says nothing').toEqual({
    refused: null,
  });
  expect(await ledger.say('look', 'sports'), 'another strategy').toEqual({ epoch, frozen: null });
  expect(await clearedFor(epoch)).toEqual({ refused: null });
  await lift('of-weather');
});

test('what a start is lent it is told, and what a newer one takes it has lost', async () => {
  const ledger = await startWithPair('hail');
  const leg = { contracts: quantity('9'), cash: money('9'), exitCash: money('9') };
  const legs = [
    { ...leg, instrument: YES },
    { ...leg, instrument: NO },
  ];
  const lease = { leaseId: 'lease-hail', pairId: 'hail', account: ACCOUNT, legs };
  const lasting = { exposure: money('12.5'), termMs: 60_000, lastsMs: 60_000 };
  await withAccountLocked(desk.db, ACCOUNT, (tx) => grantLease(tx, { ...lease, ...lasting }));
  await expect
    .poll(async () => (await state(ledger)).lent)
    .toEqual([{ pairId: 'hail', budget: '12.5' }]);
  await startEngine(desk, { host: 'host-w', accounts: ['kalshi/main'] });
  await expect.poll(async () => (await state(ledger)).lost).toEqual(['kalshi/main']);
  await refusedAt(ledger, RAIN, 'FROZEN');
});

test('a start that was confirmed killed is frozen for good, whatever is heard afterwards', async () => {
  const ledger = await startWithPair('rain');
  await confirmKilled(desk.db, { processId: ledger.process, atMs: NOW_MS });
  await expect.poll(async () => (await state(ledger)).hasEnded).toBe(true);
  expect((await state(ledger)).trouble).toContain('PROCESS_ENDED');
  expect(await ledger.say('gate', RAIN)).toEqual({ refused: 'FROZEN' });
});

/** Ends the connections of engines to this database; `false`: nobody may come back yet either. */
async function cutOff(mayComeBack: boolean): Promise<void> {
  const server = new pg.Client({ connectionString: await testPostgres() });
  await server.connect();
  const name = new URL(desk.databaseUrl).pathname.slice(1);
  await server.query(`alter database ${name} allow_connections ${mayComeBack ? 'true' : 'false'}`);
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = $1 and application_name = 'legwork-engine'`;
  await server.query(cut, [name]);
  await server.end();
}

test('a connection that is cut is made again', async () => {
  const ledger = await startWithPair('rain');
  await cutOff(true);
  await expect.poll(async () => (await state(ledger)).connected).toBe(2);
  await refusedAt(ledger, RAIN, null);
});

test('cut off from Postgres it takes no risk, loses no record, and comes back by itself', async () => {
  const ledger = await startWithPair('rain');
  await cutOff(false);
  await refusedAt(ledger, RAIN, 'CONTROL_LOST');
  expect((await state(ledger)).trouble).toContain('not currently accepting connections');
  await ledger.say('project', shotOf(ledger, 1));
  await expect
    .poll(async () => ledger.say('projected'))
    .toMatchObject({ safe: 0, untold: 1, hasTrouble: true });
  const epoch = await frozenFromElsewhere();
  await cutOff(true);
  await refusedAt(ledger, RAIN, 'FROZEN');
  await expect.poll(async () => acknowledgedBy(ledger)).toBe(epoch);
  await lift('while-away');
  await refusedAt(ledger, RAIN, null);
  await expect
    .poll(async () => ledger.say('projected'), { timeout: 10_000 })
    .toMatchObject({ safe: 1, untold: 0, hasTrouble: false });
});

/** By a connection that was there before. */
const frozenFromElsewhere = async () => freeze('while-away', { kind: 'global' });

test('a database that hangs is not waited for', async () => {
  const ledger = await startWithPair('rain');
  const other = new pg.Client({ connectionString: desk.databaseUrl });
  await other.connect();
  await other.query('begin');
  await other.query('lock table control in access exclusive mode');
  await refusedAt(ledger, RAIN, 'CONTROL_LOST');
  expect((await state(ledger)).trouble).toContain('has not answered engine_heartbeat');
  await other.query('rollback');
  await other.end();
  await refusedAt(ledger, RAIN, null);
});

const rowsOf = async ({ epoch }: ScriptedLedger) => ({
  shots: await desk.rows(
    `select to_jsonb(shot) - 'told_at' - 'adopted_at' as row from engine_shots as shot
     where epoch = $1 order by sequence`,
    [epoch],
  ),
  legs: await desk.rows(
    'select to_jsonb(leg) as row from engine_legs as leg where epoch = $1 order by sequence, leg',
    [epoch],
  ),
  events: await desk.rows(
    `select client_order_id, event, status, detail from order_events
     where detail ->> 'shot' like '%/' || $1 || '/0/%' order by seq`,
    [epoch],
  ),
});

test('a journal’s record becomes the orders that the house reads, and told twice the same', async () => {
  const ledger = await start();
  const shot = shotOf(ledger, 1);
  await approve(desk.db, shot.intentId);
  const answered = { ...shot, isWritten: true, legs: named(shot, 'a') };
  await ledger.say('project', shot);
  await expect
    .poll(async () => ledger.say('projected'))
    .toMatchObject({ safe: 1, untold: 0, free: [] });
  await ledger.say('project', answered);
  await expect
    .poll(async () => ledger.say('projected'))
    .toMatchObject({ safe: 2, refused: 0, untold: 0, unadopted: 0 });
  expect((await ledger.say('projected')).free).toContain(1);

  const { yes, no } = ordersOf(shot.intentId);
  const stored = await findOrders(desk.db, [yes.clientOrderId, no.clientOrderId]);
  const byLeg = (leg: string) => stored.find(({ order }) => order.purpose.leg === leg);
  expect(byLeg('yes')).toMatchObject({
    body: yes.body,
    order: {
      ...{ clientOrderId: yes.clientOrderId, instrument: YES, timeInForce: 'IOC', side: 'buy' },
      ...{ fixed: { kind: 'collateral', collateral: money('52') }, createdAtMs: 7 },
    },
  });
  expect(byLeg('no')).toMatchObject({
    body: no.body,
    order: {
      ...{ clientOrderId: no.clientOrderId, instrument: NO, orderGroupId: 'group-1' },
      ...{ fixed: { kind: 'contracts', contracts: quantity('100') }, createdAtMs: NOW_MS },
    },
  });

  const rows = await rowsOf(ledger);
  expect(rows.events.map(({ event }) => event).toSorted()).toEqual([
    ...['accepted', 'accepted', 'sent', 'sent'],
  ]);
  await ledger.say('project', answered);
  await expect.poll(async () => ledger.say('projected')).toMatchObject({ safe: 3, untold: 0 });
  expect(await rowsOf(ledger)).toEqual(rows);
});

test('a record that Postgres cannot take yet waits, and is told again by itself', async () => {
  const ledger = await startUnregistered();
  const shots = [shotOf(ledger, 1), shotOf(ledger, 2)];
  for (const shot of shots) await ledger.say('project', shot);
  await expect
    .poll(async () => ledger.say('projected'))
    .toMatchObject({ safe: 0, refused: 0, untold: 2, hasTrouble: false });
  expect(await ledger.say('register')).toHaveProperty('is');
  await expect
    .poll(async () => ledger.say('projected'), { timeout: 10_000 })
    .toMatchObject({ safe: 2, untold: 0 });
});

test('a sweep says that nothing was heard, and a shot of nobody keeps its slot', async () => {
  const ledger = await start();
  const shot = shotOf(ledger, 1, { isSwept: true, isWritten: true });
  await ledger.say('project', shot);
  await expect
    .poll(async () => ledger.say('projected'))
    .toMatchObject({ safe: 1, unadopted: 1, free: [] });
  const { yes, no } = ordersOf(shot.intentId);
  const stored = await findOrders(desk.db, [yes.clientOrderId, no.clientOrderId]);
  expect(stored.map(({ status }) => status)).toEqual(['unknown', 'unknown']);
});

test('a shot that is told in two ways is counted, kept, and never free; others pass it', async () => {
  const ledger = await start();
  const shot = answeredOf(ledger, 1);
  await approve(desk.db, shot.intentId);
  await ledger.say('project', shot);
  await expect.poll(async () => ledger.say('projected')).toMatchObject({ free: [1] });
  const other = answeredOf(ledger, 2);
  await approve(desk.db, other.intentId);
  await ledger.say('project', { ...other, sequence: 1 });
  await ledger.say('project', other);
  await expect
    .poll(async () => ledger.say('projected'))
    .toMatchObject({ safe: 2, refused: 1, shotsRefused: 1, untold: 0, free: [1, 2] });
});

test('a record in letters that Postgres cannot keep has a break, and holds up no other', async () => {
  const ledger = await start();
  const shot = { ...answeredOf(ledger, 1), intentId: 'dark\u0000', pairId: 'pair-dark' };
  const other = answeredOf(ledger, 2);
  await approve(desk.db, other.intentId);
  for (const told of [shot, other]) await ledger.say('project', told);
  await expect
    .poll(async () => ledger.say('projected'))
    .toMatchObject({ safe: 1, refused: 1, shotsRefused: 1, untold: 0, free: [2] });

  const name = `host-n/${ledger.epoch}/0/1`;
  const breaks = (await openBreaks(desk.db)).filter(({ key }) => key === name);
  const orders = shot.legs.map(({ clientOrderId }) => clientOrderId);
  expect(breaks).toMatchObject([
    { kind: 'record_invalid', pairId: 'pair-dark', detail: { intentId: 'dark\ufffd', orders } },
  ]);
  const { freezes } = await readControl(desk.db);
  expect(freezes.filter(({ freezeId }) => freezeId === `shot/${name}`)).toMatchObject([
    { scope: { kind: 'pair', key: 'pair-dark' } },
  ]);

  const [{ breakId } = { breakId: 0 }] = breaks;
  const said = { by: 'ada', why: 'looked both orders up', atMs: NOW_MS };
  await resolveBreak(desk.db, { breakId, ...said });
  await expect
    .poll(async () => ledger.say('projected'), { timeout: 10_000 })
    .toMatchObject({ safe: 2, shotsRefused: 0, free: [2, 1] });
});

/** Both orders of a trade that has its reservation, as the engine tells them. */
async function reserved(intentId: string) {
  const { workflowId } = await approve(desk.db, intentId);
  const { yes, no } = ordersOf(intentId);
  const orders = [
    { order: toWire(orderOf(workflowId, 'yes')), body: yes.body, venueOrderId: `0x${intentId}` },
    { order: toWire(orderOf(workflowId, 'no')), body: no.body },
  ];
  return { workflowId, pairId: `pair-${intentId}`, orders };
}

test('orders that were not sent are denied, unless nobody knows who says so', async () => {
  const ledger = await start();
  const intentId = `native.${ledger.epoch}.unsent`;
  const told = await reserved(intentId);
  await ledger.say('claim', told.pairId);
  expect(await ledger.say('record', told)).toEqual({ is: '()' });

  const ids = idsOf(intentId);
  const statuses = async () => (await findOrders(desk.db, ids)).map(({ status }) => status);
  const stranger = await startUnregistered();
  expect(await stranger.say('unsent', ids.join(','))).toEqual({ refused: 'NotRegistered' });
  expect(await statuses()).toEqual(['planned', 'planned']);
  expect(await ledger.say('unsent', ids.join(','))).toEqual({ is: '()' });
  expect(await ledger.say('unsent', ids.join(',')), 'told again').toEqual({ is: '()' });
  expect(await statuses()).toEqual(['denied', 'denied']);
});

test('both orders of a reserved shot are recorded once, and its record agrees with them', async () => {
  const ledger = await start();
  const shot = shotOf(ledger, 1);
  const told = await reserved(shot.intentId);
  const { workflowId } = told;
  const record = async () => ledger.say('record', told);
  expect((await record()).refused).toContain('refusal: NotOwner');
  await ledger.say('claim', told.pairId);
  expect(await record()).toEqual({ is: '()' });
  expect((await record()).refused).toContain('refusal: RecordedBefore');

  await ledger.say('project', { ...shot, isWritten: true, legs: named(shot, 'r') });
  await expect
    .poll(async () => ledger.say('projected'))
    .toMatchObject({ safe: 1, refused: 0, free: [1] });
  const stored = await findOrders(desk.db, idsOf(shot.intentId));
  expect(stored.map(({ order }) => order)).toEqual(
    expect.arrayContaining([orderOf(workflowId, 'yes'), orderOf(workflowId, 'no')]),
  );
});

test('whoever asks for an intent that a trade has is told the shot of its trade', async () => {
  const ledger = await start();
  const shot = shotOf(ledger, 1, { isWritten: true });
  const fired = async () => (await ledger.say('trades', shot.intentId)).is;
  expect(await fired(), 'it has no trade').toBe('[]');
  await approve(desk.db, shot.intentId);
  expect(await fired()).toMatch(/^\[Trade { intent_id: "native.\d+.1", fired: None }\]$/);

  await ledger.say('project', shot);
  await expect.poll(async () => ledger.say('projected')).toMatchObject({ safe: 1 });
  const decidedNs = `${NOW_MS}000000`;
  const told = String(await fired());
  expect(told).toContain(`shot: ShotId { thread: 0, epoch: ${ledger.epoch}, sequence: 1 }`);
  expect(told).toContain('written: [Whole, Whole]');
  expect(told).toContain(`decided_ns: (${decidedNs}, 1000000), written_ns: 2000000`);
  const [yes, no] = idsOf(shot.intentId);
  expect(told.indexOf(yes), 'YES first').toBeGreaterThan(0);
  expect(told.indexOf(no)).toBeGreaterThan(told.indexOf(yes));
});
