import { describe, expect, test } from 'vitest';
import { unreachable } from '../../domain/assert.js';
import type { ChildOrder } from '../../domain/child-order.js';
import type { CaseOf, CustodyCase } from '../../domain/custody/custody-case.js';
import type {
  CustodyState,
  CustodyStep,
  PositionExit,
  PositionItem,
  TradeItem,
} from '../../domain/custody/custody-state.js';
import type { CustodyPolicy } from '../../domain/custody/custody-terms.js';
import * as custody from '../../domain/custody/custody-transitions.js';
import { nextCustodyStep } from '../../domain/custody/next-custody-step.js';
import type { StoredTrade } from '../../domain/custody/resume-trade.js';
import { resumeTrade } from '../../domain/custody/resume-trade.js';
import { formatAmount, price, quantity } from '../../domain/money.js';
import { certainExcess } from '../../domain/trade/certain-excess.js';
import { ownExit } from '../../domain/trade/exit-ownership.js';
import { unknownFreezeId } from '../../domain/trade/open-trade.js';
import type { Evidence, ExitOutcome } from '../../domain/trade/trade.js';
import { approvalFor, fillOf, intentOf, kalshiNo, orderOf, terms } from './trade-fixture.js';

const WORKFLOW = 'arbitrage/desk.1.1';
const place = { account: 'main', instrument: kalshiNo };
const ownership = { ...ownExit(WORKFLOW), holder: 'custody/kalshi/main/KXRAIN/no', epoch: 2 };
const approval = approvalFor();
const { yesOrder, noOrder } = approval.entries;
const dead: CustodyCase = {
  kind: 'trade',
  key: 'trade/1',
  workflowId: WORKFLOW,
  why: 'it died',
  by: 'sweep',
};
const held: CaseOf<'position'> = {
  ...{ kind: 'position', key: 'position/1', instrument: kalshiNo, quantity: quantity('40') },
  why: 'nobody explains it',
};
const plain: CustodyCase = {
  kind: 'leftover',
  key: 'leftover/1',
  workflowId: WORKFLOW,
  why: 'a hold',
};

const fill = (order: ChildOrder, contracts: string) =>
  ({
    ...fillOf(order, {
      executionId: `t-${order.clientOrderId}`,
      contracts: quantity(contracts),
      price: order.limitPrice,
      atMs: 10,
    }),
    finality: 'final',
  }) as const;

/** NO was filled with 40, YES was refused: 40 NO are in excess. */
const stored: StoredTrade = {
  workflowId: WORKFLOW,
  intent: intentOf(),
  admission: approval,
  orders: [
    { order: yesOrder, status: 'rejected', recordedAtMs: 5 },
    {
      order: noOrder,
      status: 'canceled',
      venueOrderId: 'v-kalshi',
      cumulativeQuantity: quantity('40'),
      recordedAtMs: 5,
    },
  ],
  rows: [fill(noOrder, '40')],
};

const opened = custody.openCustody(place);
const toldOf = (...cases: readonly CustodyCase[]): CustodyState =>
  custody.toldCases(opened, cases, 100);

function said(step: CustodyStep): string {
  switch (step.kind) {
    case 'wait':
      return `wait ${step.untilMs ?? 'for news'}`;
    case 'done':
      return 'done';
    case 'ask':
      return `ask ${step.clientOrderIds.join(' ')}`;
    case 'exit':
      return `exit ${formatAmount(step.excess.quantity)} without ${(step.ladder.without ?? []).join(' ')}`;
    case 'freeze':
    case 'askOwn':
      return `${step.kind} ${step.clientOrderId}`;
    case 'adopt':
    case 'attend':
    case 'exitPosition':
    case 'record':
      return `${step.kind} ${step.item.case.key}`;
    default:
      return unreachable(step);
  }
}
const next = (state: CustodyState, nowMs = 100): string => said(nextCustodyStep(state, nowMs));

const tradeItem = ({ items }: CustodyState): TradeItem => items[0] as TradeItem; // the one that was told
const positionItem = ({ items }: CustodyState): PositionItem => items[0] as PositionItem; // as above

function adopt(policy: CustodyPolicy, of: StoredTrade = stored, atMs = 100): CustodyState {
  const state = toldOf(dead);
  const adoption = { kind: 'adopted', stored: of, ownership, policy } as const;
  return custody.adoptedTrade(state, { item: tradeItem(state), adoption, atMs });
}

