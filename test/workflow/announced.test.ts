import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Freeze, VenueName } from '../../domain/index.js';
import { readControl, venuePauses } from '../../store/index.js';
import { ruleTextOf } from '../../venues/simulation/index.js';
import { openTestDesk, type TestDesk } from '../support/desk.js';
import { atVenues, soon } from '../support/desk-ends.js';
import { intentOf } from '../support/desk-intent.js';

// What the venues say of themselves: rule texts, and when they will not trade.

const OTHER_TEXT = 'pays one dollar if it is so a day later';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk({
    pairs: { reworded: {}, rewritten: {}, restored: {}, settling: {}, paused: {} },
    venues: { confirmMs: 1_500 },
    marketWatchEveryMs: 50,
  });
});
afterAll(async () => desk.close());

test.each([
  ['kalshi', 'reworded'],
  ['polymarket', 'rewritten'],
] as const)('a rule text that %s changes freezes its pair', async (venue, pairId) => {
  changeRules(venue, pairId, OTHER_TEXT);
  const { why } = await soon(() => ruleFreeze(pairId));

  expect(why).toContain(createHash('sha256').update(OTHER_TEXT).digest('hex'));
  expect(why).toContain(desk.pairs.pair(pairId).ruleTextSha256[venue]);
  const { verdict } = await desk.client.arbitrage(intentOf(`${pairId}.1`, pairId));
  expect(verdict).toMatchObject({ denial: { code: 'FROZEN', cause: 'rules_changed' } });
  expect(atVenues(desk, `${pairId}.1`)).toEqual([]);
});

test('the freeze goes when the text in force is the approved one', async () => {
  changeRules('kalshi', 'restored', OTHER_TEXT);
  await soon(() => ruleFreeze('restored'));
  changeRules('kalshi', 'restored', ruleTextOf(desk.pairs.pair('restored').kalshi));
  await soon(() => expect(ruleFreeze('restored')).rejects.toThrow());
});

test('an open trade runs on when its rules change, and nothing new begins', async () => {
  const { handle } = await desk.client.arbitrage(intentOf('settling.1', 'settling'));
  await soon(() => expect(atVenues(desk, 'settling.1')).toHaveLength(2));
  changeRules('kalshi', 'settling', OTHER_TEXT);
  await soon(() => ruleFreeze('settling'));
  expect(await handle.result()).toMatchObject({ kind: 'matched' });
});

test('no trade begins close to an announced pause', async () => {
  const fromMs = Date.now() + 5_000;
  const untilMs = fromMs + 60_000;
  desk.venues.script.command('kalshi', { command: 'announce_maintenance', fromMs, untilMs });
  await soon(async () => expect(await venuePauses(desk.db, Date.now())).toHaveLength(1));
  const { verdict } = await desk.client.arbitrage(intentOf('paused.1', 'paused'));
  expect(verdict).toMatchObject({
    denial: { code: 'VENUE_PAUSING', venue: 'kalshi', fromMs, untilMs },
  });
});

function changeRules(venue: VenueName, pairId: string, text: string): void {
  const { market } = desk.pairs.pair(pairId)[venue];
  desk.venues.script.command(venue, { command: 'change_rule_text', market, text });
}

async function ruleFreeze(pairId: string): Promise<Freeze> {
  const { freezes } = await readControl(desk.db);
  const found = freezes.find(({ freezeId }) => freezeId.startsWith(`rules/${pairId}/`));
  if (!found) throw new Error(`${pairId} is not frozen for its rules`);
  return found;
}
