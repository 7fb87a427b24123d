import { expect, test } from 'vitest';
import { acknowledgements, confirmKilled } from '../../store/index.js';
import { ACCOUNT, NOW_MS } from './desk.js';
import {
  heartbeat,
  marketOf,
  openEngineDesk,
  ownPair,
  register,
  type Start,
  startEngine,
  VENUE_ACCOUNTS,
} from './engine-desk.js';

const desk = openEngineDesk();

const startOf = (name: string, epoch: number, host = 'host-z'): Start => ({
  ...{ process: name, host, epoch, journal: `folder of ${host}` },
});

async function epochKnown(): Promise<number> {
  const { engine_epoch_known: known } = await desk.one('engine_epoch_known');
  return Number(known);
}

test('these are the functions of protocol 4', async () => {
  expect(await desk.one('engine_protocol')).toEqual({ engine_protocol: 4 });
});

test('a database of another mode refuses a start by name and enters nothing', async () => {
  const start = startOf('wrong-mode', (await epochKnown()) + 1);
  expect(await register(desk, start, { mode: 'live' })).toMatchObject({
    ...{ refusal: 'MODE_MISMATCH', database_mode: 'simulated' },
  });
  const names = (await acknowledgements(desk.db)).map(({ processId }) => processId);
  expect(names).not.toContain('wrong-mode');
});

test('an account that nobody opened is refused', async () => {
  const start = startOf('no-account', (await epochKnown()) + 1);
  const answer = await register(desk, start, { accounts: ['kalshi/nobody'] });
  expect(answer).toMatchObject({ refusal: 'ACCOUNT_UNKNOWN' });
});

test('a venue that we do not know is no refusal but a broken promise', async () => {
  const start = startOf('no-venue', (await epochKnown()) + 1);
  await expect(register(desk, start, { accounts: [`nyse/${ACCOUNT}`] })).rejects.toThrow(/venue/);
});

test('of ten starts that come at once with the same epoch exactly one is registered', async () => {
  const epoch = (await epochKnown()) + 1;
  const answers = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => register(desk, startOf(`r-${index}`, epoch))),
  );
  const refusals = answers.map(({ refusal }) => refusal);
  expect(refusals.filter((refusal) => refusal === null)).toHaveLength(1);
  expect(refusals.filter((refusal) => refusal === 'EPOCH_NOT_NEW')).toHaveLength(9);
  const owners = await desk.rows(`select distinct holder, epoch from owners where kind = 'engine'`);
  expect(owners).toEqual([{ holder: `r-${refusals.indexOf(null)}`, epoch }]);
});

test('of starts that race with epochs of their own the newest has every account', async () => {
  const known = await epochKnown();
  const epochs = [1, 2, 3, 4, 5, 6].map((step) => known + step);
  const answers = await Promise.all(
    epochs.map(async (epoch) => register(desk, startOf(`n-${epoch}`, epoch))),
  );
  const registered = epochs.filter((_, index) => answers[index]?.refusal === null);
  const newest = Math.max(...registered);
  const owners = await desk.rows(
    `select key, holder, epoch from owners where kind = 'engine' order by key`,
  );
  expect(owners).toEqual(
    VENUE_ACCOUNTS.map((key) => ({ key, holder: `n-${newest}`, epoch: newest })),
  );
  expect(registered).toContain(epochs.at(-1)); // nothing was above it
});

test('an older start learns at its next call that a newer one has its account', async () => {
  const older = await startEngine(desk, { host: 'host-a' });
  expect(await heartbeat(desk, older)).toMatchObject({ refusal: null, lost: [] });
  const newer = startOf('newer', (await epochKnown()) + 1, 'host-b');
  const answer = await register(desk, newer, { accounts: [`kalshi/${ACCOUNT}`] });
  expect(answer).toMatchObject({
    refusal: null,
    fenced: [{ venueAccount: `kalshi/${ACCOUNT}`, process: older.process, epoch: older.epoch }],
  });
  expect(await heartbeat(desk, older)).toMatchObject({
    refusal: null,
    lost: [{ venueAccount: `kalshi/${ACCOUNT}`, process: 'newer', epoch: newer.epoch }],
  });
  const claimed = await desk.one(
    ...(['engine_claim_owner', older.process, older.epoch, 'fenced', 0] as const),
  );
  expect(claimed).toMatchObject({ refusal: 'FENCED', held_by: null });
});

test('a start that is told twice is one, and takes nothing back from a newer one', async () => {
  const first = await startEngine(desk);
  const second = await startEngine(desk, { host: 'host-b' });
  expect(await register(desk, first)).toMatchObject({ refusal: null });
  expect(await heartbeat(desk, second)).toMatchObject({ lost: [] });
  const other = { ...first, epoch: (await epochKnown()) + 1 };
  expect(await register(desk, other)).toMatchObject({ refusal: 'PROCESS_EXISTS' });
});

