import { renameSync, writeFileSync } from 'node:fs';
import { toWire } from '../../domain/wire.js';
import type { Listing } from './listing.js';
import { simulatedPairs } from './listing.js';

/**
 * Writes the pairs that trade now, as a person would keep them by hand: whoever reads the file
 * finds the old list or the new one, never half of one.
 */
export function writePairFile(path: string, listing: Listing & { readonly nowMs: number }): void {
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify({ pairs: toWire(simulatedPairs(listing)) }, null, 2)}\n`);
  renameSync(draft, path);
}
