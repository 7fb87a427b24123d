import { createHash } from 'node:crypto';

const FRACTION_BITS = 48;
const FRACTION_BYTES = FRACTION_BITS / 8;

/**
 * A draw in [0, 1) that depends on nothing but the seed and its name: never on the order in which
 * things arrive, so that two runs with the same orders meet the same luck. It is no amount.
 */
export function draw(seed: number, ...name: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update([seed, ...name].join('\n'))
    .digest();
  return digest.readUIntBE(0, FRACTION_BYTES) / 2 ** FRACTION_BITS;
}

/** A whole number from `least` to `most`, both included. */
export function drawWhole(unit: number, least: number, most: number): number {
  return least + Math.floor(unit * (most - least + 1));
}

/** Hex of a name's hash: ids that look like a venue's and are the same on every run. */
export function drawHex(seed: number, ...name: readonly (string | number)[]): string {
  return createHash('sha256')
    .update([seed, ...name].join('\n'))
    .digest('hex');
}
