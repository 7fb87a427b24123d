import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreezeMeans, freeze } from '../../cli/commands/freeze.js';
import { unfreeze } from '../../cli/commands/unfreeze.js';
import { venueKiller } from '../../cli/kill-venues.js';
import { price, quantity, type VenueName } from '../../domain/index.js';
import { auditLines, keptGroups, registerProcess } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { BOOKS_AGREE, checkedBooks, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { operatorOf } from '../support/desk-operator.js';
import { ACCOUNT } from '../support/desk-venues.js';

let desk: TestDesk;
let means: FreezeMeans;
/** As it is written: what is built may be of yesterday. */
const program = {
  entry: new URL('../../workers/kill-venue.ts', import.meta.url),
  execArgv: ['--import', 'tsx'],
};
beforeAll(async () => {
  desk = await openTestDesk({ pairs: { first: {}, second: {} } });
  const { config, venues } = desk;
  const portOf = (venue: VenueName) => Number(new URL(venues[venue].url).port);
  const ports = { kalshi: portOf('kalshi'), polymarket: portOf('polymarket') };
  const { seed, openedAtMs, folders, mode } = config;
  const file = { mode, seed, openedAtMs, ports };
  writeFileSync(join(folders.data, 'desk.json'), JSON.stringify(file));
  // The test's desk keeps its keys beside its other files; a desk's folder has one for them.
  mkdirSync(join(folders.data, 'credentials'));
  const keys = `${ACCOUNT}.json`;
  copyFileSync(join(folders.credentials, keys), join(folders.data, 'credentials', keys));
  means = { waitMs: 5_000, lookEveryMs: 5, kill: venueKiller(folders.data, program) };
});
afterAll(async () => desk.close());

/** An order that rests, as somebody places it by hand. */
function rests(venue: VenueName, pairId: string, name: string): void {
  const pair = desk.pairs.pairs.find((one) => one.pairId === pairId);
  const result = desk.venues[venue].exchange.place({
    ...{ account: ACCOUNT, market: pair?.[venue].market ?? '', outcome: 'yes', side: 'buy' },
    ...{ limitPrice: price('0.05'), timeInForce: 'GTC', venueOrderId: name, clientKey: name },
    fixed: { kind: 'contracts', contracts: quantity('10') },
    ...{ isReduceOnly: false, isPostOnly: false },
  });
  expect(result.kind).toBe('accepted');
}

const working = (venue: VenueName) =>
  desk.venues[venue].exchange
    .orders({ account: ACCOUNT, state: 'working' })
    .map(({ clientKey }) => clientKey);
const switches = () =>
  desk.venues.kalshi.exchange.orderGroups(ACCOUNT).map(({ isTriggered }) => isTriggered);
const request = { cause: 'manual', why: 'a worker hangs', action: 'leave' } as const;

test('--kill-venue cancels everything at the venues in scope and throws their switches', async () => {
  rests('kalshi', 'first', 'by-hand');
  rests('polymarket', 'first', 'by-hand-2');
  const order = { ...request, scope: 'venue:kalshi', killVenue: true };
  const answer = await freeze(operatorOf(desk), order, means);
  expect(answer.exitCode).toBe(0);
  expect(answer.text).toContain(
    'KILLED kalshi main: every order canceled, 0 orders open, 2 order groups triggered',
  );
  expect(working('kalshi')).toEqual([]);
  expect(working('polymarket')).toEqual(['by-hand-2']);
  expect(switches()).toEqual([true, true]);

  const [line] = await auditLines(desk.db, 1);
  expect(line).toMatchObject({
    ...{ action: 'kill_venue', subject: 'kalshi', by: 'anna@desk7', why: 'a worker hangs' },
    detail: [{ venue: 'kalshi', account: ACCOUNT, isCanceled: true, openOrders: 0 }],
  });
  // They stay thrown as long as the freeze stands, and not longer.
  await unfreeze(operatorOf(desk), { scope: 'venue:kalshi', why: 'it was killed' });
  await soon(() => expect(switches()).toEqual([false, false]));
  await soon(async () => {
    const kept = await keptGroups(desk.db, ACCOUNT);
    expect(kept.map(({ group }) => group.trigger)).toEqual(['none', 'none']);
  });
  expect(await traded(desk, intentOf('first.1', 'first'))).toMatchObject({ kind: 'matched' });
});

test('NOT FROZEN offers it; a pair’s scope throws the switch of that pair only', async () => {
  const lost = { processId: 'lost', component: 'trading', host: 'desk8', pid: 4711 } as const;
  await registerProcess(desk.db, { ...lost, mode: 'simulated', startedAtMs: Date.now() });
  const impatient = { ...means, waitMs: 50 };
  const scope = { ...request, scope: 'pair:second' };
  const offered = await freeze(operatorOf(desk), scope, impatient);
  expect(offered.exitCode).toBe(3);
  expect(offered.text).toContain('legwork freeze --scope pair:second --why … --kill-venue');
  expect(switches()).toEqual([false, false]);

  const killed = await freeze(operatorOf(desk), { ...scope, killVenue: true }, impatient);
  expect(killed.exitCode).toBe(3); // somebody may still fire, at the venue that has no switch
  expect(killed.text).toContain('KILLED kalshi main: every order canceled, 0 orders open, 1 order');
  expect(killed.text).toContain('KILLED polymarket main: every order canceled, 0 orders open');
  expect(working('polymarket')).toEqual([]);
  expect(switches().filter((isTriggered) => isTriggered)).toHaveLength(1);
});

test('what a venue does not confirm is NOT KILLED, and left to the operator’s hands', async () => {
  await desk.db.updateTable('processes').set({ ended_at: new Date() }).execute();
  const kill = venueKiller(join(desk.config.folders.data, 'nowhere'), program);
  const order = { ...request, scope: 'venue:polymarket', killVenue: true };
  const answer = await freeze(operatorOf(desk), order, { ...means, kill });
  expect(answer.exitCode).toBe(3);
  expect(answer.text).toContain('NOT KILLED polymarket main: NOT canceled');
  expect(answer.text).toContain('holds no credentials of account main');
  expect(answer.text).toContain('DELETE /cancel-all');
});

test('afterwards our books are the venues’ ledgers', async () => {
  expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
});
