import { expect, test } from 'vitest';
import type { ChildOrder } from '../../domain/child-order.js';
import type { Outcome } from '../../domain/instrument.js';
import { createPolymarketVenue } from '../../venues/polymarket/index.js';
import { faultKinds, faultsCounted, ledgerCheck } from '../../venues/simulation/index.js';
import { orderOf, rain, type Ticket } from './desk.js';
import { credentials, RESOLVES_MS, START_MS, stage } from './stage.js';

const ORDERS = 80;
const ANSWER_MS = 40;

/** Two of three orders buy, now YES and now NO; the third sells what may be there by then. */
function ticketOf(number: number): Ticket {
  const outcome: Outcome = number % 2 === 0 ? 'yes' : 'no';
  const name = `order ${number}`;
  if (number % 3 === 2) return { name, outcome, side: 'sell', limit: '0.40', contracts: '5' };
  return { name, outcome, side: 'buy', limit: '0.60', contracts: '15' };
}

test('PM-60 a session under heavy faults is read to the cent as the venue’s own ledger has it', async () => {
  const quotes = { bids: ['40 @ 0.47', '500 @ 0.44'], asks: ['30 @ 0.52', '500 @ 0.55'] };
  const open = await stage({ ...quotes, profile: 'heavy', cash: '10000' });
  const { venue, later, ledger, simulator, nowMs } = open;
  const sent: ChildOrder[] = [];
  for (let number = 0; number < ORDERS; number += 1) {
    const order = orderOf(ticketOf(number));
    const answer = await venue.place(await venue.prepare(order, rain), ANSWER_MS);
    if (answer.kind !== 'refused') sent.push(order);
    later(200);
  }
  later(10_000);
  later(RESOLVES_MS - START_MS);
  later(1_000); // and shares are redeemed a while after the resolution

  // Everything as a booker that starts now would read it.
  const settlementMsMax = 2 * (RESOLVES_MS - START_MS);
  const baseUrl = simulator.url;
  const reader = createPolymarketVenue({
    account: 'desk',
    credentials,
    baseUrl,
    nowMs,
    settlementMsMax,
  });
  const read = await reader.entriesSince(START_MS);
  await reader.close();
  await open.close();
  if (read.kind !== 'read') throw new Error(read.code);
  const rows = ledger.lines.map(({ row }) => row);
  const orders = sent.map((order, number) => ({ ...order, workflowId: `arbitrage/${number}` }));
  expect(ledgerCheck({ ledgers: { polymarket: rows }, entries: read.value, orders })).toEqual({
    ...{ missing: 0, extra: 0, duplicate: 0, positionDifference: '0' },
  });
  const faults = faultsCounted(rows);
  expect(faultKinds.filter((kind) => faults[kind] === 0)).toEqual([]);
  expect(new Set(read.value.map((entry) => entry.kind))).toEqual(
    new Set(['fill', 'reversal', 'settlement']),
  );
});
