import { sha256Hex } from '../ids.js';
import { canonicalJson } from '../intent-digest.js';
import type { Wire } from '../wire.js';
import type { ArmRequest } from './arm-request.js';

const PAIR_LENGTH = 24;
const DIGEST_LENGTH = 16;

/**
 * The name of a lease and of its arming, new for every grant: its pair, and 64 bits of SHA-256 of the
 * UTF-8 lines pair, first run of the workflow, grant (from 0). An intent is called `<armingId>.<n>`,
 * which stays within 64 characters and their alphabet.
 */
export function leaseIdOf(pairId: string, firstRunId: string, grant: number): string {
  const digest = sha256Hex(`${pairId}\n${firstRunId}\n${String(grant)}`);
  return `${pairId.slice(0, PAIR_LENGTH)}-${digest.slice(0, DIGEST_LENGTH)}`;
}

/** SHA-256 (lower-case hex) of a request: the same one again is the same arming. */
export const armingDigest = (request: Wire<ArmRequest>): string =>
  sha256Hex(canonicalJson(request));
