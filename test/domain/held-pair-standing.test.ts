import { describe, expect, test } from 'vitest';
import type { Claim, GoneContracts, HeldLeg } from '../../domain/held-pairs.js';
import { heldPairStanding, shareOut } from '../../domain/held-pairs.js';
import { formatAmount, money, price, quantity } from '../../domain/money.js';

const NOW_MS = 100_000;
const ALONE_MS = 10_000;

/** `60 sold 30 @ 95000; pays 1; missing 10`: what is held, then what became of the rest. */
function leg(text: string): HeldLeg {
  const [held = '0', ...facts] = text.split(/;?\s*(?=paid|sold|merged|missing|pays)/);
  const gone: GoneContracts[] = [];
  let missing = '0';
  let pays: string | undefined;
  for (const fact of facts) {
    const [word = '', amount = '0', , cash = '0', , at = '95000'] = fact.split(/\s+/);
    if (word === 'missing') missing = amount;
    else if (word === 'pays') pays = amount;
    else {
      const how = word as GoneContracts['how']; // a word of the story
      gone.push({ how, quantity: quantity(amount), cash: money(cash), atMs: Number(at) });
    }
  }
  const left = { held: quantity(held.trim()), missing: quantity(missing), gone };
  return pays === undefined ? left : { ...left, pays: price(pays) };
}

function standing(yes: string, no: string): string {
  const facts = { contracts: quantity('100'), yes: leg(yes), no: leg(no) };
  const told = heldPairStanding(facts, { nowMs: NOW_MS, aloneMsMax: ALONE_MS });
  const { state, why, isOver, paid, loss } = told;
  const lost = loss === undefined ? '' : ` loss ${formatAmount(loss)}`;
  return `${state}${why ? ` ${why}` : ''}${isOver ? ' over' : ''}, paid ${formatAmount(paid)}${lost}`;
}

describe('a held pair', () => {
  test.each<readonly [name: string, yes: string, no: string, expected: string]>([
    ['waits', '100', '100', 'waiting, paid 0'],
    ['is decided on one venue', '100 pays 1', '100', 'resolved_on_one, paid 0'],
    ['is decided on both', '100 pays 1', '100 pays 0', 'redeemable, paid 0 loss 0'],
    [
      'is paid',
      '0 paid 100 for 100; pays 1',
      '0 paid 100 for 0; pays 0',
      'paid over, paid 100 loss 0',
    ],
    [
      'counts for nothing on both',
      '0 paid 100 for 50; pays 0.5',
      '0 paid 100 for 50; pays 0.5',
      'voided over, paid 100 loss 0',
    ],
    [
      'is paid what is a hair off a dollar',
      '0 paid 100 for 33; pays 0.3333',
      '0 paid 100 for 67; pays 0.6667',
      'voided over, paid 100 loss 0',
    ],
    [
      'is void on one venue alone',
      '100 pays 0.5',
      '100 pays 0',
      'broken void_on_one, paid 0 loss 50',
    ],
    [
      'is decided in two ways',
      '100 pays 0',
      '100 pays 0',
      'broken different_outcomes, paid 0 loss 100',
    ],
    [
      'is sold on both sides',
      '0 sold 100 for 51',
      '0 sold 100 for 48',
      'sold over, paid 99 loss 1',
    ],
    [
      'was sold, so what the venues decide is not its question',
      '0 sold 100 for 51; pays 0',
      '0 sold 100 for 48; pays 0',
      'sold over, paid 99 loss 1',
    ],
    ['is merged', '0 merged 100 for 50', '0 merged 100 for 50', 'merged over, paid 100 loss 0'],
    ['is being sold', '40 sold 60 for 30', '100', 'selling, paid 30'],
    [
      'has one leg alone for too long',
      '40 sold 60 for 30 @ 89999',
      '100',
      'broken leg_gone, paid 30',
    ],
    ['misses contracts', '90 missing 10', '100', 'broken contracts_missing, paid 0'],
  ])('%s', (...[, yes, no, expected]) => {
    expect(standing(yes, no)).toBe(expected);
  });

  test('of which a contract is nowhere is our own broken promise', () => {
    expect(() => standing('99', '100')).toThrow('held, gone or missing');
  });
});

describe('contracts of several claims', () => {
  const claims: readonly Claim[] = [
    { workflowId: 'old', contracts: quantity('60') },
    { workflowId: 'new', contracts: quantity('40') },
  ];
  const took = (how: GoneContracts['how'], contracts: string, cash: string): GoneContracts => ({
    ...{ how, quantity: quantity(contracts), cash: money(cash), atMs: 0 },
  });

  /** `old 10+0 sold 50 for 25 | new 40+0`: held + missing, then what is gone. */
  function shares(taken: readonly GoneContracts[], position: string): string {
    return [...shareOut(claims, taken, quantity(position))]
      .map(([workflowId, { held, missing, gone }]) => {
        const parts = gone.map(
          (one) => ` ${one.how} ${formatAmount(one.quantity)} for ${formatAmount(one.cash)}`,
        );
        return `${workflowId} ${formatAmount(held)}+${formatAmount(missing)}${parts.join('')}`;
      })
      .join(' | ');
  }

  test.each<
    readonly [name: string, taken: readonly GoneContracts[], position: string, told: string]
  >([
    ['all of it is there', [], '100', 'old 60+0 | new 40+0'],
    [
      'a sale takes from the oldest',
      [took('sold', '50', '25')],
      '50',
      'old 10+0 sold 50 for 25 | new 40+0',
    ],
    [
      'a sale goes on with the next',
      [took('sold', '80', '40')],
      '20',
      'old 0+0 sold 60 for 30 | new 20+0 sold 20 for 10',
    ],
    [
      'a sale takes what nobody claims first',
      [took('sold', '30', '15')],
      '100',
      'old 60+0 | new 40+0',
    ],
    [
      'a payment goes to claims before what nobody claims',
      [took('paid', '130', '130')],
      '0',
      'old 0+0 paid 60 for 60 | new 0+0 paid 40 for 40',
    ],
    ['what is not there is missing from the youngest', [], '70', 'old 60+0 | new 10+30'],
    ['a debt is no contract', [], '-5', 'old 0+60 | new 0+40'],
  ])('%s', (...[, taken, position, told]) => {
    expect(shares(taken, position)).toBe(told);
  });
});
