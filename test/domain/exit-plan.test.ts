import { describe, expect, test } from 'vitest';
import type { Book } from '../../domain/book.js';
import type { ExitInput, ExitPlan } from '../../domain/exit/exit-input.js';
import { planExit } from '../../domain/exit/plan-exit.js';
import type { Instrument } from '../../domain/instrument.js';
import { formatAmount, money, price, quantity } from '../../domain/money.js';
import type { Excess, Ladder } from '../../domain/trade/trade.js';
import { kalshiMarket, kalshiNo, polymarketMarket, polyYes, terms } from './trade-fixture.js';

/** `40 @ 0.50, 60 @ 0.45`: the levels of one side, best first. */
function levels(text: string) {
  if (text === '') return [];
  return text.split(',').map((level) => {
    const [contracts = '0', limit = '0'] = level.split('@').map((word) => word.trim());
    return { quantity: quantity(contracts), price: price(limit) };
  });
}

const bookOf = (instrument: Instrument, bids: string, asks: string): Book => ({
  instrument,
  bids: levels(bids),
  asks: levels(asks),
  heardAtMs: 0,
  hasGap: false,
});

interface Case {
  readonly bids?: string;
  readonly asks?: string;
  readonly excess?: Partial<Excess>;
  readonly ladder?: Partial<Ladder>;
  readonly input?: Partial<ExitInput>;
}

const noLadder: Ladder = { leg: 'yes', rung: 0, attempt: 0, notBeforeMs: 0 };

/** 100 YES on Polymarket that cost 0.52 each, confirmed; NO is missing on Kalshi. */
function polyExcess({ bids = '', asks = '', excess, ladder, input }: Case = {}): ExitInput {
  return {
    excess: {
      leg: 'yes',
      quantity: quantity('100'),
      sellable: quantity('100'),
      sellableFromMs: 2_000,
      basis: price('0.52'),
      price: price('0.52'),
      ...excess,
    },
    ladder: { ...noLadder, ...ladder },
    own: { instrument: polyYes, market: polymarketMarket, book: bookOf(polyYes, bids, '') },
    other: {
      instrument: kalshiNo,
      market: kalshiMarket,
      limitPrice: price('0.45'),
      book: bookOf(kalshiNo, '', asks),
    },
    isOtherLegTerminal: true,
    isFrozen: false,
    terms: terms.exit,
    nowMs: 2_000,
    ...input,
  };
}

/** 100 NO on Kalshi that cost 0.45 each; YES is missing on Polymarket. */
function kalshiExcess({ bids = '', asks = '', excess, ladder, input }: Case = {}): ExitInput {
  const mirrored = polyExcess({ bids, asks, ladder: { leg: 'no', ...ladder } });
  return {
    ...mirrored,
    excess: {
      ...mirrored.excess,
      leg: 'no',
      sellableFromMs: 0,
      basis: price('0.45'),
      price: price('0.45'),
      ...excess,
    },
    own: { instrument: kalshiNo, market: kalshiMarket, book: bookOf(kalshiNo, bids, '') },
    other: {
      instrument: polyYes,
      market: polymarketMarket,
      limitPrice: price('0.52'),
      book: bookOf(polyYes, '', asks),
    },
    ...input,
  };
}

/** `sell 40 @ 0.5 polymarket`, `complete 100 @ 0.48 kalshi`, `wait 2000 settlement`, `keep kept`. */
function told(plan: ExitPlan): string {
  if (plan.kind === 'keep') return `keep ${plan.reason}`;
  if (plan.kind === 'wait') return `wait ${plan.untilMs} ${plan.why}`;
  const { how, contracts, limitPrice, instrument } = plan;
  return `${how} ${formatAmount(contracts)} @ ${formatAmount(limitPrice)} ${instrument.venue}`;
}

const stepDown = {
  policy: 'step_down',
  settleDelayMs: 2_000,
  rungDelayMs: 100,
  step: price('0.01'),
  refusalWaitMsMax: 60_000,
} as const;
const deep = '1000 @ 0.44';

type Row = readonly [name: string, input: ExitInput, plan: string];

