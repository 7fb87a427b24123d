import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { failure } from '../../cli/answer.js';
import { arb, readIntent } from '../../cli/commands/arb.js';
import { cancel } from '../../cli/commands/cancel.js';
import { fills } from '../../cli/commands/fills.js';
import { orders } from '../../cli/commands/orders.js';
import { positions } from '../../cli/commands/positions.js';
import type { Desk } from '../../cli/desk.js';
import { deskStatus } from '../../cli/desk-status.js';
import { print } from '../../cli/output.js';
import { tradeStatus } from '../../cli/trade-status.js';
import { connectClient } from '../../client/index.js';
import { money, quantity } from '../../domain/index.js';
import {
  appendStory,
  bookEntries,
  closeTrade,
  recordAnswer,
  recordBalance,
  recordOrders,
} from '../../store/index.js';
import { ACCOUNT, enter, fillOf, NO, NOW_MS, openDesk, orderOf, resultOf } from '../store/desk.js';
import { testTemporal } from '../support/stack.js';

const books = openDesk();
const desk = (): Desk => ({
  db: books.db,
  mode: 'simulated',
  operator: 'anna@desk7',
  nowMs: () => NOW_MS + 5_000,
  client: async () => {
    throw new Error('Temporal is away');
  },
  close: async () => undefined,
});
const plain = (text: string): string => stripVTControlCharacters(text);

/** Bought 10 YES, the other leg unknown; then a trade that has ended. */
beforeAll(async () => {
  const { workflowId } = await enter(books.db, 'open.1');
  const yes = orderOf(workflowId, 'yes');
  const no = orderOf(workflowId, 'no');
  const record = { mode: 'simulated', body: '{"signed":"bytes"}' } as const;
  await recordOrders(books.db, [
    { ...record, order: yes, venueOrderId: '0xabc' },
    { ...record, order: no },
  ]);
  const heard = { detail: {}, atMs: NOW_MS } as const;
  await recordAnswer(books.db, {
    ...{ ...heard, clientOrderId: yes.clientOrderId, event: 'accepted', status: 'filled' },
    cumulativeQuantity: quantity('10'),
  });
  const lost = { clientOrderId: no.clientOrderId, event: 'silence', status: 'unknown' } as const;
  await recordAnswer(books.db, { ...heard, ...lost });
  await bookEntries(books.db, [fillOf({ venueOrderId: '0xabc', executionId: 'e1' })]);
  const line = { workflowId, event: 'fired', text: 'both legs fired', detail: {} };
  await appendStory(books.db, { ...line, atMs: NOW_MS });
  const balance = { account: ACCOUNT, venue: 'kalshi', balance: money('12.5') } as const;
  await recordBalance(books.db, { ...balance, atMs: NOW_MS });

  const ended = await enter(books.db, 'ended.1', { pairId: 'storm' });
  const result = resultOf('exited', { net: money('-1.25'), fees: money('0.1') });
  const closing = { ...ended, result, isError: false, holdForMs: 0, atMs: NOW_MS + 900 };
  await closeTrade(books.db, closing);
});

