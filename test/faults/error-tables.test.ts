import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quantity } from '../../domain/index.js';
import { limitsOf, setLimits } from '../../store/index.js';
import { codeClasses, statusClasses } from '../../venues/kalshi/answers.js';
import { documentedAnswers } from '../../venues/polymarket/documented-answers.js';
import { type Stage as KalshiStage, openStage, place, said } from '../kalshi/fixtures/stage.js';
import { orderOf, rain } from '../polymarket/desk.js';
import { type Stage as PolymarketStage, stage as polymarketStage } from '../polymarket/stage.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, endOf, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';
import { ACCOUNT } from '../support/desk-venues.js';
import { follows, kalshiMeanings, polymarketMeanings } from './answer-meanings.js';
import { booksAgree, boughtAfterAll, COMPLETED, legs, scripted, tellFault } from './fault-desk.js';

// Every documented answer can be scripted; our adapter reads it as the protocol means it, and a trade
// that is answered with it is bought again once the order is certain not to be there.

const meanings = { kalshi: kalshiMeanings, polymarket: polymarketMeanings };
const rowsOf = (venue: keyof typeof meanings) =>
  Object.entries(meanings[venue]).map(
    ([answer, means]) => [answer, follows[means], means] as const,
  );

test('every answer that Kalshi’s adapter has a row for is in the protocol, and means the same there', () => {
  const statuses = Object.entries(statusClasses).map(([status, means]) => [
    `http_${status}`,
    means,
  ]);
  const rows = [...Object.entries(codeClasses), ...statuses];
  expect(Object.fromEntries(rows)).toEqual(kalshiMeanings);
});

test('every answer that Polymarket’s adapter has a row for is in the protocol, and means the same there', () => {
  const rows = documentedAnswers.map(({ text, code, class: means }) => [text ?? code, means]);
  expect(Object.fromEntries(rows)).toEqual(polymarketMeanings);
  expect(rows).toHaveLength(Object.keys(polymarketMeanings).length);
});

describe('Kalshi', () => {
  let at: KalshiStage;
  beforeAll(async () => {
    at = await openStage();
  });
  afterAll(async () => at.close());

  test.each(rowsOf('kalshi'))('answers "%s": %s', async (answer, _follows, means) => {
    const { script } = at.exchange.faults;
    script.replace([{ name: answer, when: {}, fault: { kind: 'refuse', answer } }]);
    const heard = await place(at, said('buy yes 10 @ 0.52', { clientOrderId: `row-${answer}` }));

    expect(heard.kind === 'refused' ? heard.refusal : heard.kind).toBe(means);
    expect(script.counts().rules).toEqual([{ name: answer, fitted: 1, injected: 1 }]);
    expect(at.exchange.orders({ account: 'main' })).toEqual([]);
  });
});

describe('Polymarket', () => {
  let at: PolymarketStage;
  beforeAll(async () => {
    at = await polymarketStage({ asks: ['100 @ 0.50'] });
  });
  afterAll(async () => at.close());

  test.each(rowsOf('polymarket'))('answers "%s": %s', async (answer, _follows, means) => {
    const { script } = at.exchange.faults;
    script.replace([{ name: answer, when: {}, fault: { kind: 'refuse', answer } }]);
    const order = orderOf({ name: answer, limit: '0.50', contracts: '10' });
    const heard = await at.venue.place(await at.venue.prepare(order, rain), 2_000);

    expect(heard.kind === 'refused' ? heard.refusal : heard.kind).toBe(means);
    expect(script.counts().rules).toEqual([{ name: answer, fitted: 1, injected: 1 }]);
    expect(at.exchange.orders({ account: 'desk' })).toEqual([]);
  });
});

