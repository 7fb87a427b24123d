import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arbitrageWorkflowId } from '../../domain/index.js';
import {
  exitOwner,
  heldPairs,
  openBreaks,
  openCases,
  readControl,
  reservationOf,
  storyOf,
} from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import {
  atVenues,
  BOOKS_AGREE,
  becameAtMs,
  checkedBooks,
  mustBeApproved,
  resultInBooks,
  searchedBy,
  sentOrder,
  soon,
} from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { quickTerms } from '../support/desk-terms.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { isSweptClean, Sweeping } from './sweeping.js';

const SETTLED = 'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED';
const SILENT = ['timeout_after_acceptance'] as const;

let desk: TestDesk;
let sweeping: Sweeping;

async function open(options: Parameters<typeof openTestDesk>[0]): Promise<void> {
  desk = await openTestDesk(options);
  sweeping = new Sweeping(desk);
}
async function close(): Promise<void> {
  await sweeping.close();
  await desk.close();
}

async function terminated(intentId: string, isThere: () => void | Promise<void>): Promise<void> {
  const { verdict } = await desk.client.arbitrage(intentOf(intentId, intentId.split('.')[0] ?? ''));
  mustBeApproved(verdict);
  await soon(isThere);
  await desk.temporal.workflow.getHandle(arbitrageWorkflowId(intentId)).terminate('by hand');
}

describe('a trade that somebody terminates in Temporal Web', () => {
  beforeAll(async () => {
    await open({
      pairs: { silent: {}, settling: {} },
      // Long enough to look at a trade that settles, on a busy machine too.
      venues: { confirmMs: 4_000 },
    });
  });
  afterAll(close);

  async function releasedAtMs(workflowId: string): Promise<number> {
    const query = desk.db.selectFrom('reservations').select('released_at');
    const row = await query.where('workflow_id', '=', workflowId).executeTakeFirstOrThrow();
    return row.released_at?.getTime() ?? 0;
  }

  test('while both legs are unknown: both are found, and the match is held', async (context) => {
    const intentId = 'silent.1';
    for (const what of ['entry/yes', 'entry/no']) desk.fault({ intentId, what, kinds: SILENT });
    await terminated(intentId, () => expect(atVenues(desk, intentId)).toHaveLength(2));

    await isSweptClean(sweeping, context, { what: 'terminated, both legs unknown' });
    expect(await resultInBooks(desk, intentId)).toMatchObject({ kind: 'matched', contracts: '10' });
    expect(atVenues(desk, intentId)).toEqual(['entry/no kalshi buys no @ 0.48: 10', SETTLED]);
    expect(await heldPairs(desk.db, ACCOUNT)).toHaveLength(1);
    const story = await storyOf(desk.db, arbitrageWorkflowId(intentId));
    expect(story.map(({ event }) => event)).toContain('custody');
  });

  test('while its shares settle: its reservation stays until they have', async (context) => {
    const intentId = 'settling.1';
    const workflowId = arbitrageWorkflowId(intentId);
    await terminated(intentId, () => expect(atVenues(desk, intentId)).toHaveLength(2));
    await sweeping.tell();
    await soon(async () =>
      expect(await exitOwner(desk.db, workflowId)).toMatchObject({ epoch: 2 }),
    );
    expect(await reservationOf(desk.db, workflowId)).toMatchObject({ workflowId });
    expect(atVenues(desk, intentId)).not.toContain(SETTLED);

    await isSweptClean(sweeping, context, { what: 'terminated, settling', swept: 1 });
    expect(await reservationOf(desk.db, workflowId)).toBeUndefined();
    expect(atVenues(desk, intentId)).toContain(SETTLED);
    const confirmedAtMs = becameAtMs(desk, sentOrder(desk, intentId, 'entry/yes'), 'CONFIRMED');
    expect(await releasedAtMs(workflowId)).toBeGreaterThanOrEqual(confirmedAtMs);
    expect(await resultInBooks(desk, intentId)).toMatchObject({ kind: 'matched' });
    expect(await openBreaks(desk.db)).toEqual([]);
    expect(await openCases(desk.db)).toEqual([]);
  });
});

