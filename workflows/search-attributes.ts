import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { hasOpenRisk, phaseOf, type TradeState } from '../domain/index.js';

/** What operators search by. Registered when the server starts: stack/temporal. */
export const searchKeys = {
  venue: defineSearchAttributeKey('Venue', 'KEYWORD_LIST'),
  pair: defineSearchAttributeKey('Pair', 'KEYWORD'),
  strategy: defineSearchAttributeKey('Strategy', 'KEYWORD'),
  account: defineSearchAttributeKey('Account', 'KEYWORD'),
  mode: defineSearchAttributeKey('Mode', 'KEYWORD'),
  tradeState: defineSearchAttributeKey('TradeState', 'KEYWORD'),
  unhedged: defineSearchAttributeKey('Unhedged', 'BOOL'),
} as const;

/** The two that change while a trade lives; the others are set by whoever starts it. */
export function searchable(state: TradeState, nowMs: number): readonly SearchAttributePair[] {
  return [
    { key: searchKeys.tradeState, value: phaseOf(state, nowMs) },
    { key: searchKeys.unhedged, value: hasOpenRisk(state) },
  ];
}
