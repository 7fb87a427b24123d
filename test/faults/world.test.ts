import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arbitrageWorkflowId, formatAmount, quantity } from '../../domain/index.js';
import { heldPairOf, listEntries, openCases, venuePauses } from '../../store/index.js';
import type { Command } from '../../venues/simulation/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, expectEnd, frozenPairs, soon, traded } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { ACCOUNT } from '../support/desk-venues.js';
import {
  booksAgree,
  bothFilled,
  commanded,
  type Done,
  legs,
  MATCHED,
  scripted,
  tellCommand,
  tradedWhile,
} from './fault-desk.js';

// What becomes of markets, whatever anybody trades there.

/** The first leg is matched so late: time enough for something to happen to the trade. */
const OPEN_FOR_MS = 2_000;

const pairs = [
  ...legs.flatMap(({ letter }) => [`text${letter}`, `closed${letter}`, `void${letter}`]),
  ...['maintenance', 'later', 'closing', 'voided', 'paid', 'merged', 'resting'],
];

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: Object.fromEntries(pairs.map((pairId) => [pairId, {}])),
    custody: { sweepEveryMs: 200 },
    marketWatchEveryMs: 50,
  });
});
afterAll(async () => desk.close());

type ScriptedVenue = 'kalshi' | 'polymarket';
const marketOf = (venue: ScriptedVenue, pairId: string) => desk.pairs.pair(pairId)[venue].market;

function command(
  venue: ScriptedVenue,
  name: 'close_market' | 'void_market' | 'redeem',
  pairId: string,
): Done {
  const market = marketOf(venue, pairId);
  return commanded(
    desk,
    venue,
    name === 'redeem' ? { command: name, account: ACCOUNT, market } : { command: name, market },
  );
}

/**
 * Closes a market in the turn after our order there is filled, before its answer can be acted upon:
 * whoever waited for the trade's verdict would come too late on a busy machine.
 */
function closedOnceFilled(venue: ScriptedVenue, pairId: string): Promise<Done> {
  const { exchange } = desk.venues[venue];
  return new Promise((resolved) => {
    const silence = exchange.onEvent((event) => {
      if (event.kind !== 'order' || event.order.market !== marketOf(venue, pairId)) return;
      if (event.order.state !== 'filled') return;
      silence();
      setImmediate(() => {
        resolved(command(venue, 'close_market', pairId));
      });
    });
  });
}

function resolve(venue: ScriptedVenue, pairId: string): Done {
  const market = marketOf(venue, pairId);
  return commanded(desk, venue, { command: 'resolve_market', market, winner: 'yes' });
}

/** Matched, with its two legs at the venues. */
async function held(pairId: string): Promise<void> {
  const result = await traded(desk, intentOf(`${pairId}.1`, pairId));
  expectEnd(result, MATCHED);
  expect(atVenues(desk, `${pairId}.1`)).toEqual(bothFilled);
}

/** Contracts of the pair at the venue, by the venue: "10 yes". */
function holding(venue: ScriptedVenue, pairId: string): readonly string[] {
  const market = marketOf(venue, pairId);
  return desk.venues[venue].exchange
    .positions(ACCOUNT)
    .filter((one) => one.market === market)
    .map((one) => `${one.quantity / 1_000_000_000n} ${one.outcome}`);
}

/** What the venue has paid out for the pair's contracts: "kalshi no 10: 5". */
function paidOut(pairId: string): readonly string[] {
  return (['kalshi', 'polymarket'] as const).flatMap((venue) =>
    desk.venues[venue].exchange
      .settlements({ account: ACCOUNT, market: marketOf(venue, pairId) })
      .map(({ outcome, quantity: count, cash }) => {
        return `${venue} ${outcome} ${formatAmount(count)}: ${formatAmount(cash)}`;
      }),
  );
}

/** Whatever happens right after its verdict, happens while the trade is open. */
function staysOpen(pairId: string): void {
  const fault = { kind: 'late_fill', afterMs: OPEN_FOR_MS, shown: 'delayed' } as const;
  scripted(desk, `${pairId}.1`, [{ what: 'entry/yes', fault }]);
}

/** It has fired: what happens from now on is too late for its gate. */
async function isOut(pairId: string): Promise<void> {
  const [sent] = bothFilled;
  await soon(() => expect(atVenues(desk, `${pairId}.1`)).toContain(sent));
}

/** The trade has not ended, whatever has just happened. */
async function isOpen(pairId: string): Promise<void> {
  const trade = desk.temporal.workflow.getHandle(arbitrageWorkflowId(`${pairId}.1`));
  expect((await trade.describe()).status.name).toBe('RUNNING');
}

/** Where the match of a pair stands by our books. */
async function stands(pairId: string, standing: object): Promise<void> {
  await soon(async () => {
    const pair = await heldPairOf(desk.db, arbitrageWorkflowId(`${pairId}.1`));
    expect(pair).toMatchObject(standing);
  });
}