describe('a trade that is terminated with an excess', () => {
  const unmatched = async (
    intentId: string,
    kind: 'pulled_liquidity' | 'partial_fill' = 'pulled_liquidity',
  ): Promise<void> => {
    desk.fault({ intentId, what: 'entry/no', kinds: [kind] });
    await terminated(intentId, () => expect(atVenues(desk, intentId)).toHaveLength(2));
  };
  // Shares that settle for a while keep the trade from getting out before it is terminated.
  const waiting = { terms: { exit: { ...quickTerms.exit, policy: 'step_down' } } } as const;

  test('by policy `keep`: recorded, watched, its pair frozen, a break with an age', async (context) => {
    await open({ pairs: { kept: {} }, venues: { confirmMs: 800 }, ...waiting });
    try {
      await unmatched('kept.1');
      await isSweptClean(sweeping, context, { what: 'terminated, an excess; keep' });

      expect(await resultInBooks(desk, 'kept.1')).toMatchObject({
        kind: 'residual',
        residual: { leg: 'yes', quantity: '10', reason: 'kept' },
      });
      const cases = await openCases(desk.db);
      expect(cases).toMatchObject([{ found: { kind: 'position', quantity: 10_000_000_000n } }]);
      expect((await openBreaks(desk.db)).map(({ kind }) => kind)).toContain('custody_position');
      const { freezes } = await readControl(desk.db);
      expect(freezes.map(({ scope }) => scope)).toContainEqual({ kind: 'pair', key: 'kept' });
      expect(await searchedBy(desk, cases[0]?.custodyId ?? '')).toMatchObject({ Unhedged: true });
    } finally {
      await close();
    }
  });

  test('by policy `exit`: sold down the ladder by custody, whose claim fences the trade', async (context) => {
    await open({
      pairs: { sold: {} },
      venues: { confirmMs: 800 },
      custody: { policy: 'exit' },
      ...waiting,
    });
    try {
      await unmatched('sold.1');
      await isSweptClean(sweeping, context, { what: 'terminated, an excess; exit' });

      expect(atVenues(desk, 'sold.1')).toEqual([
        'entry/no kalshi buys no @ 0.48: 0',
        'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
        'exit/yes/0 polymarket sells yes @ 0.38: 10 CONFIRMED',
      ]);
      expect(await resultInBooks(desk, 'sold.1')).toMatchObject({ kind: 'exited', contracts: '0' });
      expect(await exitOwner(desk.db, 'arbitrage/sold.1')).toMatchObject({ epoch: 2 });
      expect(await checkedBooks(desk)).toEqual(BOOKS_AGREE);
    } finally {
      await close();
    }
  });

  test('by policy `hedge`: only what is missing of the other leg is bought', async (context) => {
    await open({
      pairs: { hedged: {} },
      venues: { confirmMs: 800 },
      custody: { policy: 'hedge' },
      ...waiting,
    });
    try {
      await unmatched('hedged.1', 'partial_fill');
      await isSweptClean(sweeping, context, { what: 'terminated, an excess; hedge' });

      expect(atVenues(desk, 'hedged.1')).toEqual([
        'entry/no kalshi buys no @ 0.48: 3',
        'entry/yes polymarket buys yes @ 0.4: 10 CONFIRMED',
        'exit/yes/0 kalshi buys no @ 0.48: 7',
      ]);
      expect(await resultInBooks(desk, 'hedged.1')).toMatchObject({ contracts: '10' });
      expect(await heldPairs(desk.db, ACCOUNT)).toMatchObject([{ contracts: 10_000_000_000n }]);
    } finally {
      await close();
    }
  });
});
