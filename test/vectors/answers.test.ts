import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ChildOrder, Fixed, Side, TimeInForce } from '../../domain/child-order.js';
import { formatAmount, money, quantity } from '../../domain/money.js';
import type { PlaceAnswer, Refusal } from '../../domain/venue.js';
import {
  codeClasses,
  placeAnswer,
  readAnswerTable as readKalshi,
  statusClasses,
} from '../../venues/kalshi/answers.js';
import { parsed, placeAnswerOf } from '../../venues/polymarket/answers.js';
import {
  documentedAnswers,
  readAnswerTable as readPolymarket,
} from '../../venues/polymarket/documented-answers.js';
import { order as entry } from '../kalshi/fixtures/orders.js';

type Ordered =
  | { readonly venue: 'kalshi'; readonly clientOrderId: string; readonly legalMaximum: string }
  | {
      readonly venue: 'polymarket';
      readonly venueOrderId: string;
      readonly side: Side;
      readonly timeInForce: TimeInForce;
      readonly fixed: { readonly kind: Fixed['kind']; readonly amount: string };
      readonly legalMaximum: string;
    };

/** What an answer proves, as any language tells it. */
type Verdict =
  | {
      readonly kind: 'accepted';
      readonly venueOrderId: string;
      readonly state: 'working' | 'filled' | 'canceled';
      readonly cumulativeQuantity: string;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly code: string }
  | { readonly kind: 'exists' | 'unknown'; readonly code: string };

interface Case {
  readonly name: string;
  readonly ordered: string;
  readonly status: number;
  /** The very text of the body, UTF-8. */
  readonly body: string;
  readonly verdict: Verdict;
}

const { orders, cases } = JSON.parse(
  readFileSync(new URL('./answers.json', import.meta.url), 'utf8'),
) as {
  readonly orders: Readonly<Record<string, Ordered>>;
  readonly cases: readonly Case[];
}; // the native engine reads it too (native/engine/tests/answers.rs), and refuses another shape

describe('an answer proves the same in every language', () => {
  test.each(cases)('$name', ({ ordered, status, body, verdict }) => {
    const given = orders[ordered];
    if (given === undefined) throw new Error(`nobody says what "${ordered}" is`);
    expect(verdictOf(answerTo(given, status, body))).toEqual(verdict);
  });
});

describe('every row of the tables has its answer', () => {
  const kalshi = [
    ...Object.entries(codeClasses).map(([code, means]) => [`row ${code}`, code, means]),
    ...Object.entries(statusClasses).map(([status, means]) => {
      return [`status ${status} in the venue’s own words`, 'something_new', means];
    }),
  ].map(([name = '', code = '', means = '']) => ({ name: `kalshi ${name}`, code, means }));
  const polymarket = documentedAnswers.flatMap(({ status, text, code, class: means }) =>
    status.map((of) => ({ name: `polymarket row ${of} ${text ?? code}`, code, means })),
  );

  test.each([...kalshi, ...polymarket])('$name', ({ name, code, means }) => {
    const verdict = cases.find((one) => one.name === name)?.verdict;
    const isKind = means === 'exists' || means === 'unknown';
    expect(verdict).toEqual(
      isKind ? { kind: means, code } : { kind: 'refused', refusal: means, code },
    );
  });

  test('and says what its row documents, with its status', () => {
    const said = documentedAnswers.flatMap(({ status, text, code }) =>
      status.map((of) => {
        const one = cases.find(({ name }) => name === `polymarket row ${of} ${text ?? code}`);
        const parts = (text ?? '').split(/\{id\}|\{\}/);
        return one?.status === of && parts.every((part) => one.body.includes(part));
      }),
    );
    expect(said).not.toContain(false);
    expect(said.length).toBeGreaterThan(80);
  });
});

describe('a table that says what nobody reads is refused by its row', () => {
  const statuses = { 429: 'rate' };
  const row = { class: 'terminal', code: 'bad_nonce', status: [400], text: 'invalid nonce' };
  test.each<[string, () => unknown, string]>([
    ['a class', () => readKalshi({ codes: { own: 'perhaps' }, statuses }), 'codes.own'],
    [
      'a code that proves nothing',
      () => readKalshi({ codes: { own: 'unknown' }, statuses }),
      'codes.own',
    ],
    [
      'a status that says "exists"',
      () => readKalshi({ codes: {}, statuses: { 409: 'exists' } }),
      'statuses.409',
    ],
    ['no status', () => readKalshi({ codes: {}, statuses: { 42: 'rate' } }), 'statuses.42'],
    ['a code in capitals', () => readKalshi({ codes: { OWN: 'rate' }, statuses }), 'codes.OWN'],
    ['a part', () => readKalshi({ codes: {}, statuses, rows: [] }), '"rows"'],
    ['a class', () => readPolymarket([row, { ...row, class: 'perhaps' }]), '[1].class'],
    ['no statuses', () => readPolymarket([{ ...row, status: [] }]), '[0].status'],
    ['half a status', () => readPolymarket([{ ...row, status: [400, 40.5] }]), '[0].status[1]'],
    ['a text of other letters', () => readPolymarket([{ ...row, text: 'é' }]), '[0].text'],
    ['an empty code', () => readPolymarket([{ ...row, code: '' }]), '[0].code'],
    // Without its text a row would be about every answer with its status.
    ['a text by another name', () => readPolymarket([{ ...row, txet: 'x' }]), '"txet"'],
  ])('%s', (_what, read, where) => {
    expect(read).toThrow('answer-table.json is no table of answers');
    expect(read).toThrow(where);
  });
});

/** The adapter's own reading, of bytes as undici hands them over: without a byte order mark. */
function answerTo(given: Ordered, status: number, text: string): PlaceAnswer {
  const body = new TextDecoder().decode(new TextEncoder().encode(text));
  if (given.venue === 'kalshi') {
    return placeAnswer(orderOf(given), { kind: 'answered', status, body: parsed(body) });
  }
  const prepared = { order: orderOf(given), venueOrderId: given.venueOrderId, body: '' };
  return placeAnswerOf({ kind: 'answered', status, body }, prepared);
}

function orderOf(given: Ordered): ChildOrder {
  const legalMaximum = quantity(given.legalMaximum);
  if (given.venue === 'kalshi') {
    const { clientOrderId } = given;
    return entry({ clientOrderId, legalMaximum });
  }
  const { side, timeInForce, fixed } = given;
  return entry({ side, timeInForce, legalMaximum, fixed: fixedOf(fixed.kind, fixed.amount) });
}

function fixedOf(kind: Fixed['kind'], amount: string): Fixed {
  return kind === 'collateral'
    ? { kind, collateral: money(amount) }
    : { kind, contracts: quantity(amount) };
}

/** Without its reason, which is for people. */
function verdictOf(answer: PlaceAnswer): Verdict {
  const { kind } = answer;
  switch (kind) {
    case 'accepted':
      return { ...answer, cumulativeQuantity: formatAmount(answer.cumulativeQuantity) };
    case 'refused':
      return { kind, refusal: answer.refusal, code: answer.code };
    case 'exists':
    case 'unknown':
      return { kind, code: answer.code };
  }
}
