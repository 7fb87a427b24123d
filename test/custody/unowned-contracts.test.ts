import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CustodyPolicy,
  clientOrderIdOf,
  custodyOf,
  formatAmount,
  price,
  quantity,
} from '../../domain/index.js';
import { forbidOrder, listEntries, openBreaks, openCases, positions } from '../../store/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { soon } from '../support/desk-ends.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { isSweptClean, Sweeping } from './sweeping.js';

/** Seven YES that somebody has bought by hand at Polymarket, and what a policy makes of them. */
const ends: readonly (readonly [CustodyPolicy, readonly string[], readonly string[]])[] = [
  ['keep', ['7 yes at polymarket'], []],
  ['exit', [], ['polymarket sells 7']],
  // Once: what was bought counts against what is held, or it would be bought without end.
  ['hedge', ['7 no at kalshi', '7 yes at polymarket'], ['kalshi buys 7']],
];

describe.each(ends)('contracts without an owner', (policy, held, sent) => {
  let desk: TestDesk;
  let sweeping: Sweeping;
  beforeAll(async () => {
    desk = await openTestDesk({ pairs: { stray: {} }, custody: { policy } });
    sweeping = new Sweeping(desk);
  });
  afterAll(async () => {
    await sweeping.close();
    await desk.close();
  });

  test(`by policy \`${policy}\`, swept again and again`, async (context) => {
    boughtByHand(desk);
    await soon(async () => expect(await positions(desk.db, ACCOUNT)).toHaveLength(1));
    await isSweptClean(sweeping, context, { what: `contracts without an owner: ${policy}` });

    expect(sentTo(desk)).toEqual(sent);
    expect(await heldBy(desk)).toEqual(held);
    expect(await openCases(desk.db)).toHaveLength(held.length);
  });
});

test('a sale of custody that the chain takes back after its case is over is sold again', async (context) => {
  const desk = await openTestDesk({
    ...{ pairs: { stray: {} }, custody: { policy: 'exit' }, venues: { confirmMs: 1_500 } },
  });
  const sweeping = new Sweeping(desk);
  const { market } = desk.pairs.pair('stray').polymarket;
  const firstSale = { market, side: 'sell', times: { first: 1, last: 1 } } as const;
  const fault = { kind: 'failed_settlement', retryingMs: 500, failedMs: 1_000 } as const;
  desk.venues.script.add({ name: 'taken back', when: firstSale, fault });

  boughtByHand(desk);
  await soon(async () => expect(await positions(desk.db, ACCOUNT)).toHaveLength(1));
  await sweeping.round();
  expect(await openCases(desk.db)).toEqual([]);
  await soon(async () => expect(await booked(desk, 'reversal')).toHaveLength(1));
  await soon(async () => expect(await positions(desk.db, ACCOUNT)).toEqual([]));

  expect(sentTo(desk)).toEqual(['polymarket sells 7', 'polymarket sells 7']);
  expect((await openBreaks(desk.db)).map(({ kind }) => kind)).not.toContain(
    'report_without_workflow',
  );
  await soon(async () => expect(await openCases(desk.db)).toEqual([]));
  await isSweptClean(sweeping, context, { what: 'a sale of custody is taken back', swept: 1 });
  await sweeping.close();
  await desk.close();
}, 90_000);

test('a rung whose worker died before it was recorded is not tried for ever', async (context) => {
  const desk = await openTestDesk({ pairs: { stray: {} }, custody: { policy: 'exit' } });
  const sweeping = new Sweeping(desk);
  const { market } = desk.pairs.pair('stray').polymarket;
  const instrument = { venue: 'polymarket', market, outcome: 'yes' } as const;
  const workflowId = custodyOf({ account: ACCOUNT, instrument });
  for (const rung of [0, 1]) {
    const clientOrderId = clientOrderIdOf(workflowId, `exit/yes/${rung}`, 0);
    const of = { clientOrderId, workflowId, mode: desk.config.mode, atMs: Date.now() };
    await forbidOrder(desk.db, of);
  }
  boughtByHand(desk);
  await soon(async () => expect(await positions(desk.db, ACCOUNT)).toHaveLength(1));
  await isSweptClean(sweeping, context, { what: 'a rung that was never recorded' });

  expect(sentTo(desk)).toEqual(['polymarket sells 7']);
  expect(await openCases(desk.db)).toEqual([]);
  await sweeping.close();
  await desk.close();
}, 90_000);

function boughtByHand({ venues, pairs }: TestDesk): void {
  const id = `hand-${randomUUID()}`;
  const placed = venues.polymarket.exchange.place({
    ...{ account: ACCOUNT, market: pairs.pair('stray').polymarket.market, outcome: 'yes' },
    ...{ side: 'buy', limitPrice: price('0.40'), timeInForce: 'IOC' },
    fixed: { kind: 'contracts', contracts: quantity('7') },
    ...{ venueOrderId: id, clientKey: id, isReduceOnly: false, isPostOnly: false },
  });
  if (placed.kind === 'refused') throw new Error(placed.reason);
}

async function booked({ db }: TestDesk, kind: 'fill' | 'reversal') {
  return (await listEntries(db)).filter(({ entry }) => entry.kind === kind);
}

/** What custody has traded, apart from orders that nobody took. */
function sentTo({ venues }: TestDesk): readonly string[] {
  return (['kalshi', 'polymarket'] as const).flatMap((venue) =>
    venues[venue].exchange
      .orders({ account: ACCOUNT })
      .filter((order) => !order.clientKey.startsWith('hand-') && order.filledQuantity > 0n)
      .map(({ side, filledQuantity }) => `${venue} ${side}s ${formatAmount(filledQuantity)}`),
  );
}

async function heldBy({ db }: TestDesk): Promise<readonly string[]> {
  const all = await positions(db, ACCOUNT);
  return all
    .map(
      (one) => `${formatAmount(one.quantity)} ${one.instrument.outcome} at ${one.instrument.venue}`,
    )
    .toSorted();
}
