import { createHash } from 'node:crypto';
import type { Market } from '../../domain/index.js';

/** What a simulated venue says decides its market, until a script changes it. */
export function ruleTextOf({ venue, title, closesAtMs }: Market): string {
  const closes = new Date(closesAtMs).toISOString();
  return `${venue}: pays one dollar if "${title}" is so at ${closes}.`;
}

/** SHA-256 (hex) of it, as a person who compared two of them would have noted it. */
export const ruleTextSha256 = (market: Market): string =>
  createHash('sha256').update(ruleTextOf(market)).digest('hex');
