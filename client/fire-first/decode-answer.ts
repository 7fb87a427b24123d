import { modes } from '../../domain/index.js';
import {
  adviceNames,
  type EngineStatus,
  engineStatusSchema,
  type FireReceipt,
  type FireRefusal,
  type FireStanding,
  type FrozenHere,
  fireRefusalSchema,
  frozenHereSchema,
  type Greeting,
  greetingSchema,
  receiptSchema,
  standingSchema,
  writtenNames,
} from '../../schemas/index.js';
import { answerKinds, type Frame, MAGIC, PROTOCOL_VERSION } from './frames.js';

/** What an engine says to a request. */
export type EngineAnswer =
  | { readonly kind: 'receipt'; readonly receipt: FireReceipt }
  | { readonly kind: 'refused'; readonly refusal: FireRefusal }
  | { readonly kind: 'standing'; readonly standing: FireStanding }
  | { readonly kind: 'frozen'; readonly frozen: FrozenHere }
  | { readonly kind: 'status'; readonly status: EngineStatus };

/**
 * `undefined` where it cannot be meant: nothing is known of its request then. An answer may be longer
 * than what is known of it.
 */
export function decodeAnswer({ kind, body }: Frame): EngineAnswer | undefined {
  switch (kind) {
    case answerKinds.receipt: {
      const receipt = receiptSchema.safeParse(rawReceipt(body)).data;
      return receipt && { kind: 'receipt', receipt };
    }
    case answerKinds.refused: {
      const refusal = fireRefusalSchema.safeParse(rawRefusal(body)).data;
      return refusal && { kind: 'refused', refusal };
    }
    case answerKinds.standing: {
      const standing = standingSchema.safeParse(rawStanding(body)).data;
      return standing && { kind: 'standing', standing };
    }
    case answerKinds.frozen: {
      const frozen = frozenHereSchema.safeParse(rawFrozen(body)).data;
      return frozen && { kind: 'frozen', frozen };
    }
    case answerKinds.status: {
      const status = engineStatusSchema.safeParse(rawStatus(body)).data;
      return status && { kind: 'status', status };
    }
    default:
      return undefined;
  }
}

/** What the first frame of a connection turns out to be. */
export type ReadGreeting =
  | { readonly kind: 'greeting'; readonly greeting: Greeting }
  | { readonly kind: 'other_version'; readonly version: number }
  | { readonly kind: 'no_engine' };

/** Magic and version stand where they stand in every version; the rest is read of our own alone. */
export function decodeGreeting({ kind, body }: Frame): ReadGreeting {
  const isGreeting = kind === answerKinds.greeting && body.length >= 6;
  if (!isGreeting || body.toString('latin1', 0, 4) !== MAGIC) return { kind: 'no_engine' };
  const version = body.readUInt16LE(4);
  if (version !== PROTOCOL_VERSION) return { kind: 'other_version', version };
  if (body.length < GREETING_BYTES) return { kind: 'no_engine' };
  const raw = {
    version,
    mode: named(modes, body.readUInt8(6), 1),
    epoch: body.readBigUInt64LE(8),
    host: text(body, 16, 64),
  };
  const greeting = greetingSchema.safeParse(raw).data;
  return greeting ? { kind: 'greeting', greeting } : { kind: 'no_engine' };
}

const GREETING_BYTES = 80;
const RECEIPT_BYTES = 112;
const REFUSED_BYTES = 72;
const STANDING_BYTES = 232;
const FROZEN_BYTES = 16;
const STATUS_BYTES = 120;

/** What it says, without the zeros behind it; a zero inside stays, and no name has one. */
const text = (body: Buffer, start: number, bytes: number): string =>
  body.toString('latin1', start, start + bytes).replace(/\0+$/, '');

const named = <Name>(names: readonly Name[], byte: number, first: number): Name | undefined =>
  names[byte - first];

/** A byte that is neither is left as it is, and no schema takes it. */
const bit = (byte: number): unknown => (byte === 0 ? false : byte === 1 ? true : byte);

function rawReceipt(body: Buffer): unknown {
  if (body.length < RECEIPT_BYTES) return undefined;
  return {
    shot: {
      thread: body.readUInt32LE(16),
      epoch: body.readBigUInt64LE(0),
      sequence: body.readBigUInt64LE(8),
    },
    clientOrderIds: { yes: text(body, 24, 26), no: text(body, 50, 26) },
    written: {
      yes: named(writtenNames, body.readUInt8(20), 0),
      no: named(writtenNames, body.readUInt8(21), 0),
    },
    receivedNs: body.readBigUInt64LE(80),
    fromNs: body.readBigUInt64LE(88),
    toNs: body.readBigUInt64LE(96),
    firedUnixNs: body.readBigUInt64LE(104),
  };
}

function rawRefusal(body: Buffer): unknown {
  if (body.length < REFUSED_BYTES) return undefined;
  return {
    code: text(body, 0, 32),
    detail: text(body, 32, 32),
    advice: named(adviceNames, body.readUInt8(64), 1),
    closes: bit(body.readUInt8(65)),
  };
}

const becameNames = ['unheard', 'refused', 'under_way', 'fired', 'unknown'] as const;

function rawStanding(body: Buffer): unknown {
  if (body.length < STANDING_BYTES) return undefined;
  const became = named(becameNames, body.readUInt8(0), 0);
  const looked = { became, lookedUnixNs: body.readBigUInt64LE(8) };
  const digest = body.toString('hex', 16, 48);
  switch (became) {
    case 'refused':
      return { ...looked, digest, refusal: rawRefusal(body.subarray(48, 120)) };
    case 'under_way':
      return { ...looked, digest };
    case 'fired':
      return { ...looked, digest, receipt: rawReceipt(body.subarray(120)) };
    case 'unheard':
    case 'unknown':
    case undefined:
      return looked;
  }
}

function rawFrozen(body: Buffer): unknown {
  if (body.length < FROZEN_BYTES) return undefined;
  return { takenUnixNs: body.readBigUInt64LE(0), overUnixNs: body.readBigUInt64LE(8) };
}

function rawStatus(body: Buffer): unknown {
  if (body.length < STATUS_BYTES) return undefined;
  return {
    epoch: body.readBigUInt64LE(0),
    unixNs: body.readBigUInt64LE(8),
    upNs: body.readBigUInt64LE(16),
    fired: body.readBigUInt64LE(24),
    refused: body.readBigUInt64LE(32),
    unadopted: body.readUInt32LE(40),
    underWay: body.readUInt32LE(44),
    connections: body.readUInt32LE(48),
    mode: named(modes, body.readUInt8(52), 1),
    isFrozen: bit(body.readUInt8(53)),
    hearsControl: bit(body.readUInt8(54)),
    host: text(body, 56, 64),
  };
}
