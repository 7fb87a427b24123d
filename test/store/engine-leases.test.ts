import { expect, test } from 'vitest';
import { recall } from '../../activities/lend.js';
import { type AccountState, money, quantity, review } from '../../domain/index.js';
import {
  auditLines,
  closeLease,
  confirmKilled,
  endProcess,
  grantLease,
  type LeaseEvidence,
  type LeaseGrant,
  readAccountState,
  stopLease,
  withAccountLocked,
} from '../../store/index.js';
import { account as calmAccount, inputOf } from '../domain/risk-fixture.js';
import { enoughPages, expired } from '../support/lease-evidence.js';
import { ACCOUNT, NO, NOW_MS, YES } from './desk.js';
import {
  heartbeat,
  openEngineDesk,
  ownPair,
  project,
  recordOf,
  type Start,
  startEngine,
} from './engine-desk.js';

const desk = openEngineDesk();
const HOUR_MS = 3_600_000;

function grantOf(leaseId: string, pairId: string, change: Partial<LeaseGrant> = {}): LeaseGrant {
  const leg = { contracts: quantity('500'), cash: money('300'), exitCash: money('300') };
  const legs = [
    { ...leg, instrument: { ...YES, market: `0x${pairId}` } },
    { ...leg, instrument: { ...NO, market: `KX${pairId}` } },
  ];
  const lasting = { termMs: HOUR_MS, lastsMs: 10 * HOUR_MS };
  return { leaseId, pairId, account: ACCOUNT, exposure: money('300'), legs, ...lasting, ...change };
}

const grant = async (lease: LeaseGrant) =>
  withAccountLocked(desk.db, lease.account, (tx) => grantLease(tx, lease));

async function accountState(): Promise<AccountState> {
  const asked = { account: ACCOUNT, pairId: 'rain', workflowId: 'nobody', nowMs: NOW_MS };
  return withAccountLocked(desk.db, ACCOUNT, (tx) => readAccountState(tx, asked));
}

/** What the rules say of a trade that nothing else speaks against, beside what Postgres has reserved. */
async function reviewBeside(): Promise<ReturnType<typeof review>> {
  const { reservations, limits } = await accountState();
  const seen = { ...calmAccount, reservations, ...(limits && { limits }) };
  return review(inputOf({ account: seen }));
}

/** A start that owns the pair, with a lease of it. */
async function lent(pairId: string, change: Partial<LeaseGrant> = {}): Promise<Start> {
  const start = await startEngine(desk);
  await ownPair(desk, start, pairId);
  const granted = await grant(grantOf(`lease-${pairId}`, pairId, change));
  expect(granted).toMatchObject({ kind: 'granted', host: start.host });
  return start;
}

const leaseOf = async (pairId: string) => {
  const [row = {}] = await desk.rows(
    `select epoch, exposure, closed_how, expires_at > clock_timestamp() as is_current
     from leases where lease_id = $1`,
    [`lease-${pairId}`],
  );
  return row;
};

const close = async (pairId: string, evidence: LeaseEvidence) =>
  closeLease(desk.db, { leaseId: `lease-${pairId}`, evidence, by: 'ada', why: 'a drill' });

const readOf = ({ journal, epoch }: Start): LeaseEvidence => ({
  ...{ kind: 'journal_read', journal, epoch, isWhole: true, unacknowledged: [] },
});

const pagesOf = async (pairId: string) => enoughPages(desk.db, `lease-${pairId}`);

const killed = async ({ process: processId }: Start) =>
  confirmKilled(desk.db, { processId, atMs: NOW_MS });

test('a trade is denied for exposure because a lease has it, and passes once that is closed', async () => {
  expect(await reviewBeside()).toMatchObject({ kind: 'approved' });
  const cheap = { contracts: quantity('1'), cash: money('1'), exitCash: money('1') };
  const { legs } = grantOf('', 'loud');
  const start = await lent('loud', {
    exposure: money('49950'),
    legs: legs.map((leg) => ({ ...leg, ...cheap })),
  });
  expect(await reviewBeside()).toMatchObject({
    ...{ kind: 'denied', denial: { code: 'EXPOSURE_TOO_LARGE', limit: money('50000') } },
  });
  await killed(start);
  expect(await close('loud', readOf(start))).toBeUndefined();
  expect(await reviewBeside()).toMatchObject({ kind: 'approved' });
});

test('what was lent is recalled by its name until it is closed, also of a pair that is off its file', async () => {
  const recalled = async () =>
    recall(
      { db: desk.db, pairOf: () => undefined },
      { leaseId: 'lease-unheard', pairId: 'unheard' },
    );
  const start = await lent('unheard', { contractsMax: quantity('10') });
  const { host, process, epoch } = start;
  const found = await recalled();
  expect(found).toMatchObject({
    ...{ kind: 'lent', leaseId: 'lease-unheard', host, process, engineEpoch: epoch },
    ...{ contractsMax: quantity('10'), seen: { isHolderThere: true, shots: 0 } },
  });
  expect(found).not.toHaveProperty('pair');
  await killed(start);
  await close('unheard', readOf(start));
  expect(await recalled()).toEqual({ kind: 'nothing' });
});

