import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { type FreezeRequest, freeze } from '../../cli/commands/freeze.js';
import { resetBreakerOf } from '../../cli/commands/reset-breaker.js';
import { resolve } from '../../cli/commands/resolve.js';
import { unfreeze } from '../../cli/commands/unfreeze.js';
import type { Desk } from '../../cli/desk.js';
import { deskStatus } from '../../cli/desk-status.js';
import { money } from '../../domain/index.js';
import {
  acknowledge,
  acknowledgements,
  auditLines,
  closeTrade,
  confirmKilled,
  endProcess,
  insertFreeze,
  openBreak,
  openBreaks,
  readControl,
  recordAnswer,
  recordOrders,
  registerProcess,
} from '../../store/index.js';
import { enter, NOW_MS, openDesk, orderOf, resultOf } from '../store/desk.js';

const books = openDesk();
const wait = { waitMs: 40, lookEveryMs: 2 };
const request: FreezeRequest = { scope: 'global', cause: 'manual', why: 'drill', action: 'leave' };

/** A desk whose Temporal is away: what must hold must hold without it. */
const desk = (): Desk => ({
  db: books.db,
  mode: 'simulated',
  operator: 'anna@desk7',
  nowMs: () => NOW_MS,
  client: async () => {
    throw new Error('Temporal is away');
  },
  close: async () => undefined,
});

const startProcess = async (processId: string): Promise<void> => {
  const process = { component: 'trading', host: 'desk7', pid: 4711, mode: 'simulated' } as const;
  await registerProcess(books.db, { ...process, processId, startedAtMs: NOW_MS });
};

beforeEach(async () => {
  for (const { processId } of await acknowledgements(books.db)) {
    await endProcess(books.db, { processId, atMs: NOW_MS });
  }
});

describe('freeze', () => {
  test('says FROZEN when every process has acknowledged the new epoch', async () => {
    await startProcess('t1');
    const frozen = freeze(desk(), request, { waitMs: 5_000, lookEveryMs: 2 });
    await acknowledge(books.db, 't1', 1_000);
    const { exitCode, text, data } = await frozen;
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^FROZEN global: fz-\w+, epoch \d+, acknowledged by 1 processes/);
    expect(data).toMatchObject({ isFrozen: true, acknowledged: ['t1'], missing: [] });
  });

  test('an acknowledgement of the epoch before is none', async () => {
    await startProcess('t2');
    const { epoch } = await readControl(books.db);
    await acknowledge(books.db, 't2', epoch);
    const answer = await freeze(desk(), request, wait);
    expect(answer.exitCode).toBe(3);
    expect(answer.text).toMatch(/^NOT FROZEN global/);
    expect(answer.text).toContain('trading (pid 4711 on desk7, t2)');
    expect(answer.text).toContain('DELETE /cancel-all');
    expect(answer.data).toMatchObject({ isFrozen: false, missing: [{ processId: 't2' }] });
  });

  test('a process that its supervisor saw dead is not waited for', async () => {
    await startProcess('t3');
    await confirmKilled(books.db, { processId: 't3', atMs: NOW_MS });
    expect(await freeze(desk(), request, wait)).toMatchObject({ exitCode: 0 });
  });

  test('holds although the trades in scope cannot be told, and names them', async () => {
    const { workflowId } = await enter(books.db, 'told.1', { pairId: 'storm' });
    await enter(books.db, 'told.2', { pairId: 'calm' });
    const answer = await freeze(desk(), { ...request, scope: 'pair:storm' }, wait);
    expect(answer).toMatchObject({
      exitCode: 0,
      data: { told: [], untold: [{ workflowId, why: 'Temporal is away' }] },
    });
  });

  test('a freeze is committed with who, why and what becomes of working orders', async () => {
    await freeze(desk(), { ...request, scope: 'venue:kalshi', action: 'cancel', why: 'odd' }, wait);
    const { freezes } = await readControl(books.db);
    expect(freezes).toContainEqual(
      expect.objectContaining({
        scope: { kind: 'venue', key: 'kalshi' },
        ...{ action: 'cancel', why: 'odd', by: 'anna@desk7', cause: 'manual' },
      }),
    );
  });

  test.each([
    ['', 'a scope'],
    ['pair:', 'a scope'],
    ['market:x', 'a scope'],
    ['venue:betfair', 'there is no venue "betfair"'],
  ])('the scope "%s" is refused and nothing is frozen', async (scope, message) => {
    const before = await readControl(books.db);
    await expect(freeze(desk(), { ...request, scope }, wait)).rejects.toThrow(message);
    expect((await readControl(books.db)).epoch).toBe(before.epoch);
  });
});