describe('the cheapest way out', () => {
  // Selling at 0.50 loses 2¢ and a fee of 1.25¢; completing at 0.48 costs nothing but its fee of 1.75¢.
  const rows: readonly Row[] = [
    [
      'completes where that costs less than the sale',
      polyExcess({ bids: '100 @ 0.50', asks: '100 @ 0.48' }),
      'complete 100 @ 0.48 kalshi',
    ],
    [
      'sells where that costs less than completing',
      polyExcess({ bids: '100 @ 0.51', asks: '100 @ 0.55' }),
      'sell 100 @ 0.51 polymarket',
    ],
    [
      'sells on Kalshi what Kalshi holds',
      kalshiExcess({ bids: '100 @ 0.44', asks: '100 @ 0.60' }),
      'sell 100 @ 0.44 kalshi',
    ],
    [
      'completes on Polymarket what Polymarket misses',
      kalshiExcess({ bids: '100 @ 0.40', asks: '100 @ 0.53' }),
      'complete 100 @ 0.53 polymarket',
    ],
    [
      'takes the depth that is there, the rest on the next turn',
      polyExcess({ bids: '40 @ 0.50' }),
      'sell 40 @ 0.5 polymarket',
    ],
    [
      'walks as deep as lossMax allows',
      polyExcess({ bids: '40 @ 0.50, 30 @ 0.44, 30 @ 0.40' }),
      'sell 70 @ 0.44 polymarket',
    ],
    [
      'stays with the cheaper way only while it is the cheaper',
      polyExcess({ bids: '40 @ 0.51, 60 @ 0.45', asks: '100 @ 0.49' }),
      'sell 40 @ 0.51 polymarket',
    ],
    [
      'sells at a better price than it bought at',
      polyExcess({ bids: '100 @ 0.60' }),
      'sell 100 @ 0.6 polymarket',
    ],
    [
      'never completes more than was reserved for, whatever a venue has filled',
      polyExcess({
        asks: deep,
        input: { other: { ...polyExcess({ asks: deep }).other, contractsMax: quantity('60') } },
      }),
      'complete 60 @ 0.44 kalshi',
    ],
    [
      'never pays more for a completion than was reserved',
      polyExcess({ asks: '100 @ 0.56', excess: { basis: price('0.30'), price: price('0.30') } }),
      'sell 100 @ 0.3 polymarket',
    ],
    [
      'never completes beyond the cash that is there',
      polyExcess({
        asks: deep,
        input: { other: { ...polyExcess({ asks: deep }).other, cash: money('25') } },
      }),
      'complete 54.61 @ 0.44 kalshi',
    ],
    [
      'does not complete against a position that the venue would net',
      polyExcess({
        asks: deep,
        input: { other: { ...polyExcess({ asks: deep }).other, isOppositeHeld: true } },
      }),
      'sell 100 @ 0.52 polymarket',
    ],
    [
      'does not complete a leg that still lives',
      polyExcess({ asks: deep, input: { isOtherLegTerminal: false } }),
      'sell 100 @ 0.52 polymarket',
    ],
    [
      'buys nothing under a freeze',
      polyExcess({ asks: deep, input: { isFrozen: true } }),
      'sell 100 @ 0.52 polymarket',
    ],
    [
      'does not try again what the venue has closed',
      polyExcess({ asks: deep, ladder: { without: ['complete'] } }),
      'sell 100 @ 0.52 polymarket',
    ],
    [
      'prices nothing from a book with a gap',
      polyExcess({
        input: {
          own: {
            ...polyExcess().own,
            book: { ...bookOf(polyYes, '100 @ 0.50', ''), hasGap: true },
          },
        },
      }),
      'sell 100 @ 0.52 polymarket',
    ],
    [
      'completes unconfirmed shares',
      polyExcess({ asks: '100 @ 0.48', excess: { sellable: quantity('0') } }),
      'complete 100 @ 0.48 kalshi',
    ],
    [
      'completes before the settle delay is over',
      polyExcess({ bids: '100 @ 0.52', asks: '100 @ 0.48', input: { nowMs: 1_999 } }),
      'complete 100 @ 0.48 kalshi',
    ],
  ];
  test.each(rows)('%s', (_name, input, plan) => {
    expect(told(planExit(input))).toBe(plan);
  });

  test('buys the complement only where the venue nets it and it is cheaper than the sale', () => {
    const complement = bookOf({ ...kalshiNo, outcome: 'yes' }, '', '100 @ 0.54');
    const input = kalshiExcess({ bids: '100 @ 0.44' });
    const netting = { ...input, own: { ...input.own, complement } };
    expect(told(planExit(netting))).toBe('complement 100 @ 0.54 kalshi');
    expect(planExit(netting)).toMatchObject({
      side: 'buy',
      instrument: { outcome: 'yes' },
      isReduceOnly: true,
    });
    const same = {
      ...input,
      own: { ...input.own, complement: bookOf(kalshiNo, '', '100 @ 0.56') },
    };
    expect(told(planExit(same))).toBe('sell 100 @ 0.44 kalshi');
    expect(told(planExit({ ...netting, isFrozen: true }))).toBe('sell 100 @ 0.44 kalshi');
    const market = { ...kalshiMarket, netsOutcomes: false };
    expect(told(planExit({ ...netting, own: { ...netting.own, market } }))).toBe(
      'sell 100 @ 0.44 kalshi',
    );
  });

  test('Kalshi exits can only reduce; a completion has to add', () => {
    expect(planExit(kalshiExcess({ bids: '100 @ 0.44' }))).toMatchObject({ isReduceOnly: true });
    expect(planExit(polyExcess({ bids: '100 @ 0.50' }))).toMatchObject({ isReduceOnly: false });
    expect(planExit(polyExcess({ asks: '100 @ 0.48' }))).toMatchObject({
      isReduceOnly: false,
      how: 'complete',
    });
  });

  test('a buy knows what the depth costs, so that a better price buys no more than was meant', () => {
    const plan = planExit(kalshiExcess({ asks: '50 @ 0.52, 50 @ 0.54' }));
    expect(plan).toMatchObject({
      how: 'complete',
      limitPrice: price('0.54'),
      expectedCost: money('53'),
    });
  });
});

