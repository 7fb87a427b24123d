import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Purpose } from './child-order.js';
import type { Instrument } from './instrument.js';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const CLIENT_ORDER_ID_LENGTH = 26;
/** What a JSON number, and so Polymarket's salt, holds exactly. */
const SALT_BITS = 53;

/** The one Temporal workflow id of an arbitrage. */
export function arbitrageWorkflowId(intentId: string): string {
  return `arbitrage/${intentId}`;
}

/** The one workflow that lends a pair to its engine and arms it there. */
export function armedWorkflowId(pairId: string): string {
  return `armed/${pairId}`;
}

/** The one workflow that looks after an account's instrument: `custody/kalshi/main/KXRAIN/no`. */
export function custodyWorkflowId(account: string, { venue, market, outcome }: Instrument): string {
  return `custody/${venue}/${account}/${market}/${outcome}`;
}

/** What an order is for, as a line of its id: `entry/yes`, `exit/no/3`. */
export function purposeLine(purpose: Purpose): string {
  return purpose.kind === 'entry' ? `entry/${purpose.leg}` : `exit/${purpose.leg}/${purpose.rung}`;
}

/**
 * Our name for an order at every venue: the first 26 characters of lower-case RFC 4648 base32 of
 * SHA-256 of the UTF-8 lines workflow id, purpose, attempt (from 0). The same order has the same
 * name in every process and language; test/vectors/ids.json is what they share.
 */
export function clientOrderIdOf(workflowId: string, what: string, attempt: number): string {
  const digest = sha256(utf8ToBytes(`${workflowId}\n${what}\n${attempt}`));
  return base32(digest).slice(0, CLIENT_ORDER_ID_LENGTH);
}

/** The name of the order that serves `purpose` in that workflow. */
export function clientOrderIdFor(workflowId: string, purpose: Purpose): string {
  const attempt = purpose.kind === 'entry' ? 0 : purpose.attempt;
  return clientOrderIdOf(workflowId, purposeLine(purpose), attempt);
}

/** Polymarket's salt: the first 53 bits of SHA-256 of our id, so that the order's hash is ours. */
export function polymarketSalt(clientOrderId: string): number {
  return Number(BigInt(`0x${sha256Hex(clientOrderId)}`) >> BigInt(256 - SALT_BITS));
}

/** SHA-256 of UTF-8 text in lower-case hex. Pure, so a workflow may use it. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** RFC 4648, lower case, without padding. */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => BASE32.charAt(Number.parseInt(group.padEnd(5, '0'), 2))).join('');
}