describe('unfreeze', () => {
  const inForce = async (scope: string): Promise<string> => {
    const { data } = await freeze(desk(), { ...request, scope }, wait);
    const { freezes } = await readControl(books.db);
    const frozen = freezes.at(-1);
    expect(data).toMatchObject({ freeze: { freezeId: frozen?.freezeId } });
    return frozen?.freezeId ?? '';
  };

  test('lifts one freeze by its id and leaves the others', async () => {
    const first = await inForce('pair:one');
    const second = await inForce('pair:one');
    const answer = await unfreeze(desk(), { freezeId: first, why: 'looked at it' });
    expect(stripVTControlCharacters(answer.text)).toMatch(new RegExp(`^lifted ${first}`));
    const ids = (await readControl(books.db)).freezes.map(({ freezeId }) => freezeId);
    expect(ids).not.toContain(first);
    expect(ids).toContain(second);
  });

  test('lifts every freeze of exactly that scope', async () => {
    await inForce('pair:two');
    await inForce('pair:two');
    const other = await inForce('pair:three');
    await unfreeze(desk(), { scope: 'pair:two', why: 'looked at it' });
    const { freezes } = await readControl(books.db);
    const keys = freezes.map(({ scope }) => (scope.kind === 'pair' ? scope.key : ''));
    expect(keys).not.toContain('two');
    expect(freezes.map(({ freezeId }) => freezeId)).toContain(other);
  });

  test('a freeze that is not in force is not found', async () => {
    const unknown = unfreeze(desk(), { freezeId: 'fz-none', why: 'typo' });
    await expect(unknown).rejects.toMatchObject({ exitCode: 5 });
  });

  test('neither id nor scope, or both, is refused', async () => {
    await expect(unfreeze(desk(), { why: 'x' })).rejects.toMatchObject({ exitCode: 1 });
    const both = unfreeze(desk(), { freezeId: 'fz-1', scope: 'global', why: 'x' });
    await expect(both).rejects.toMatchObject({ exitCode: 1 });
  });

  test('a freeze that waits for evidence is not lifted by a word while its order is in doubt', async () => {
    const { workflowId } = await enter(books.db, 'doubt.1', { pairId: 'doubt' });
    const order = orderOf(workflowId, 'yes');
    const { clientOrderId } = order;
    await recordOrders(books.db, [{ order, mode: 'simulated', body: '{}' }]);
    const heard = { clientOrderId, detail: {}, atMs: NOW_MS } as const;
    await recordAnswer(books.db, { ...heard, event: 'silence', status: 'unknown' });
    const said = {
      cause: 'unknown_order',
      why: 'silent',
      by: workflowId,
      action: 'leave',
    } as const;
    const scope = { kind: 'pair', key: 'doubt' } as const;
    const freezeId = `unknown/${clientOrderId}`;
    const frozen = { ...said, freezeId, scope, atMs: NOW_MS, liftsWhenResolved: clientOrderId };
    await insertFreeze(books.db, frozen);
    const other = await inForce('pair:doubt');
    const inForceIds = async () =>
      (await readControl(books.db)).freezes.map((freeze) => freeze.freezeId);

    for (const named of [{ freezeId }, { scope: 'pair:doubt' }]) {
      const refused = unfreeze(desk(), { ...named, why: 'impatient' });
      await expect(refused).rejects.toMatchObject({
        exitCode: 7,
        message: expect.stringContaining(`evidence about order ${clientOrderId}`) as string,
      });
      expect(await inForceIds()).toEqual(expect.arrayContaining([freezeId, other]));
    }
    await recordAnswer(books.db, { ...heard, event: 'absent', status: 'absent' });
    await unfreeze(desk(), { freezeId, why: 'its owner is gone' });
    expect(await inForceIds()).not.toContain(freezeId);
  });
});

