import type { Pause, Read } from '../../domain/venue.js';
import type { KalshiReader } from './pages.js';
import { pausesOf, scheduleAnswer, statusAnswer } from './schedule.js';
import { marketRulesAnswer } from './wire.js';

/** The rules, both parts: what decides the market, and what is said about odd cases. */
export async function ruleText(reader: KalshiReader, market: string): Promise<Read<string>> {
  const answer = await reader.one(marketRulesAnswer, `/markets/${market}`);
  if (answer.kind === 'unavailable') return answer;
  const { rules_primary, rules_secondary } = answer.value.market;
  return { kind: 'read', value: [rules_primary, rules_secondary].filter(Boolean).join('\n') };
}

export async function pauses(
  reader: KalshiReader,
  nowMs: () => number,
): Promise<Read<readonly Pause[]>> {
  const schedule = await reader.one(scheduleAnswer, '/exchange/schedule');
  if (schedule.kind === 'unavailable') return schedule;
  const status = await reader.one(statusAnswer, '/exchange/status');
  if (status.kind === 'unavailable') return status;
  return { kind: 'read', value: pausesOf(schedule.value.schedule, status.value, nowMs()) };
}