/** The held pair has ended so, by our books, and nothing is left of it at either venue. */
async function isOver(pairId: string, state: string): Promise<void> {
  await soon(async () => {
    const pair = await heldPairOf(desk.db, arbitrageWorkflowId(`${pairId}.1`));
    expect(pair).toMatchObject({ state, paid: quantity('10') });
    expect(pair?.closedAtMs).toBeDefined();
  });
  expect([...holding('kalshi', pairId), ...holding('polymarket', pairId)]).toEqual([]);
}

/** When the market at this venue is voided, and the other one resolves to yes. */
const paid = {
  kalshi: ['kalshi no 10: 5', 'polymarket yes 10: 10'],
  polymarket: ['kalshi no 10: 0', 'polymarket yes 10: 5'],
} as const;

for (const { venue, what, letter } of legs) {
  describe(`at ${venue}`, () => {
    test('its rule text changes while a trade is open: that one ends as it would, no other begins', async (context) => {
      const pairId = `text${letter}`;
      const market = marketOf(venue, pairId);
      let changed: Done | undefined;
      staysOpen(pairId);
      const result = await tradedWhile(desk, intentOf(`${pairId}.1`, pairId), async () => {
        await isOut(pairId);
        const text = 'pays one dollar if it is so a day later';
        changed = commanded(desk, venue, { command: 'change_rule_text', market, text });
        await isOpen(pairId);
        await soon(async () => expect(await frozenPairs(desk)).toContain(pairId));
      });
      const { verdict } = await desk.client.arbitrage(intentOf(`${pairId}.2`, pairId));

      expectEnd(result, MATCHED);
      expect(atVenues(desk, `${pairId}.1`)).toEqual(bothFilled);
      expect(verdict).toMatchObject({ denial: { code: 'FROZEN', cause: 'rules_changed' } });
      expect(atVenues(desk, `${pairId}.2`)).toEqual([]);
      if (changed) tellCommand(context, changed, 'matched, then frozen');
    });

    test('its market closes while we hold an excess there: it is kept, and its pair frozen', async (context) => {
      const pairId = `closed${letter}`;
      const intentId = `${pairId}.1`;
      const elsewhere = what === 'entry/yes' ? 'entry/no' : 'entry/yes';
      const nobody = { kind: 'pulled_liquidity', part: 1 } as const;
      scripted(desk, intentId, [{ what: elsewhere, fault: nobody }]);
      const closing = closedOnceFilled(venue, pairId);
      const result = await traded(desk, intentOf(intentId, pairId));
      const closed = await closing;

      const leg = what === 'entry/yes' ? 'yes' : 'no';
      expect(result).toMatchObject({
        kind: 'residual',
        residual: { leg, quantity: quantity('10') },
      });
      expect(holding(venue, pairId)).toEqual([`10 ${leg}`]);
      expect(await frozenPairs(desk)).toContain(pairId);
      tellCommand(context, closed, result.kind);
    });

    test('its market is voided while we hold it, the other one is decided: we are told what that cost', async (context) => {
      const pairId = `void${letter}`;
      await held(pairId);
      const voided = command(venue, 'void_market', pairId);
      resolve(venue === 'kalshi' ? 'polymarket' : 'kalshi', pairId);
      await soon(async () => expect(await frozenPairs(desk)).toContain(pairId));
      const pair = await heldPairOf(desk.db, arbitrageWorkflowId(`${pairId}.1`));
      expect(pair).toMatchObject({ why: 'void_on_one' });
      // Five dollars of a void, and ten or nothing of the other: not the ten that a pair is worth.
      await soon(() => expect(paidOut(pairId)).toEqual(paid[venue]));
      expect([...holding('kalshi', pairId), ...holding('polymarket', pairId)]).toEqual([]);
      tellCommand(context, voided, 'void_on_one, frozen');
    });
  });
}

test('both markets close while we hold them: nothing moves until they are decided', async (context) => {
  await held('closing');
  const closed = [
    command('kalshi', 'close_market', 'closing'),
    command('polymarket', 'close_market', 'closing'),
  ];
  expect(holding('kalshi', 'closing')).toEqual(['10 no']);
  expect(holding('polymarket', 'closing')).toEqual(['10 yes']);
  const resolved = [resolve('kalshi', 'closing'), resolve('polymarket', 'closing')];
  await isOver('closing', 'paid');
  for (const done of [...closed, ...resolved]) tellCommand(context, done, 'paid');
});

test('both markets are voided while we hold them: a dollar a contract comes in all the same', async (context) => {
  await held('voided');
  const voided = [
    command('kalshi', 'void_market', 'voided'),
    command('polymarket', 'void_market', 'voided'),
  ];
  await isOver('voided', 'voided');
  for (const done of voided) tellCommand(context, done, 'voided');
});

