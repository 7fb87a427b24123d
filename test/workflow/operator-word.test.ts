import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveUnknown } from '../../cli/commands/resolve-unknown.js';
import { unfreeze } from '../../cli/commands/unfreeze.js';
import type { Desk } from '../../cli/desk.js';
import { tradeStatus } from '../../cli/trade-status.js';
import { WordRefusedError } from '../../client/index.js';
import { arbitrageWorkflowId, clientOrderIdOf } from '../../domain/index.js';
import { auditLines, findOrders, openBreaks, readControl, tradeRows } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, BOOKS_AGREE, checkedBooks, searchedBy, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { lockIntents } from '../support/desk-locks.js';

const idOf = (intentId: string): string =>
  clientOrderIdOf(arbitrageWorkflowId(intentId), 'entry/no', 0);

/** Long enough for a shot on a busy machine; after it nothing of the order can arrive any more. */
const shortly = () => ({ notAfterMs: Date.now() + 3_000 });
/** What nobody heard of is found on no page for a minute, so that only a word or a stream ends it. */
const silent = { answerTimeoutMs: 250, unknownMaxMs: 100 };
const why = 'the venue has told me on the phone';

/** NO is accepted, trades later, and nobody hears the answer: it is unknown until the stream tells. */
async function inDoubt(desk: TestDesk, intentId: string, pairId: string) {
  const kinds = ['timeout_after_acceptance', 'late_fill'] as const;
  desk.fault({ intentId, what: 'entry/no', kinds });
  const { handle } = await desk.client.arbitrage(intentOf(intentId, pairId, shortly()));
  await soon(async () => {
    const { orders } = await handle.state();
    const ofNo = orders.find(({ order }) => order.clientOrderId === idOf(intentId));
    expect(ofNo?.status).toBe('unknown');
  });
  return handle;
}

const statusOf = async (desk: TestDesk, intentId: string) =>
  (await findOrders(desk.db, [idOf(intentId)]))[0];

/** Asked again until the order can no longer arrive; a refusal for another reason fails the test. */
const neverArrived = (desk: TestDesk, intentId: string) =>
  soon(async () => {
    const word = { clientOrderId: idOf(intentId), evidence: { kind: 'never_arrived' } };
    return resolveUnknown(asOperator(desk), intentId, { ...word, by: 'anna', why });
  });

const freezesOf = async ({ db }: TestDesk, pairId: string): Promise<readonly string[]> => {
  const { freezes } = await readControl(db);
  const ours = freezes.filter(({ scope }) => scope.kind === 'pair' && scope.key === pairId);
  return ours.map(({ freezeId }) => freezeId).toSorted();
};

describe('an order that only an operator speaks of', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await openTestDesk({
      pairs: { lost: {}, out: {}, closed: {}, rows: {}, refused: {} },
      terms: silent,
      venues: { lateFillMs: 6_000, readLagMs: 60_000 },
      fateOf: (body) =>
        ['lost.1', 'out.1'].some((id) => body.includes(idOf(id))) ? 'lost' : 'delivered',
    });
  });
  afterAll(async () => desk.close());

  test('never arrived: the trade ends with what its rows show, and its pair stays frozen', async () => {
    const { handle } = await desk.client.arbitrage(intentOf('lost.1', 'lost', shortly()));
    const answer = await neverArrived(desk, 'lost.1');
    expect(answer).toMatchObject({
      ...{ exitCode: 0, data: { before: { waitsFor: 'evidence' }, after: { expected: '0' } } },
    });

    expect(await handle.result()).toMatchObject({
      ...{ kind: 'residual', residual: { leg: 'yes', quantity: 10_000_000_000n, reason: 'kept' } },
    });
    expect(atVenues(desk, 'lost.1')).toEqual(['entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED']);
    expect((await statusOf(desk, 'lost.1'))?.status).toBe('unknown');
    const unknown = `unknown/${idOf('lost.1')}`;
    expect(await freezesOf(desk, 'lost')).toEqual([`residual/${handle.workflowId}`, unknown]);
    await expect(
      unfreeze(asOperator(desk), { freezeId: unknown, why: 'I said so' }),
    ).rejects.toMatchObject({ exitCode: 7 });

    const audited = (await auditLines(desk.db, 50)).filter(
      ({ action, subject }) => action === 'resolve_unknown' && subject === idOf('lost.1'),
    );
    expect(audited).toMatchObject([
      {
        ...{ subject: idOf('lost.1'), by: 'anna', why },
        detail: {
          evidence: { kind: 'never_arrived' },
          before: { status: 'unknown', waitsFor: 'evidence', quantity: '0' },
          after: { status: 'unknown', expected: '0', quantity: '0' },
        },
      },
    ]);
    const { text } = await tradeStatus(asOperator(desk), 'lost.1');
    expect(text).toContain(`anna says: it never arrived (${why})`);
  });

  test('never arrived, and flatten: what is held of the other leg is sold', async () => {
    const { handle } = await desk.client.arbitrage(intentOf('out.1', 'out', shortly()));
    await neverArrivedUnder(desk, 'out.1');

    expect(await handle.result()).toMatchObject({ kind: 'exited', contracts: 0n });
    expect(atVenues(desk, 'out.1')).toEqual([
      'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
      'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
    ]);
  });

  /** The freeze comes first: a trade without a question would have ended before it. */
  async function neverArrivedUnder(on: TestDesk, intentId: string): Promise<void> {
    const flatten = { cause: 'manual', why: 'out of both', by: 'anna', action: 'flatten' } as const;
    await on.client.trade(intentId).freeze(flatten);
    await neverArrived(on, intentId);
  }

  test('filled: the trade waits for the rows, and they alone are the fill', async () => {
    const handle = await inDoubt(desk, 'rows.1', 'rows');
    const trades = [{ executionId: 'as-read', quantity: '10', price: '0.48' }];
    const evidence = { kind: 'filled', trades };
    const word = { clientOrderId: idOf('rows.1'), evidence, by: 'anna' };
    const { after } = await handle.resolveUnknown(word);
    expect(after).toMatchObject({ status: 'unknown', waitsFor: 'reports', quantity: 0n });
    expect(await searchedBy(desk, handle.workflowId)).toMatchObject({ Unhedged: true });

    expect(await handle.result()).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
    expect(await freezesOf(desk, 'rows')).toEqual([]);
    const { rows } = await handle.state();
    expect(rows.map(({ executionId }) => executionId)).not.toContain('as-read');
  });

  test('a trade that has closed on a word: the report that contradicts it freezes its pair', async () => {
    const handle = await inDoubt(desk, 'closed.1', 'closed');
    await neverArrived(desk, 'closed.1');
    expect(await handle.result()).toMatchObject({ kind: 'residual' });

    await soon(async () =>
      expect(await openBreaks(desk.db)).toContainEqual(
        expect.objectContaining({ kind: 'report_without_workflow', key: handle.workflowId }),
      ),
    );
    await soon(async () =>
      expect(await freezesOf(desk, 'closed')).toContain(`unowned/${handle.workflowId}/2`),
    );
    await expect(neverArrivedOnce(desk, 'closed.1')).rejects.toMatchObject({ exitCode: 5 });
  });

  const neverArrivedOnce = (on: TestDesk, intentId: string) =>
    resolveUnknown(asOperator(on), intentId, {
      ...{ clientOrderId: idOf(intentId), evidence: { kind: 'never_arrived' }, by: 'anna' },
    });

  test('what cannot be true is refused, in words, and changes nothing', async () => {
    const handle = await inDoubt(desk, 'refused.1', 'refused');
    const clientOrderId = idOf('refused.1');
    const say = (evidence: unknown, change = {}) =>
      handle.resolveUnknown({ clientOrderId, evidence, by: 'anna', ...change });
    const canceled = { kind: 'canceled', filled: '10.01' };
    await expect(say(canceled)).rejects.toThrow(
      new WordRefusedError(`10.01 is more than order ${clientOrderId} may trade: 10`),
    );
    await expect(say({ kind: 'canceled', filled: 4 })).rejects.toThrow('evidence.filled');
    await expect(say({ kind: 'vanished' })).rejects.toThrow(WordRefusedError);
    await expect(say({ kind: 'never_arrived' }, { clientOrderId: 'nobody' })).rejects.toThrow(
      'this trade has no order nobody',
    );
    const { orders } = await handle.state();
    expect(orders.every(({ word }) => word === undefined)).toBe(true);
    expect(await handle.result()).toMatchObject({ kind: 'matched' });
  });

  test('afterwards our books are the venues’ ledgers', async () => {
    await soon(async () => expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE));
  });
});