describe('a breaker', () => {
  const lose = async (intentId: string, pairId: string): Promise<void> => {
    const entered = await enter(books.db, intentId, { pairId });
    const result = resultOf('exited', { net: money('-600') });
    const closing = { ...entered, result, isError: true, holdForMs: 0, atMs: NOW_MS - 1 };
    await closeTrade(books.db, closing);
  };
  const shown = async () => stripVTControlCharacters((await deskStatus(desk())).text);

  test('is shown while it counts, and is reset for one account, with a reason', async () => {
    await lose('lost.1', 'rain');
    expect(await shown()).toMatch(/main +all +1 of 5 +1 ms ago +-600 of -500 +open: loss/);
    expect(await shown()).toMatch(/main +rain +1 of 5 /);
    for (const breaker of ['errors', 'loss'] as const) {
      await resetBreakerOf(desk(), { breaker, account: 'main', why: 'looked' });
    }
    expect(await shown()).not.toMatch(/main +all +\d of/);
    expect(await shown()).toMatch(/main +rain +1 of 5 .* open: loss/);
    await resetBreakerOf(desk(), { breaker: 'loss', account: 'main', pair: 'rain', why: 'looked' });
    expect(await shown()).toMatch(/main +rain +1 of 5 +1 ms ago +0 of -500 +counting/);
    expect(await auditLines(books.db, 1)).toMatchObject([
      { action: 'breaker_reset', subject: 'main/rain', by: 'anna@desk7', why: 'looked' },
    ]);
  });

  test('of no account, or of one that is not there, is refused', async () => {
    const reset = { breaker: 'loss', why: 'x' } as const;
    await expect(resetBreakerOf(desk(), reset)).rejects.toMatchObject({ exitCode: 1 });
    const elsewhere = resetBreakerOf(desk(), { ...reset, account: 'mian' });
    await expect(elsewhere).rejects.toMatchObject({ exitCode: 5 });
  });
});

describe('a break', () => {
  test('is closed by its number and a reason; its pair stays frozen until somebody thaws it', async () => {
    const found = { kind: 'order_differs', key: 'k', pairId: 'odd', detail: {} } as const;
    await openBreak(books.db, { ...found, atMs: NOW_MS });
    const scope = { kind: 'pair', key: 'odd' } as const;
    const said = { cause: 'reconciliation_break', why: 'odd', by: 'booker' } as const;
    const freezeId = 'order_differs/k';
    await insertFreeze(books.db, { ...said, freezeId, scope, action: 'leave', atMs: NOW_MS });
    const [open] = await openBreaks(books.db);
    const breakId = open?.breakId ?? 0;
    const status = stripVTControlCharacters((await deskStatus(desk())).text);
    expect(status).toMatch(new RegExp(`${breakId} +order_differs +k +odd`));
    expect(status).toContain('legwork resolve <break>');

    const { text } = await resolve(desk(), { breakId, why: 'the venue corrected it' });
    expect(text).toContain(`legwork unfreeze '${freezeId}'`);
    expect(await openBreaks(books.db)).toEqual([]);
    expect(await auditLines(books.db, 1)).toMatchObject([
      { action: 'resolve', subject: `break ${breakId}`, why: 'the venue corrected it' },
    ]);
    const again = resolve(desk(), { breakId, why: 'twice' });
    await expect(again).rejects.toMatchObject({ exitCode: 5 });
  });
});
