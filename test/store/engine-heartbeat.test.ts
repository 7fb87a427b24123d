import { expect, test } from 'vitest';
import { type Freeze, type FreezeScope, freezeOf } from '../../domain/index.js';
import { acknowledgements, insertFreeze, liftFreeze, readControl } from '../../store/index.js';
import { ACCOUNT, NO, NOW_MS, YES } from './desk.js';
import {
  heartbeat,
  isOpen,
  marketOf,
  openEngineDesk,
  ownPair,
  type Start,
  startEngine,
} from './engine-desk.js';

const desk = openEngineDesk();
const RAIN = 70;
const SNOW = 3;
const snowNo = { ...NO, market: 'KXSNOW' };
const snowYes = { ...YES, market: '0xsnow' };

const freezeBy = (freezeId: string, scope: FreezeScope): Freeze => ({
  ...{ freezeId, scope, cause: 'manual', why: 'a drill', by: 'ada', action: 'leave' },
  atMs: NOW_MS,
});

const lift = async (freezeId: string) =>
  liftFreeze(desk.db, { freezeId, by: 'ada', why: 'over', atMs: NOW_MS });

/** A start that owns two pairs, which both are open. */
async function engineWithPairs(): Promise<Start> {
  const start = await startEngine(desk);
  await ownPair(desk, start, 'rain');
  await ownPair(desk, start, 'snow');
  const instruments = [snowYes, snowNo].map(
    ({ venue, market, outcome }) => `${venue}/${market}/${outcome}`,
  );
  await desk.one('engine_set_markets', start.process, start.epoch, [
    marketOf(RAIN, 'rain', { strategy: 'weather' }),
    marketOf(SNOW, 'snow', { instruments }),
  ]);
  const answer = await heartbeat(desk, start);
  expect([RAIN, SNOW, 4, 500].map((market) => isOpen(answer, market))).toEqual([
    ...[true, true, false, false],
  ]);
  return start;
}

test.each<readonly [string, FreezeScope]>([
  ['everything', { kind: 'global' }],
  ['a venue', { kind: 'venue', key: 'kalshi' }],
  ['the account', { kind: 'account', key: ACCOUNT }],
  ['another account', { kind: 'account', key: 'other' }],
  ['a strategy', { kind: 'strategy', key: 'weather' }],
  ['another strategy', { kind: 'strategy', key: 'sports' }],
  ['an instrument', { kind: 'instrument', key: 'kalshi/KXSNOW/no' }],
  ['the other outcome of it', { kind: 'instrument', key: 'kalshi/KXSNOW/yes' }],
  ['a pair', { kind: 'pair', key: 'rain' }],
  ['another pair', { kind: 'pair', key: 'hail' }],
  ['one trade', { kind: 'workflow', key: 'arbitrage/a' }],
])('the words close what the rule of the domain closes: a freeze of %s', async (name, scope) => {
  const start = await engineWithPairs();
  const freeze = freezeBy(`scope ${name}`, scope);
  const epoch = await insertFreeze(desk.db, freeze);
  const answer = await heartbeat(desk, start);
  const subject = {
    venues: ['kalshi', 'polymarket'],
    account: ACCOUNT,
    workflowId: 'none',
  } as const;
  const rain = { ...subject, strategy: 'weather', pairId: 'rain', instruments: [YES, NO] };
  const snow = { ...subject, strategy: '', pairId: 'snow', instruments: [snowYes, snowNo] };
  expect(isOpen(answer, RAIN)).toBe(freezeOf([freeze], rain) === undefined);
  expect(isOpen(answer, SNOW)).toBe(freezeOf([freeze], snow) === undefined);
  expect(answer).toMatchObject({
    ...{ refusal: null, control_epoch: epoch },
    in_force: [{ freezeId: freeze.freezeId, scope, cause: 'manual', action: 'leave', epoch }],
  });
  await lift(freeze.freezeId);
});

test('a heartbeat that begins after a freeze was committed sees it, however many are written', async () => {
  const start = await engineWithPairs();
  for (let round = 0; round < 20; round += 1) {
    const epoch = await insertFreeze(
      desk.db,
      freezeBy(`r-${round}`, { kind: 'pair', key: 'rain' }),
    );
    const others = [1, 2, 3].map(async (other) =>
      insertFreeze(desk.db, freezeBy(`r-${round}-${other}`, { kind: 'account', key: 'other' })),
    );
    const answer = await heartbeat(desk, start);
    expect(Number(answer.control_epoch)).toBeGreaterThanOrEqual(epoch);
    expect(isOpen(answer, RAIN)).toBe(false);
    await Promise.all(others);
    await lift(`r-${round}`);
  }
  for (const { freezeId } of (await readControl(desk.db)).freezes) await lift(freezeId);
});

