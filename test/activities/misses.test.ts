import { expect, test } from 'vitest';
import { evidenceOf } from '../../activities/evidence-of.js';
import type { FindAnswer } from '../../domain/index.js';
import { recordOrders } from '../../store/index.js';
import { enter, openDesk, orderOf } from '../store/desk.js';
import { quickTerms as terms } from '../support/desk-terms.js';
import { deskOf } from './desk-of.js';

const books = openDesk();

/** An order that a venue never had, and rounds of questions about it: what each makes of it. */
async function asker(
  name: string,
  readAsOf: (untilMs: number) => { readonly readAsOfMs?: number },
) {
  const { workflowId } = await enter(books.db, name);
  const order = orderOf(workflowId, 'yes');
  const { clientOrderId, notAfterMs } = order;
  await recordOrders(books.db, [{ order, mode: 'simulated', body: '{}' }]);
  const untilMs = notAfterMs + terms.latenessMs;
  return async (round: { readonly askedMs: number; readonly tookMs?: number }) => {
    let nowMs = untilMs + round.askedMs;
    const venue = {
      findOrder: async (): Promise<FindAnswer> => {
        nowMs += round.tookMs ?? 0;
        return { kind: 'not_found', ...readAsOf(untilMs) };
      },
    };
    const desk = deskOf({ db: books.db, nowMs: () => nowMs }, venue);
    const question = { workflowId, clientOrderIds: [clientOrderId], terms, story: [] };
    return (await evidenceOf(desk, question)).map(({ kind }) => kind).join();
  };
}

test('a listing asked for while the order could still arrive is no miss', async () => {
  const ask = await asker('late-listing', () => ({}));
  expect(await ask({ askedMs: 0, tookMs: 500 })).toBe('open');
  for (const askedMs of [501, 520, 540, 501 + terms.latenessMs]) {
    expect(await ask({ askedMs })).toBe('open');
  }
  expect(await ask({ askedMs: 600 })).toBe('absent');
});

test("nor is it one by the venue's own clock, which may be ahead of ours", async () => {
  const ask = await asker('clock-ahead', (untilMs) => ({ readAsOfMs: untilMs + 1 }));
  expect(await ask({ askedMs: 0, tookMs: 500 })).toBe('open');
  expect(await ask({ askedMs: 1 })).toBe('absent');
});