describe('a dead trade in custody', () => {
  test('is adopted first', () => expect(next(toldOf(dead))).toBe('adopt trade/1'));

  test('is gone where it has a result after all', () => {
    const state = toldOf(dead);
    const adoption = { kind: 'over', text: 'recorded' } as const;
    expect(next(custody.adoptedTrade(state, { item: tradeItem(state), adoption, atMs: 100 }))).toBe(
      'done',
    );
  });

  test.each<readonly [CustodyPolicy, string]>([
    ['keep', 'record trade/1'],
    ['hedge', 'exit 40 without sell complement'],
    ['exit', 'exit 40 without '],
  ])('does with its excess what the policy says: %s', (policy, step) => {
    expect(next(adopt(policy))).toBe(step);
  });

  test('is asked about where no row says what became of an order', () => {
    const silent = { ...stored, orders: [], rows: [] };
    expect(next(adopt('exit', silent))).toBe('ask poly kalshi');
    expect(next(adopt('exit', silent), 6_000)).toBe('freeze poly');
  });

  test('goes on by evidence, rows and freezes, whoever tells of it again', () => {
    const silent = adopt('keep', { ...stored, orders: stored.orders.slice(1), rows: [] });
    const item = tradeItem(silent);
    const freezeId = unknownFreezeId('poly');
    const frozen = custody.tradeFrozen(silent, { item, freezeId, atMs: 6_000 });
    expect(next(frozen, 6_000)).toBe('ask poly kalshi');
    const absent: Evidence = { kind: 'absent', clientOrderId: 'poly', order: yesOrder };
    const known = custody.tradeLearned(frozen, { item, evidence: [absent], atMs: 6_000 });
    const row = fill(noOrder, '40');
    const told = custody.toldRows(
      known,
      [row, { ...row, venueOrderId: 'another', clientOrderId: 'another' }],
      6_000,
    );
    expect(next(told, 6_000)).toBe('record trade/1');
    expect(next(custody.toldCases(told, [dead], 7_000), 7_000)).toBe('record trade/1');
    expect(
      custody.toldRows(told, [{ ...row, venueOrderId: 'x', clientOrderId: 'x' }], 7_000),
    ).toEqual(told);
  });

  test('is over once it is recorded', () => {
    const state = adopt('keep');
    const item = tradeItem(state);
    expect(custody.isToldSince(state, item)).toBe(false);
    const recorded = custody.withoutItem(state, item);
    expect(next(recorded, 200)).toBe('done');
    expect(custody.isToldSince(recorded, item)).toBe(false);
  });

  test('is looked at once more when it was told of while it was recorded', () => {
    const state = adopt('keep');
    const item = tradeItem(state);
    const told = custody.toldCases(state, [{ ...dead, why: 'its match is to be flattened' }], 150);
    expect(custody.isToldSince(told, item)).toBe(true);
    const again = custody.lookedAgain(told, { item, atMs: 200 });
    expect(next(again, 200)).toBe('adopt trade/1');
    expect(tradeItem(again).case.why).toBe('its match is to be flattened');
  });

  test('is gone once its exits are somebody else’s', () => {
    const state = adopt('exit');
    const outcome: ExitOutcome = { kind: 'fenced', owner: { ...ownership, epoch: 3 } };
    const item = tradeItem(state);
    expect(next(custody.tradeExitTried(state, { item, outcome, atMs: 100 }))).toBe('done');
  });

  test('waits for the next rung after an order that left quantity', () => {
    const state = adopt('exit');
    const order = orderOf({
      clientOrderId: 'exit1',
      purpose: { kind: 'exit', leg: 'no', rung: 0, attempt: 0 },
      instrument: kalshiNo,
      side: 'sell',
      limitPrice: price('0.45'),
      fixed: { kind: 'contracts', contracts: quantity('40') },
      legalMaximum: quantity('40'),
    });
    const answer = {
      kind: 'accepted',
      venueOrderId: 'v1',
      state: 'canceled',
      cumulativeQuantity: quantity('0'),
    } as const;
    const outcome: ExitOutcome = { kind: 'sent', how: 'sell', order, outcome: answer, atMs: 100 };
    const tried = custody.tradeExitTried(state, { item: tradeItem(state), outcome, atMs: 100 });
    expect(next(tried)).toBe('wait 200');
  });

  test('that nobody holds any more is changed by nothing', () => {
    const item = tradeItem(adopt('exit'));
    expect(custody.tradeFrozen(opened, { item, freezeId: 'f', atMs: 0 })).toBe(opened);
  });
});