test('"frozen" waits for a registered start until it ended, and one that was killed is heard no more', async () => {
  const start = await startEngine(desk);
  const isWaitedFor = async () =>
    (await acknowledgements(desk.db)).some(({ processId }) => processId === start.process);
  expect(await isWaitedFor()).toBe(true);
  await desk.one('engine_end', start.process, start.epoch);
  expect(await isWaitedFor()).toBe(false);
  expect(await heartbeat(desk, start)).toMatchObject({ refusal: 'PROCESS_ENDED' });

  const killed = await startEngine(desk);
  await confirmKilled(desk.db, { processId: killed.process, atMs: NOW_MS });
  expect(await heartbeat(desk, killed)).toMatchObject({ refusal: 'PROCESS_ENDED' });
  expect(await heartbeat(desk, { ...killed, epoch: killed.epoch + 1 })).toMatchObject({
    refusal: 'NOT_REGISTERED',
  });
});

test('of ten claims that have seen the same holder exactly one gets the pair', async () => {
  const starts = [await startEngine(desk, { accounts: [`kalshi/${ACCOUNT}`] })];
  const claims = await Promise.all(
    Array.from({ length: 10 }, async () =>
      desk.one('engine_claim_owner', starts[0]?.process, starts[0]?.epoch, 'solo', 0),
    ),
  );
  expect(new Set(claims.map(({ held_epoch: epoch }) => epoch))).toEqual(new Set([1]));

  const rival = await startEngine(desk, { accounts: [`polymarket/${ACCOUNT}`] });
  const both = await Promise.all(
    [starts[0], rival, starts[0], rival].map(async (start) =>
      desk.one('engine_claim_owner', start?.process, start?.epoch, 'contested', 0),
    ),
  );
  const holders = new Set(both.map(({ held_by: holder }) => holder));
  expect(holders.size).toBe(1);
  expect(both.filter(({ refusal }) => refusal === 'OWNED')).toHaveLength(2);
});

test('the markets of a start that was killed go with the next, those of a living one stay', async () => {
  const marketsOf = async ({ process: name }: Start) =>
    desk.rows('select market from engine_markets where process_id = $1', [name]);
  const first = await startEngine(desk);
  await desk.one('engine_set_markets', first.process, first.epoch, [marketOf(5, 'rain')]);
  const second = await startEngine(desk);
  await desk.one('engine_set_markets', second.process, second.epoch, [marketOf(6, 'rain')]);
  expect(await marketsOf(first)).toEqual([{ market: 5 }]);
  await confirmKilled(desk.db, { processId: second.process, atMs: NOW_MS });
  await startEngine(desk);
  expect(await marketsOf(second)).toEqual([]);
  expect(await marketsOf(first)).toEqual([{ market: 5 }]);
});

async function ownerOf(pairId: string) {
  const [owner] = await desk.rows(
    `select holder, epoch from owners where kind = 'pair' and key = $1`,
    [pairId],
  );
  return owner;
}

test('a takeover fences the holder before it, who cannot give up what is another’s', async () => {
  const before = await startEngine(desk, { accounts: [`kalshi/${ACCOUNT}`] });
  const after = await startEngine(desk, { accounts: [`polymarket/${ACCOUNT}`] });
  await ownPair(desk, before, 'moved');
  const blind = ['engine_claim_owner', after.process, after.epoch, 'moved', 0] as const;
  expect(await desk.one(...blind)).toMatchObject({ refusal: 'OWNED', held_by: before.process });
  await ownPair(desk, after, 'moved');
  expect(await ownerOf('moved')).toEqual({ holder: after.process, epoch: 2 });
  const release = async ({ process: name }: Start, epoch: number) =>
    desk.one('engine_release_owner', name, 'moved', epoch);
  expect(await release(before, 1)).toEqual({ refusal: 'NOT_OWNER' });
  expect(await release(after, 2)).toEqual({ refusal: null });
  expect(await release(after, 2)).toEqual({ refusal: 'NOT_OWNER' });
  await ownPair(desk, before, 'moved');
  expect(await ownerOf('moved')).toEqual({ holder: before.process, epoch: 4 });
});

test('what a kernel says of its clock is kept beside who was told it, for 90 days', async () => {
  const start = await startEngine(desk, { host: 'host-of-clocks' });
  await desk.rows(
    `insert into clock_readings (host, at, process_id, is_synchronised)
     values ($1, now() - interval '91 days', $2, false)`,
    [start.host, start.process],
  );
  const told = async (epoch: number, ...reading: readonly unknown[]) =>
    desk.one('engine_tell_clock', start.process, epoch, ...reading);
  expect(await told(start.epoch, true, 120, 4_500)).toEqual({ engine_tell_clock: null });
  expect(await told(start.epoch, false, null, null)).toEqual({ engine_tell_clock: null });
  expect(await told(start.epoch + 1, true, 1, 2)).toEqual({ engine_tell_clock: 'NOT_REGISTERED' });
  const kept = await desk.rows(
    `select process_id, is_synchronised, estimated_error_us, maximum_error_us
     from clock_readings where host = $1 order by at`,
    [start.host],
  );
  const of = { process_id: start.process };
  expect(kept).toEqual([
    { ...of, is_synchronised: true, estimated_error_us: 120, maximum_error_us: 4_500 },
    { ...of, is_synchronised: false, estimated_error_us: null, maximum_error_us: null },
  ]);
});