describe('lossMax', () => {
  // A sale of 100 at 0.43 pays 1.23¢ each in fees: it loses 10.23¢ of 0.52.
  const at = (lossMax: string, bid: string) =>
    told(
      planExit(
        polyExcess({
          bids: `100 @ ${bid}`,
          input: { terms: { ...terms.exit, lossMax: price(lossMax) } },
        }),
      ),
    );

  test('binds the sale, fee included, to the count', () => {
    expect(at('0.102255', '0.43')).toBe('sell 100 @ 0.43 polymarket');
    expect(at('0.102254999', '0.43')).toBe('sell 100 @ 0.52 polymarket');
  });

  test('binds the completion too', () => {
    const loss = (lossMax: string) =>
      told(
        planExit(
          polyExcess({
            asks: '100 @ 0.50',
            input: { terms: { ...terms.exit, lossMax: price(lossMax) } },
          }),
        ),
      );
    // 0.52 + 0.50 + 1.76¢ of fee − 1.
    expect(loss('0.05')).toBe('complete 100 @ 0.5 kalshi');
    expect(loss('0.0376')).toBe('sell 100 @ 0.52 polymarket');
  });

  test('is ten cents where nothing is said, and off under step_down', () => {
    const { lossMax: _unsaid, ...unsaid } = terms.exit;
    expect(_unsaid).toBe(price('0.10'));
    const low = { ladder: { price: price('0.44') } };
    expect(told(planExit(polyExcess({ ...low, input: { terms: unsaid } })))).toBe(
      'keep loss_limit',
    );
    expect(told(planExit(polyExcess({ ...low, input: { terms: stepDown } })))).toBe(
      'sell 100 @ 0.43 polymarket',
    );
  });
});

