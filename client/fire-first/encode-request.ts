import { type ArbitrageType, type Mode, modes } from '../../domain/index.js';
import type { FastExecutionRequest, FreezeHere } from '../../schemas/index.js';
import { encodeFrame, requestKinds } from './frames.js';

/** A byte on the wire counts from 1, so that a forgotten one is none of them. */
const modeByte = (mode: Mode): number => modes.indexOf(mode) + 1;

const typeBytes = {
  poly_yes_kalshi_no: 1,
  kalshi_yes_poly_no: 2,
  poly_same_market: 3,
  kalshi_same_market: 4,
} as const satisfies Record<ArbitrageType, number>;

/** What a `fire` frame tells. */
export interface FireFields {
  readonly request: FastExecutionRequest;
  /** Of the intent: 64 hexadecimal digits. */
  readonly digest: string;
  readonly mode: Mode;
}

/** 448 bytes: the whole intent, so that the engine can start its workflow by itself. */
export function encodeFire(number: bigint, { request, digest, mode }: FireFields): Buffer {
  const { intent, quantity } = request;
  const body = Buffer.alloc(432);
  body.write(intent.intentId, 0, 64, 'ascii');
  body.write(intent.pairId, 64, 128, 'ascii');
  body.write(intent.account, 192, 64, 'ascii');
  body.write(intent.strategy, 256, 64, 'ascii');
  body.write(digest, 320, 32, 'hex');
  const numbers = [
    intent.limitPrice.yes,
    intent.limitPrice.no,
    quantity.yes,
    quantity.no,
    intent.contractsMax,
    intent.edgeMin,
    BigInt(intent.observedAtMs.yesMs),
    BigInt(intent.observedAtMs.noMs),
    BigInt(intent.notAfterMs),
  ];
  for (const [index, value] of numbers.entries()) body.writeBigUInt64LE(value, 352 + 8 * index);
  body.writeUInt8(modeByte(mode), 424);
  body.writeUInt8(typeBytes[intent.type], 425);
  body.writeUInt8(intent.dryRun ? 1 : 0, 426);
  return encodeFrame({ kind: requestKinds.fire, number, body });
}

/** 80 bytes. */
export function encodeAsk(number: bigint, intentId: string): Buffer {
  const body = Buffer.alloc(64);
  body.write(intentId, 0, 64, 'ascii');
  return encodeFrame({ kind: requestKinds.ask, number, body });
}

/** 208 bytes. */
export function encodeFreezeHere(number: bigint, { who, why }: FreezeHere): Buffer {
  const body = Buffer.alloc(192);
  body.write(who, 0, 64, 'ascii');
  body.write(why, 64, 128, 'ascii');
  return encodeFrame({ kind: requestKinds.freeze_here, number, body });
}

/** A header alone. */
export function encodeStatus(number: bigint): Buffer {
  return encodeFrame({ kind: requestKinds.status, number, body: Buffer.alloc(0) });
}