describe('a trade as its rows tell it', () => {
  test('was never decided, so nothing of it left', () => {
    const { admission, ...undecided } = stored;
    expect(admission).toBeDefined();
    const { admission: now, orders } = resumeTrade(undecided, 100);
    expect([now?.kind, orders]).toEqual(['denied', []]);
  });

  test('sent nothing in a dry run', () => {
    const { orders } = resumeTrade({ ...stored, intent: intentOf({ dryRun: true }) }, 100);
    expect(orders.map(({ status }) => status)).toEqual(['planned', 'planned']);
  });

  test('keeps a denial', () => {
    const admission = { kind: 'denied', denial: { code: 'CANCELED' }, atMs: 0 } as const;
    expect(resumeTrade({ ...stored, admission }, 100).admission).toEqual(admission);
    expect(tradeItem(adopt('exit', { ...stored, admission })).adopted?.trade.orders).toEqual([]);
  });

  test('counts its rungs on, and its ladder never goes up', () => {
    const exit = (rung: number, at: string, status: 'canceled' | 'submitted') => ({
      order: orderOf({
        clientOrderId: `exit${rung}`,
        purpose: { kind: 'exit', leg: 'no', rung, attempt: 0 },
        instrument: kalshiNo,
        side: 'sell',
        limitPrice: price(at),
      }),
      ...{ status, recordedAtMs: 10 },
    });
    const orders = [
      exit(2, '0.44', 'canceled'),
      exit(3, '0.40', 'submitted'),
      exit(1, '0.45', 'canceled'),
      ...stored.orders,
    ];
    const { ladder, orders: resumed } = resumeTrade({ ...stored, orders }, 100);
    expect(ladder).toMatchObject({ leg: 'no', rung: 4, attempt: 0, price: price('0.44') });
    expect(resumed.map(({ status }) => status).slice(2)).toEqual([
      'canceled',
      'canceled',
      'unknown',
    ]);
    const first = resumeTrade(
      { ...stored, orders: [exit(0, '0.45', 'submitted'), ...stored.orders] },
      100,
    );
    expect(first.ladder).toEqual({ leg: 'no', rung: 1, attempt: 0, notBeforeMs: 0 });
    expect(certainExcess(first)).toBeUndefined();
  });
});

const exiting: PositionExit = {
  ...{ policy: 'exit', ownership, terms },
  excess: {
    ...{ leg: 'no', quantity: quantity('40'), sellable: quantity('40'), sellableFromMs: 0 },
    ...{ basis: price('0.45'), price: price('0.45') },
  },
  ladder: { leg: 'no', rung: 0, attempt: 0, notBeforeMs: 150 },
};