test('a venue that contradicts an operator beats the word and freezes the pair, while the trade lives', async () => {
  const desk = await openTestDesk({
    pairs: { wrong: {} },
    terms: silent,
    venues: { lateFillMs: 6_000, readLagMs: 60_000, confirmMs: 11_000 },
  });
  try {
    const handle = await inDoubt(desk, 'wrong.1', 'wrong');
    await neverArrived(desk, 'wrong.1');
    const key = `${handle.workflowId}/${idOf('wrong.1')}`;
    await soon(async () =>
      expect(await openBreaks(desk.db)).toMatchObject([
        {
          ...{ kind: 'operator_overruled', key, pairId: 'wrong' },
          detail: { by: 'anna', status: 'filled', expected: '0', quantity: '10' },
        },
      ]),
    );
    await soon(async () =>
      expect(await freezesOf(desk, 'wrong')).toContain(`operator_overruled/${key}`),
    );
    expect(await handle.result()).toMatchObject({ kind: 'matched', contracts: 10_000_000_000n });
    // The doubt is over and its freeze with it; the break stays until somebody has looked.
    expect(await freezesOf(desk, 'wrong')).toEqual([`operator_overruled/${key}`]);
    expect(await openBreaks(desk.db)).toHaveLength(1);
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  } finally {
    await desk.close();
  }
});

test('a report that comes while a result is written on a word is in the end, and contradicts the word', async () => {
  const venues = { lateFillMs: 6_000, readLagMs: 60_000 };
  const desk = await openTestDesk({ pairs: { written: {} }, terms: silent, venues });
  try {
    const handle = await inDoubt(desk, 'written.1', 'written');
    const { workflowId } = handle;
    await whileClosing(desk, async () => {
      await neverArrived(desk, 'written.1');
      await soon(async () => expect(await tradeRows(desk.db, workflowId)).toHaveLength(2));
      await setTimeout(100); // so that the trade hears of them
    });
    expect(await handle.result()).toMatchObject({ kind: 'matched' });
    expect((await openBreaks(desk.db)).map(({ kind }) => kind)).toEqual(['operator_overruled']);
    const [freeze, ...others] = await freezesOf(desk, 'written');
    expect(freeze).toContain(`operator_overruled/${workflowId}/`);
    expect(others).toEqual([]);
    expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
  } finally {
    await desk.close();
  }
});

/** No trade's result can be written meanwhile. */
async function whileClosing(desk: TestDesk, happens: () => Promise<void>): Promise<void> {
  const intents = await lockIntents(desk);
  try {
    await happens();
  } finally {
    await intents.release();
  }
}

/** The desk as a command of `legwork` sees it. */
function asOperator({ db, client }: TestDesk): Desk {
  return {
    ...{ db, mode: 'simulated', operator: 'anna@desk7', nowMs: Date.now },
    client: async () => client,
    close: async () => undefined,
  };
}
