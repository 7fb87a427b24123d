import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeClasses, statusClasses } from '../../venues/kalshi/answers.js';
import { documentedAnswers } from '../../venues/polymarket/documented-answers.js';
import { type Stage as KalshiStage, openStage, place, said } from '../kalshi/fixtures/stage.js';
import { orderOf, rain } from '../polymarket/desk.js';
import { type Stage as PolymarketStage, stage as polymarketStage } from '../polymarket/stage.js';

// Every row of each venue's table can be scripted, and our adapter reads it as the table says.

describe('Kalshi answers', () => {
  let at: KalshiStage;
  beforeAll(async () => {
    at = await openStage();
  });
  afterAll(async () => at.close());

  const rows = [
    ...Object.entries(codeClasses),
    ...Object.entries(statusClasses).map(([status, means]) => [`http_${status}`, means] as const),
  ];
  test.each(rows)('%s, which means %s', async (answer, means) => {
    const { script } = at.exchange.faults;
    script.replace([{ name: answer, when: {}, fault: { kind: 'refuse', answer } }]);
    const heard = await place(at, said('buy yes 10 @ 0.52', { clientOrderId: `row-${answer}` }));

    expect(heard.kind === 'refused' ? heard.refusal : heard.kind).toBe(means);
    expect(script.counts().rules).toEqual([{ name: answer, fitted: 1, injected: 1 }]);
    expect(at.exchange.orders({ account: 'main' })).toEqual([]);
  });
});

describe('Polymarket answers', () => {
  let at: PolymarketStage;
  beforeAll(async () => {
    at = await polymarketStage({ asks: ['100 @ 0.50'] });
  });
  afterAll(async () => at.close());

  const rows = documentedAnswers.map(
    ({ text, code, class: means }) => [text ?? code, means] as const,
  );
  test.each(rows)('%s, which means %s', async (answer, means) => {
    const { script } = at.exchange.faults;
    script.replace([{ name: answer, when: {}, fault: { kind: 'refuse', answer } }]);
    const order = orderOf({ name: answer, limit: '0.50', contracts: '10' });
    const heard = await at.venue.place(await at.venue.prepare(order, rain), 2_000);

    expect(heard.kind === 'refused' ? heard.refusal : heard.kind).toBe(means);
    expect(script.counts().rules).toEqual([{ name: answer, fitted: 1, injected: 1 }]);
    expect(at.exchange.orders({ account: 'desk' })).toEqual([]);
  });
});