test('what was recalled before it was lent is lent no more, also by a grant that was on its way', async () => {
  const name = { leaseId: 'lease-late', pairId: 'late' };
  const recalled = async () => recall({ db: desk.db, pairOf: () => undefined }, name);
  await ownPair(desk, await startEngine(desk), 'late');
  const waiting = await withAccountLocked(desk.db, ACCOUNT, async (tx) => {
    await readAccountState(tx, { account: ACCOUNT, pairId: 'late', workflowId: 'arm', nowMs: 0 });
    const asked = recalled();
    await grantLease(tx, grantOf('lease-late', 'late', { contractsMax: quantity('10') }));
    return { asked };
  });
  expect(await waiting.asked, 'it has waited for the grant').toMatchObject({ kind: 'lent' });

  const never = { leaseId: 'lease-never', pairId: 'never' };
  await ownPair(desk, await startEngine(desk), 'never');
  expect(await recall({ db: desk.db, pairOf: () => undefined }, never)).toEqual({
    kind: 'nothing',
  });
  expect(await grant(grantOf('lease-never', 'never'))).toEqual({
    ...{ kind: 'refused', refusal: 'LEASE_RECALLED' },
  });
});

test('a trade is denied for cash because a lease may spend it', async () => {
  const start = await lent('rich', {
    legs: grantOf('', 'rich').legs.map((leg) => ({ ...leg, cash: money('960') })),
  });
  expect(await reviewBeside()).toMatchObject({
    ...{ kind: 'denied', denial: { code: 'CASH_TOO_SMALL', venue: 'polymarket' } },
  });
  await killed(start);
  await close('rich', readOf(start));
});

test('a pair is lent to whoever owns it, once, and to nobody who has gone', async () => {
  expect(await grant(grantOf('lease-nobody', 'nobody'))).toEqual({
    ...{ kind: 'refused', refusal: 'PAIR_UNOWNED' },
  });
  const start = await lent('once');
  expect(await grant(grantOf('lease-once', 'once'))).toMatchObject({ kind: 'granted', epoch: 1 });
  expect(await grant(grantOf('lease-once-more', 'once'))).toMatchObject({ refusal: 'LEASE_OPEN' });
  await endProcess(desk.db, { processId: start.process, atMs: NOW_MS });
  expect(await close('once', readOf(start))).toBeUndefined();
  expect(await grant(grantOf('lease-once', 'once'))).toMatchObject({ refusal: 'LEASE_CLOSED' });
  expect(await grant(grantOf('lease-twice', 'once'))).toMatchObject({ refusal: 'OWNER_GONE' });

  const next = await startEngine(desk);
  await ownPair(desk, next, 'once');
  expect(await grant(grantOf('lease-twice', 'once'))).toMatchObject({ kind: 'granted', epoch: 2 });
});

test('ten grants at once for one pair: one is lent', async () => {
  const start = await startEngine(desk);
  await ownPair(desk, start, 'crowd');
  const answers = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => grant(grantOf(`crowd-${index}`, 'crowd'))),
  );
  expect(answers.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
});

test('a heartbeat renews in the second half of a term, with a new epoch and not beyond the end', async () => {
  const start = await lent('term');
  const [first] = (await heartbeat(desk, start)).lent as readonly Record<string, unknown>[];
  expect(first).toMatchObject({ leaseId: 'lease-term', budget: '300', epoch: 1 });
  await desk.rows(`update leases set expires_at = clock_timestamp() + interval '1 ms'
    where lease_id = 'lease-term'`);
  const [renewed] = (await heartbeat(desk, start)).lent as readonly Record<string, unknown>[];
  expect(renewed).toMatchObject({ epoch: 2 });
  expect(Number(renewed?.expiresInUs)).toBeGreaterThan((HOUR_MS * 1_000) / 2);
  await desk.rows(`update leases set expires_at = clock_timestamp() + interval '1 ms',
    ends_at = clock_timestamp() + interval '1 minute' where lease_id = 'lease-term'`);
  const [last] = (await heartbeat(desk, start)).lent as readonly Record<string, unknown>[];
  expect(last).toMatchObject({ epoch: 3 });
  expect(Number(last?.expiresInUs)).toBeLessThanOrEqual(60_000_000);
});

test.each<readonly [string, (start: Start, pairId: string) => Promise<unknown>]>([
  ['whose account a newer start has', async () => startEngine(desk)],
  [
    'that gave the pair up',
    async ({ process: name }, pairId) => desk.one('engine_release_owner', name, pairId, 1),
  ],
  ['whose lease was stopped', async (_, pairId) => stopLease(desk.db, `lease-${pairId}`)],
  ['that was killed', killed],
])('a start %s renews nothing', async (why, happens) => {
  const pairId = `old ${why.length}`;
  const start = await lent(pairId);
  await desk.rows(`update leases set expires_at = clock_timestamp() where lease_id = $1`, [
    `lease-${pairId}`,
  ]);
  await happens(start, pairId);
  await heartbeat(desk, start);
  expect(await leaseOf(pairId)).toMatchObject({ epoch: 1, is_current: false });
});