test('a redemption that is held back and made by hand comes in once', async (context) => {
  await held('paid');
  const heldBack = (isHeldBack: boolean) =>
    commanded(desk, 'polymarket', { command: 'hold_redemptions', isHeldBack });
  const heldUp = heldBack(true);
  resolve('kalshi', 'paid');
  resolve('polymarket', 'paid');
  await soon(() => expect(holding('kalshi', 'paid')).toEqual([]));
  expect(holding('polymarket', 'paid')).toEqual(['10 yes']);
  await stands('paid', { state: 'redeemable', yesHeld: quantity('10'), noHeld: 0n });
  const redeemed = command('polymarket', 'redeem', 'paid');
  await isOver('paid', 'paid');
  heldBack(false);
  const entries = (await listEntries(desk.db)).map(({ entry }) => entry);
  const market = marketOf('polymarket', 'paid');
  const settled = entries.filter(
    (one) => one.instrument.market === market && one.kind === 'settlement',
  );
  expect(settled).toHaveLength(1);
  tellCommand(context, heldUp, 'held until redeemed');
  tellCommand(context, redeemed, 'paid');
});

test('shares of both outcomes, one of them bought by hand, are merged by hand: every step is booked', async (context) => {
  await held('merged');
  const market = marketOf('polymarket', 'merged');
  const byHand = commanded(desk, 'polymarket', {
    ...{ command: 'place_by_hand', account: ACCOUNT, market, outcome: 'no', contracts: '5' },
    ...{ side: 'buy', limitPrice: '0.62', timeInForce: 'IOC' },
  });
  await soon(() => expect(holding('polymarket', 'merged')).toEqual(['10 yes', '5 no']));
  await soon(async () => expect(await frozenPairs(desk)).toContain('merged'));
  await soon(() =>
    expect(
      desk.venues.polymarket.exchange
        .positions(ACCOUNT)
        .filter((one) => one.market === market)
        .map(({ lockedQuantity }) => lockedQuantity),
    ).toEqual([0n, 0n]),
  );
  const merge: Command = { command: 'merge', account: ACCOUNT, market, contracts: '5' };
  const merged = commanded(desk, 'polymarket', merge);
  expect(holding('polymarket', 'merged')).toEqual(['5 yes']);
  await soon(async () => {
    const kinds = (await listEntries(desk.db)).map(({ entry }) => entry.kind);
    expect(kinds).toContain('merge');
  });
  // The stranger's shares are gone, and with them a part of the match: its other leg is alone.
  await stands('merged', { state: 'selling', yesHeld: quantity('5'), noHeld: quantity('10') });
  await soon(async () => expect(await frozenPairs(desk)).not.toContain('merged'));
  tellCommand(context, byHand, 'frozen while held');
  tellCommand(context, merged, 'booked, thawed');
});

test.for(['kalshi', 'polymarket'] as const)(
  'an order by hand that rests at %s is canceled by the next sweep, and its pair thawed',
  async (venue, context) => {
    const market = marketOf(venue, 'resting');
    const byHand = commanded(desk, venue, {
      ...{ command: 'place_by_hand', account: ACCOUNT, market, outcome: 'yes', contracts: '5' },
      ...{ side: 'buy', limitPrice: '0.05', timeInForce: 'GTC' },
    });
    const states = () =>
      desk.venues[venue].exchange
        .orders({ account: ACCOUNT })
        .filter((one) => one.market === market)
        .map(({ state }) => state);
    await soon(() => expect(states()).toEqual(['canceled']));
    await soon(async () => {
      const open = await openCases(desk.db);
      expect(open.filter(({ pairId }) => pairId === 'resting')).toEqual([]);
    });
    await soon(async () => expect(await frozenPairs(desk)).not.toContain('resting'));
    tellCommand(context, byHand, 'canceled by the sweep');
  },
);

// Nothing begins after it: the last story of this desk.
test('maintenance is announced: a trade that is open ends as it would, and none begins', async (context) => {
  let announced: Done | undefined;
  staysOpen('maintenance');
  const fromMs = Date.now() + 8_000;
  const result = await tradedWhile(desk, intentOf('maintenance.1', 'maintenance'), async () => {
    const window = { fromMs, untilMs: fromMs + 60_000 };
    await isOut('maintenance');
    announced = commanded(desk, 'kalshi', { command: 'announce_maintenance', ...window });
    await isOpen('maintenance');
    await soon(async () => expect(await venuePauses(desk.db, Date.now())).toHaveLength(1));
  });
  const { verdict } = await desk.client.arbitrage(intentOf('later.1', 'later'));

  expectEnd(result, MATCHED);
  expect(atVenues(desk, 'maintenance.1')).toEqual(bothFilled);
  expect(verdict).toMatchObject({ denial: { code: 'VENUE_PAUSING', venue: 'kalshi' } });
  if (announced) tellCommand(context, announced, 'matched, then denied');
});

test('afterwards our books are the venues’ ledgers', async () => {
  await booksAgree(desk);
});