describe('contracts without an owner in custody', () => {
  const looked = (look: custody.CustodyLook, state = toldOf(held)) =>
    custody.attended(state, { item: positionItem(state), look, atMs: 100 });
  const leaving = looked({ kind: 'exit', text: 'out', exiting });
  const tried = (outcome: ExitOutcome) =>
    custody.positionExitTried(leaving, { item: positionItem(leaving), outcome, atMs: 150 });
  const order = orderOf({ clientOrderId: 'own1', instrument: kalshiNo, side: 'sell' });
  const sent = (outcome: Extract<ExitOutcome, { kind: 'sent' }>['outcome']): ExitOutcome => ({
    ...{ kind: 'sent', how: 'sell', order, outcome, atMs: 150 },
  });
  const unknown = { kind: 'unknown', code: 'TIMEOUT', reason: 'silence' } as const;

  test('are looked at, then watched, looked at again, got out of, or gone', () => {
    expect(next(toldOf(held))).toBe('attend position/1');
    expect(next(looked({ kind: 'watched', text: 'kept' }))).toBe('wait for news');
    expect(next(looked({ kind: 'again', text: 'later', untilMs: 900 }))).toBe('wait 900');
    expect(next(leaving)).toBe('wait 150');
    expect(next(leaving, 150)).toBe('exitPosition position/1');
    expect(next(looked({ kind: 'over', text: 'gone' }))).toBe('done');
  });

  test('are looked at again when something is told of them', () => {
    const watched = looked({ kind: 'watched', text: 'kept' });
    const more: CustodyCase = { ...held, quantity: quantity('50') };
    expect(next(custody.toldCases(watched, [more], 300), 300)).toBe('attend position/1');
    expect(next(custody.toldRows(watched, [], 300), 300)).toBe('attend position/1');
    const stale = custody.toldCases(toldOf(held), [more], 100);
    const told = custody.attended(stale, {
      item: positionItem(toldOf(held)),
      look: { kind: 'watched', text: '' },
      atMs: 120,
    });
    expect(next(told, 120)).toBe('attend position/1');
    expect(next(custody.toldCases(leaving, [more], 120), 120)).toBe('wait 150');
    expect(custody.toldRows(leaving, [], 120)).toEqual(leaving);
  });

  test.each<readonly [name: string, outcome: ExitOutcome, step: string]>([
    ['fenced: another has them', { kind: 'fenced', owner: ownership }, 'done'],
    ['kept', { kind: 'kept', reason: 'loss_limit' }, 'wait for news'],
    ['waited', { kind: 'waited', why: 'settlement', untilMs: 900 }, 'wait 900'],
    ['its answer is lost', { kind: 'unknown', clientOrderId: 'own1' }, 'askOwn own1'],
    ['sent', sent(unknown), 'wait 450'],
    ['not sent', sent({ kind: 'notSent', code: 'TOO_LATE', reason: 'late' }), 'wait 4150'],
    [
      'refused',
      sent({ kind: 'refused', refusal: 'rate', code: '429', reason: 'rate' }),
      'wait 4150',
    ],
  ])('one order of theirs: %s', (_, outcome, step) => {
    expect(next(tried(outcome), 150)).toBe(step);
  });

  test('are asked about until all of the order is known', () => {
    const open = tried(sent(unknown));
    const learned = (evidence: Evidence, state = open) =>
      custody.ownLearned(state, { item: positionItem(state), evidence: [evidence], atMs: 450 });
    const found = (told: 'working' | 'canceled', cumulative: string, rows: string): Evidence => ({
      ...{ kind: 'found', clientOrderId: 'own1', order, venueOrderId: 'v1', state: told },
      ...{ cumulativeQuantity: quantity(cumulative), rows: [fill(order, rows)] },
    });
    const nothing: Evidence = { kind: 'open', clientOrderId: 'own1', rows: [] };
    expect(next(learned(nothing), 450)).toBe('wait 850');
    expect(next(learned(nothing, learned(nothing)), 450)).toBe('wait 1250');
    expect(next(learned(found('working', '40', '40')), 450)).toBe('wait 850');
    expect(next(learned(found('canceled', '40', '30')), 450)).toBe('wait 850');
    expect(next(learned(found('canceled', '40', '40')), 450)).toBe('attend position/1');
    expect(next(learned({ kind: 'neverSent', clientOrderId: 'own1' }), 450)).toBe(
      'attend position/1',
    );
  });

  test('that are not being got out of take no answer', () => {
    const state = toldOf(held);
    const item = positionItem(state);
    const outcome: ExitOutcome = { kind: 'unknown', clientOrderId: 'own1' };
    expect(custody.positionExitTried(state, { item, outcome, atMs: 1 })).toBe(state);
    expect(custody.ownLearned(state, { item, evidence: [], atMs: 1 })).toBe(state);
    expect(custody.ownLearned(opened, { item, evidence: [], atMs: 1 })).toBe(opened);
  });
});

test('whatever else is found is looked at by itself, and nothing is got out of', () => {
  const state = toldOf(plain);
  const [item] = state.items;
  if (!item) throw new Error('one case was told');
  expect(next(state)).toBe('attend leftover/1');
  const look = { kind: 'exit', text: '', exiting } as const;
  expect(next(custody.attended(state, { item, look, atMs: 100 }))).toBe('wait for news');
  expect(next(toldOf(plain, dead))).toBe('attend leftover/1');
});

test('a case is told in one line', () => {
  expect(toldOf(dead, held, plain).items.map(custody.describeItem)).toEqual([
    `trade ${WORKFLOW}: it died`,
    'position 40: nobody explains it',
    'leftover leftover/1: a hold',
  ]);
});