describe('what the desk shows when nothing but Postgres answers', () => {
  test('status lists trades with their result or their last word', async () => {
    const { text, data, exitCode } = await deskStatus(desk());
    expect(exitCode).toBe(0);
    expect(plain(text)).toMatch(/ended\.1\s+storm\s+0\s+-1\.25\s+exited/);
    expect(plain(text)).toMatch(/open\.1 .* open\s+both legs fired/);
    expect(data).toMatchObject({ mode: 'simulated', freezes: [] });
    expect(JSON.stringify(data)).toContain('"kind":"exited"');
  });

  test('status of a trade tells its story, and that its workflow does not answer', async () => {
    for (const id of ['open.1', 'arbitrage/open.1']) {
      const { text, data } = await tradeStatus(desk(), id);
      expect(plain(text)).toContain('the workflow does not answer now (Temporal is away)');
      expect(plain(text)).toMatch(/fired\s+both legs fired/);
      expect(plain(text)).toMatch(/entry\/no .* unknown/);
      expect(plain(text)).toMatch(/silence +entry\/no: unknown\n.*fill +polymarket buy YES 10/);
      expect(data).toMatchObject({
        live: { kind: 'silent' },
        entries: [{ workflowId: 'arbitrage/open.1' }],
      });
      expect(JSON.stringify(data)).not.toContain('bytes'); // the body holds a signature
    }
  });

  test('status of a trade that ended gives its result and asks nobody', async () => {
    const { text, data } = await tradeStatus(desk(), 'ended.1');
    expect(plain(text)).toContain('exited; 0 matched; net -1.25');
    expect(data).not.toHaveProperty('live');
  });

  test('orders can be narrowed to those that may still live', async () => {
    const all = await orders(desk(), { limit: 10 });
    expect(all.data).toHaveLength(2);
    const open = await orders(desk(), { limit: 10, open: true });
    expect(open.data).toEqual([expect.objectContaining({ status: 'unknown' })]);
    const latest = await orders(desk(), { limit: 1, trade: 'open.1' });
    expect(latest.data).toHaveLength(1);
    const none = await orders(desk(), { limit: 10, trade: 'ended.1' });
    expect(plain(none.text)).toBe('(none)');
  });

  test('fills are what the venues said, in figures that add up', async () => {
    const { text, data } = await fills(desk(), { limit: 10, trade: 'open.1' });
    expect(plain(text)).toMatch(/fill buy\s+YES polymarket 0xrain\s+10\s+0\.52\s+0\s+-5\.2\s+yes/);
    expect(data).toMatchObject([{ entry: { quantity: '10', cash: '-5.2' } }]);
    expect((await fills(desk(), { limit: 10, trade: 'ended.1' })).data).toEqual([]);
  });

  test('positions are sums of fills, and cash that nobody told of is not zero', async () => {
    const { text } = await positions(desk());
    expect(plain(text)).toMatch(/polymarket\/0xrain\/yes\s+10/);
    expect(plain(text)).toMatch(/kalshi\s+12\.5\s+5\.0 s/);
    expect(plain(text)).toMatch(/polymarket\s+never heard/);
    expect(plain(text)).not.toContain(NO.market);
  });

  test.each([
    ['status', async () => tradeStatus(desk(), 'nothing.1')],
    ['cancel', async () => cancel(desk(), 'nothing.1')],
  ])('%s of a trade that never was is not found', async (_, ask) => {
    await expect(ask()).rejects.toMatchObject({ exitCode: 5 });
  });

  test('cancelling a trade that has ended needs nobody', async () => {
    expect(await cancel(desk(), 'ended.1')).toMatchObject({
      exitCode: 0,
      data: { kind: 'exited' },
    });
  });
});

describe('arb', () => {
  test('an intent with three mistakes has three listed, and nothing is started', async () => {
    const { address, namespace } = await testTemporal();
    const client = await connectClient({ address, namespace, mode: 'simulated' });
    try {
      const bad = { intentId: 'a b', contractsMax: 3, pairId: '' };
      const answer = await arb({ client: async () => client }, bad);
      expect(answer.exitCode).toBe(1);
      expect(answer.text).toMatch(/^error: the intent is invalid, nothing was started\n/);
      for (const path of ['intentId', 'contractsMax', 'limitPrice']) {
        expect(answer.text).toContain(`  ${path}`);
      }
    } finally {
      await client.close();
    }
  });

  test('a file that is missing, and one that is not JSON, are named', async () => {
    await expect(readIntent('no-such.json')).rejects.toThrow('no-such.json cannot be read');
    await expect(readIntent('LICENSE')).rejects.toThrow('LICENSE is not JSON');
  });
});

describe('what is printed', () => {
  const printed = (isJson: boolean, error: unknown) => {
    const said = { out: '', err: '' };
    const exitCode = print(failure(error), isJson, {
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
    });
    return { ...said, exitCode };
  };

  test('a failure goes to stderr as text, or to stdout as one JSON document', () => {
    const error = new Error('the disk is full');
    expect(printed(false, error)).toEqual({
      ...{ out: '', err: 'error: the disk is full\n', exitCode: 1 },
    });
    expect(JSON.parse(printed(true, error).out)).toEqual({ error: 'the disk is full', advice: [] });
  });

  test('many refusals of one connection are all told', () => {
    const error = new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]);
    expect(printed(false, error).err).toBe('error: ::1 refused; 127.0.0.1 refused\n');
  });
});