describe('an entry of a trade', () => {
  let desk: TestDesk;
  let lanes: Lanes;
  beforeAll(async () => {
    const pairIds = ['one', 'two', 'three', 'four', 'five'];
    lanes = new Lanes(pairIds);
    desk = await openTestDesk({
      pairs: Object.fromEntries(pairIds.map((pairId) => [pairId, DEEP])),
      // Every row is answered: five lanes of a busy machine may take their time to ask.
      // What is doubtful is certain after five seconds; a freeze at that moment would only sell.
      terms: { answerTimeoutMs: 3_000, holdAfterMs: 1, unknownMaxMs: 60_000 },
    });
    await widenLimits(desk);
  });
  afterAll(async () => desk.close());

  const rows = legs.flatMap(({ venue, what }) =>
    rowsOf(venue).map(
      ([answer, then, means], index) => [venue, answer, then, { what, means, index }] as const,
    ),
  );
  test.concurrent.for(rows)('%s answers "%s": %s', async ([venue, answer, , row], context) => {
    const { what, means, index } = row;
    await lanes.with(async (pairId) => {
      const isDoubtful = means === 'exists' || means === 'unknown';
      const asked = await approved(async (again) => {
        const intentId = `${pairId}.${venue}.${String(index)}.${String(again)}`;
        const [rule = ''] = scripted(desk, intentId, [{ what, fault: { kind: 'refuse', answer } }]);
        const intent = intentOf(intentId, pairId, isDoubtful ? soonTooLate() : {});
        const { handle, verdict } = await desk.client.arbitrage(intent);
        return verdict.kind === 'approved' ? { intentId, rule, handle } : undefined;
      });
      const { intentId, rule } = asked;
      const result = await endOf(asked.handle);

      context.expect(atVenues(desk, intentId)).toEqual(boughtAfterAll[venue]);
      context.expect(result).toMatchObject(COMPLETED);
      const fault = `refuse ${answer}`;
      tellFault(context, { fault, ...desk.venues.script.injected(rule), end: result.kind });
    });
  });

  test('afterwards our books are the venues’ ledgers', async () => {
    await booksAgree(desk);
  });
});

/** Enough for every row: what was taken does not come back. */
const DEEP = {
  kalshi: { bids: '5000 @ 0.52', asks: '5000 @ 0.54' },
  polymarket: { bids: '5000 @ 0.38', asks: '5000 @ 0.40' },
};

/** Pairs of one desk, each for one trade at a time. */
class Lanes {
  readonly #free: string[];
  readonly #waiting: ((pairId: string) => void)[] = [];

  constructor(pairIds: readonly string[]) {
    this.#free = [...pairIds];
  }

  async with(work: (pairId: string) => Promise<void>): Promise<void> {
    const pairId =
      this.#free.pop() ?? (await new Promise<string>((take) => this.#waiting.push(take)));
    try {
      await work(pairId);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(pairId);
      else this.#free.push(pairId);
    }
  }
}

/**
 * A strategy that is denied asks again under another id: its pair still rests, or Kalshi has just told
 * another lane of too many requests, which holds for all of the account.
 */
async function approved<T>(ask: (again: number) => Promise<T | undefined>): Promise<T> {
  let again = 0;
  return soon(async () => {
    again += 1;
    const asked = await ask(again);
    if (asked === undefined) throw new Error('denied');
    return asked;
  });
}

/** Enough for five lanes of a busy machine to fire in; until then nothing proves an order absent. */
const soonTooLate = () => ({ notAfterMs: Date.now() + 5_000 });

/** So many refusals in a row would end a day's trading; here they are the day's work. */
async function widenLimits({ db }: TestDesk): Promise<void> {
  const limits = await limitsOf(db, ACCOUNT);
  if (!limits) throw new Error('the account was opened with its first limits');
  const wide = quantity('100000');
  const many = { positionsMaxCount: 1_000, executionsPerMinuteMax: 10_000, errorsInARowMax: 1_000 };
  await setLimits(db, {
    account: ACCOUNT,
    limits: { ...limits, ...many, positionMax: wide, contractsPerPairMax: wide },
    by: 'a test',
    why: 'many refusals at one desk',
  });
}