test('a heartbeat waits for the disk where it renews, and else for nothing', async () => {
  const start = await lent('durable');
  const waitsFor = async () => {
    const [row] = await desk.rows(
      `select set_config('synchronous_commit', 'on', true),
         (engine_heartbeat($1, $2, 0)).refusal, current_setting('synchronous_commit') as waits`,
      [start.process, start.epoch],
    );
    return row?.waits;
  };
  expect(await waitsFor()).toBe('off');
  await desk.rows(
    `update leases set expires_at = clock_timestamp() + interval '1 second'
     where lease_id = 'lease-durable'`,
  );
  expect(await waitsFor()).toBe('on');
  expect(await leaseOf('durable')).toMatchObject({ epoch: 2 });
});

test('a renewal under another epoch than its own is refused', async () => {
  const start = await lent('epoch');
  await desk.rows(
    `update leases set expires_at = clock_timestamp() where lease_id = 'lease-epoch'`,
  );
  const answer = await heartbeat(desk, { ...start, epoch: start.epoch - 1 });
  expect(answer).toMatchObject({ refusal: 'NOT_REGISTERED', lent: null });
  expect(await leaseOf('epoch')).toMatchObject({ epoch: 1 });
});

test('a lease of a host that may live is not closed, whoever asks', async () => {
  const start = await lent('lives');
  expect(await close('lives', readOf(start))).toBe('HOLDER_LIVES');
  expect(await close('lives', await pagesOf('lives'))).toBe('HOLDER_LIVES');
  const { journal, epoch } = start;
  const disarmed = { kind: 'disarmed', journal, epoch, unacknowledged: [] } as const;
  expect(await close('lives', { ...disarmed, process: 'another' })).toBe('NOT_HOLDER');
  expect(await close('lives', { ...disarmed, process: start.process })).toBeUndefined();
  expect(await leaseOf('lives')).toMatchObject({ closed_how: 'disarmed' });
});

test('a dead host’s lease is closed by its own journal, whole, once; audited with what was left', async () => {
  const start = await lent('dead');
  await killed(start);
  const read = readOf(start);
  expect(await close('dead', { ...read, epoch: start.epoch + 1 } as LeaseEvidence)).toBe(
    'OTHER_JOURNAL',
  );
  expect(await close('dead', { ...read, journal: 'another' } as LeaseEvidence)).toBe(
    'OTHER_JOURNAL',
  );
  expect(await close('dead', { ...read, isWhole: false } as LeaseEvidence)).toBe('JOURNAL_DAMAGED');
  expect((await accountState()).reservations.map(({ pairId }) => pairId)).toContain('dead');
  expect(await close('dead', read)).toBeUndefined();
  expect(await close('dead', read)).toBeUndefined();
  const lines = (await auditLines(desk.db, 20)).filter(({ subject }) => subject === 'lease-dead');
  expect(lines).toMatchObject([
    { action: 'close_lease', by: 'ada', detail: { evidence: read, left: '300' } },
  ]);
  expect((await accountState()).reservations.map(({ pairId }) => pairId)).not.toContain('dead');
});

test('no evidence, or another lease’s name, closes nothing', async () => {
  const start = await lent('blind');
  await killed(start);
  const nothing = { kind: 'hearsay' } as unknown as LeaseEvidence; // what no caller of ours says
  expect(await close('blind', nothing)).toBe('EVIDENCE_MISSING');
  const { journal, epoch } = start;
  const silent = { kind: 'journal_read', journal, epoch, isWhole: true } as LeaseEvidence; // as above
  expect(await close('blind', silent)).toBe('EVIDENCE_MISSING');
  expect(await close('unheard of', readOf(start))).toBe('LEASE_UNKNOWN');
});

test('a shot that is told or in the journal, and no reservation yet, keeps its lease open', async () => {
  const start = await lent('fired');
  await killed(start);
  const slots = { unacknowledged: [{ thread: 0, sequence: 1 }] };
  const read = { ...readOf(start), ...slots } as LeaseEvidence;
  expect(await close('fired', read)).toBe('SHOTS_UNADOPTED');
  await project(desk, start, [recordOf(start, { sequence: 1, pairId: 'fired', leaseEpoch: 1 })]);
  await expired(desk.db, 'lease-fired');
  for (const evidence of [read, readOf(start), await pagesOf('fired')]) {
    expect(await close('fired', evidence)).toBe('SHOTS_UNADOPTED');
  }
  const refused = { sequence: 1, pairId: 'fired', leaseEpoch: 1, refused: 'FROZEN' };
  await project(desk, start, [recordOf(start, refused)]);
  expect(await close('fired', read)).toBeUndefined();
});

test('a lease never grows, and no row of it is ever deleted', async () => {
  await lent('kept');
  const of = `where lease_id = 'lease-kept'`;
  await expect(desk.rows(`update leases set exposure = 301 ${of}`)).rejects.toThrow(/only shrinks/);
  await expect(desk.rows(`update leases set epoch = 0 ${of}`)).rejects.toThrow(/./);
  await expect(desk.rows(`delete from leases ${of}`)).rejects.toThrow(/append-only/);
});