describe('the ladder', () => {
  const fine = {
    ...polymarketMarket,
    priceBands: [{ start: price('0'), end: price('1'), step: price('0.001') }],
  };
  const rows: readonly Row[] = [
    ['starts at the original price', polyExcess(), 'sell 100 @ 0.52 polymarket'],
    [
      'starts on the grid, not below the original price',
      polyExcess({ excess: { price: price('0.515') } }),
      'sell 100 @ 0.52 polymarket',
    ],
    [
      'goes a cent lower',
      polyExcess({ ladder: { price: price('0.52') } }),
      'sell 100 @ 0.51 polymarket',
    ],
    [
      'goes a cent lower where the tick is finer',
      polyExcess({
        ladder: { price: price('0.52') },
        input: { own: { ...polyExcess().own, market: fine } },
      }),
      'sell 100 @ 0.51 polymarket',
    ],
    [
      'goes a tick lower where the tick is coarser',
      polyExcess({
        ladder: { price: price('0.6') },
        input: {
          own: {
            ...polyExcess().own,
            market: {
              ...fine,
              priceBands: [{ start: price('0'), end: price('1'), step: price('0.1') }],
            },
          },
          terms: stepDown,
        },
      }),
      'sell 100 @ 0.5 polymarket',
    ],
    [
      'stays at its price while it is refused',
      polyExcess({ ladder: { attempt: 3, refusedSinceMs: 0 } }),
      'sell 100 @ 0.52 polymarket',
    ],
    [
      'never above what was accepted, whatever the book shows',
      polyExcess({ bids: '100 @ 0.52', ladder: { price: price('0.50') } }),
      'sell 100 @ 0.49 polymarket',
    ],
    [
      'stops where the loss binds',
      polyExcess({ ladder: { price: price('0.45') } }),
      'sell 100 @ 0.44 polymarket',
    ],
    ['and keeps the rest', polyExcess({ ladder: { price: price('0.44') } }), 'keep loss_limit'],
    [
      'ends at a cent',
      polyExcess({ ladder: { price: price('0.02') }, input: { terms: stepDown } }),
      'sell 100 @ 0.01 polymarket',
    ],
    [
      'and keeps what a cent does not take',
      polyExcess({ ladder: { price: price('0.01') }, input: { terms: stepDown } }),
      'keep kept',
    ],
    [
      'ends at the least price of its terms',
      polyExcess({
        ladder: { price: price('0.04') },
        input: { terms: { ...stepDown, priceMin: price('0.03') } },
      }),
      'sell 100 @ 0.03 polymarket',
    ],
    [
      'and keeps what that price does not take',
      polyExcess({
        ladder: { price: price('0.03') },
        input: { terms: { ...stepDown, priceMin: price('0.03') } },
      }),
      'keep kept',
    ],
    [
      'never below a cent where the tick is finer',
      polyExcess({
        ladder: { price: price('0.01') },
        input: { own: { ...polyExcess().own, market: fine }, terms: stepDown },
      }),
      'keep kept',
    ],
    [
      'sells nothing by step_down but by the ladder',
      polyExcess({ asks: deep, input: { terms: stepDown } }),
      'sell 100 @ 0.52 polymarket',
    ],
    [
      'starts step_down at the original price, though the book bids less',
      polyExcess({ bids: '100 @ 0.50', input: { terms: stepDown } }),
      'sell 100 @ 0.52 polymarket',
    ],
    [
      'goes one step down by step_down, though the book bids much less',
      polyExcess({
        bids: '100 @ 0.45',
        ladder: { price: price('0.52') },
        input: { terms: stepDown },
      }),
      'sell 100 @ 0.51 polymarket',
    ],
  ];
  test.each(rows)('%s', (_name, input, plan) => {
    expect(told(planExit(input))).toBe(plan);
  });
});

describe('what cannot be sold', () => {
  const dust = { quantity: quantity('4.99'), sellable: quantity('4.99') };
  const rows: readonly Row[] = [
    [
      'waits for its confirmation',
      polyExcess({ excess: { sellable: quantity('0') } }),
      'wait 4000 settlement',
    ],
    [
      'waits for its settle delay',
      polyExcess({ bids: '100 @ 0.52', input: { nowMs: 1_999 } }),
      'wait 2000 settlement',
    ],
    [
      'waits until enough of it is confirmed',
      polyExcess({ bids: '100 @ 0.52', excess: { sellable: quantity('4') } }),
      'wait 4000 settlement',
    ],
    [
      'sells what is confirmed',
      polyExcess({ bids: '100 @ 0.52', excess: { sellable: quantity('5') } }),
      'sell 5 @ 0.52 polymarket',
    ],
    [
      'is kept below the minimum',
      polyExcess({ bids: '100 @ 0.52', excess: dust }),
      'keep below_minimum',
    ],
    [
      'is completed where the other venue takes so little',
      polyExcess({ asks: '100 @ 0.45', excess: dust }),
      'complete 4.99 @ 0.45 kalshi',
    ],
    [
      'waits for the book that could complete it',
      polyExcess({ excess: dust, input: { other: { ...polyExcess().other, book: undefined } } }),
      'wait 4000 next_rung',
    ],
    [
      'is kept where the market has closed',
      polyExcess({ bids: '100 @ 0.52', ladder: { without: ['sell', 'complete'] } }),
      'keep kept',
    ],
    [
      'is completed where only its own market has closed',
      polyExcess({ asks: '100 @ 0.45', ladder: { without: ['sell'] } }),
      'complete 100 @ 0.45 kalshi',
    ],
    [
      'is kept where fees would eat more than lossMax',
      kalshiExcess({
        bids: '1 @ 0.45',
        excess: { quantity: quantity('0.05'), sellable: quantity('0.05') },
        ladder: { price: price('0.57') },
      }),
      'keep loss_limit',
    ],
  ];
  test.each(rows)('%s', (_name, input, plan) => {
    expect(told(planExit(input))).toBe(plan);
  });
});
