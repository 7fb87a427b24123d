import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { toWire } from '../../domain/index.js';
import type { Listing } from './listing.js';
import { simulatedPairs } from './listing.js';

/**
 * Writes the pairs that trade now, as a person would keep them by hand: whoever reads the file
 * finds the old list or the new one, never half of one. A file that says so already is left alone,
 * because whoever watches it would read it again.
 */
export function writePairFile(path: string, listing: Listing & { readonly nowMs: number }): void {
  const text = `${JSON.stringify({ pairs: toWire(simulatedPairs(listing)) }, null, 2)}\n`;
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  const draft = `${path}.new`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}