test('the freezes of an answer are those of its epoch, while they come and go', async () => {
  const start = await engineWithPairs();
  const { epoch: before } = await readControl(desk.db);
  const freezing = (async () => {
    for (let round = 0; round < 30; round += 1) {
      await insertFreeze(desk.db, freezeBy(`odd-${round}`, { kind: 'pair', key: 'rain' }));
      await lift(`odd-${round}`);
    }
  })();
  const answers = [];
  for (let round = 0; round < 30; round += 1) answers.push(await heartbeat(desk, start));
  await freezing;
  for (const answer of answers) {
    const isFrozen = (Number(answer.control_epoch) - before) % 2 === 1;
    expect(answer.in_force).toHaveLength(isFrozen ? 1 : 0);
    expect(isOpen(answer, RAIN)).toBe(!isFrozen);
  }
});

test('an epoch is acknowledged once, grows only, and never runs ahead of the freezes', async () => {
  const start = await startEngine(desk);
  const acknowledged = async () =>
    (await acknowledgements(desk.db)).find(({ processId }) => processId === start.process)
      ?.epochAcknowledged;
  expect(await acknowledged()).toBe(0);
  const { epoch } = await readControl(desk.db);
  await heartbeat(desk, start, epoch);
  await heartbeat(desk, start, epoch - 1);
  expect(await acknowledged()).toBe(epoch);
  expect(await heartbeat(desk, start, epoch + 1)).toMatchObject({
    ...{ refusal: 'EPOCH_AHEAD', open_words: null },
  });
  expect(await acknowledged()).toBe(epoch);
});

test('a start that is fenced, or has lost a pair, finds its markets closed', async () => {
  const older = await engineWithPairs();
  const rival = await startEngine(desk, { accounts: [`kalshi/${ACCOUNT}`] });
  const fenced = await heartbeat(desk, older);
  expect([RAIN, SNOW].map((market) => isOpen(fenced, market))).toEqual([false, false]);

  const newer = await engineWithPairs();
  await ownPair(desk, await startEngine(desk, { accounts: ['kalshi/main'] }), 'hail');
  const again = await engineWithPairs();
  expect(isOpen(await heartbeat(desk, newer), RAIN)).toBe(false);
  expect(isOpen(await heartbeat(desk, again), RAIN)).toBe(true);
  await desk.one('engine_release_owner', again.process, 'rain', await epochOf('rain'));
  const released = await heartbeat(desk, again);
  expect([RAIN, SNOW].map((market) => isOpen(released, market))).toEqual([false, true]);
  expect(rival.epoch).toBeLessThan(newer.epoch);
});

async function epochOf(pairId: string): Promise<unknown> {
  const [owner] = await desk.rows(`select epoch from owners where kind = 'pair' and key = $1`, [
    pairId,
  ]);
  return owner?.epoch;
}

test('a pair without an owner, and a leg at an account that is not the start’s, are closed', async () => {
  const start = await startEngine(desk, { accounts: [`kalshi/${ACCOUNT}`] });
  await ownPair(desk, start, 'kalshi-only');
  await ownPair(desk, start, 'both');
  await desk.one('engine_set_markets', start.process, start.epoch, [
    marketOf(0, 'kalshi-only', { instruments: ['kalshi/KXRAIN/no', 'kalshi/KXRAIN/yes'] }),
    marketOf(1, 'both'),
    marketOf(2, 'nobodys', { instruments: ['kalshi/KXRAIN/no'] }),
    marketOf(63, 'kalshi-only', { account: 'other', instruments: ['kalshi/KXRAIN/no'] }),
  ]);
  const answer = await heartbeat(desk, start);
  expect([0, 1, 2, 63].map((market) => isOpen(answer, market))).toEqual([
    ...[true, false, false, false],
  ]);
});

test('the last bit of a word is a bit like any other', async () => {
  const start = await startEngine(desk);
  await ownPair(desk, start, 'edge');
  await desk.one('engine_set_markets', start.process, start.epoch, [marketOf(63, 'edge')]);
  const answer = await heartbeat(desk, start);
  expect(answer.open_words).toHaveLength(1);
  expect([62, 63].map((market) => isOpen(answer, market))).toEqual([false, true]);
});

test('the reading says how long it took, as a duration', async () => {
  const start = await startEngine(desk);
  const { reading_us: readingUs } = await heartbeat(desk, start);
  expect(Number(readingUs)).toBeGreaterThan(0);
  expect(Number.isInteger(readingUs)).toBe(true);
});

test('the pairs that a trade holds are told before the first shot', async () => {
  const start = await engineWithPairs();
  await desk.rows(`
    insert into pair_holds (pair_id, holder, generation, taken_at, until) values
      ('rain', 'arbitrage/a', 3, now(), null), ('snow', 'arbitrage/b', 1, now(), now()),
      ('hail', 'arbitrage/c', 1, now(), null)`);
  expect(await desk.ask('engine_holds', start.process)).toEqual([
    { pair_id: 'rain', generation: 3, ends_in_ms: null },
  ]);
  await desk.rows(`update pair_holds set until = now() + interval '1 hour' where pair_id = 'rain'`);
  const [held] = await desk.ask('engine_holds', start.process);
  expect(Number(held?.ends_in_ms)).toBeGreaterThan(0);
});
