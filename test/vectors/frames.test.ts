import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAnswer, decodeGreeting } from '../../client/fire-first/decode-answer.js';
import {
  encodeAsk,
  encodeFire,
  encodeFreezeHere,
  encodeStatus,
} from '../../client/fire-first/encode-request.js';
import { answerKinds, type Frame, FrameReader } from '../../client/fire-first/frames.js';
import { intentDigest, type Mode } from '../../domain/index.js';
import { parseFastExecutionRequest } from '../../schemas/index.js';

type Request =
  | {
      readonly kind: 'fire';
      readonly number: string;
      readonly mode: Mode;
      readonly digest: string;
      readonly intent: unknown;
      readonly quantity: unknown;
    }
  | { readonly kind: 'ask'; readonly number: string; readonly intentId: string }
  | {
      readonly kind: 'freeze_here';
      readonly number: string;
      readonly who: string;
      readonly why: string;
    }
  | { readonly kind: 'status'; readonly number: string };

interface Vector {
  readonly name: string;
  readonly from: 'client' | 'engine';
  readonly hex: string;
  readonly frame?: unknown;
  readonly refused?: unknown;
  readonly otherVersion?: number;
  readonly unreadable?: boolean;
}

const { frames } = JSON.parse(readFileSync(new URL('./frames.json', import.meta.url), 'utf8')) as {
  readonly frames: readonly Vector[];
}; // native/door/tests/vectors.rs holds Rust to the same

const ofEngine = frames.filter(({ from }) => from === 'engine');
const bytesOf = ({ hex }: Vector): Buffer => Buffer.from(hex, 'hex');

describe('each request is written as Rust reads it', () => {
  const requests = frames.filter(({ from, frame }) => from === 'client' && frame !== undefined);
  expect(requests.length).toBe(10);
  test.each(requests)('$name', (vector) => {
    const request = vector.frame as Request; // the file is the shape of both languages
    expect(encoded(request).toString('hex')).toBe(vector.hex);
  });
});

describe('each answer is read as Rust writes it', () => {
  const answers = ofEngine.filter(({ frame }) => frame !== undefined);
  expect(answers.length).toBeGreaterThan(40);
  test.each(answers)('$name', (vector) => {
    expect(told(onlyFrame(bytesOf(vector)))).toEqual(vector.frame);
  });
});

describe('what no engine says is not taken for an answer', () => {
  const unreadable = ofEngine.filter((vector) => vector.unreadable);
  expect(unreadable.length).toBeGreaterThan(10);
  test.each(unreadable)('$name', (vector) => {
    expect(() => readable(onlyFrame(bytesOf(vector)))).toThrow();
  });
});

test('an engine of another version is told from what is no engine', () => {
  const others = ofEngine.filter((vector) => vector.otherVersion !== undefined);
  expect(others.map((vector) => decodeGreeting(onlyFrame(bytesOf(vector))))).toEqual([
    { kind: 'other_version', version: 2 },
  ]);
});

test('any split of a stream gives the same frames', () => {
  const stream = ofEngine.filter(({ frame }) => frame !== undefined).map(bytesOf);
  const whole = new FrameReader().read(Buffer.concat(stream));
  expect(whole.length).toBe(stream.length);
  const asText = ({ kind, number, body }: Frame) => `${kind} ${number} ${body.toString('hex')}`;
  const texts = whole.map(asText);
  const pieces = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(pieces, (sizes) => {
      const reader = new FrameReader();
      const found: Frame[] = [];
      let left = Buffer.concat(stream);
      for (let index = 0; left.length > 0; index += 1) {
        const size = sizes[index % sizes.length] ?? 1;
        found.push(...reader.read(left.subarray(0, size)));
        left = left.subarray(size);
      }
      expect(found.map(asText)).toEqual(texts);
    }),
    { numRuns: 30 }, // some seventy frames, cut into a thousand pieces each
  );
});

test('no bytes are too bad to be read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(255), (bytes, kind) => {
      const frame = { kind, number: 1n, body: Buffer.from(bytes) };
      const answer = decodeAnswer(frame);
      if (answer) expect(Object.values(answerKinds)).toContain(kind);
      decodeGreeting(frame);
    }),
  );
});

function encoded(request: Request): Buffer {
  const number = BigInt(request.number);
  switch (request.kind) {
    case 'fire':
      return encodedFire(number, request);
    case 'ask':
      return encodeAsk(number, request.intentId);
    case 'freeze_here':
      return encodeFreezeHere(number, request);
    case 'status':
      return encodeStatus(number);
  }
}

function encodedFire(
  number: bigint,
  { intent, quantity, digest, mode }: Extract<Request, { kind: 'fire' }>,
): Buffer {
  const parsed = parseFastExecutionRequest({ intent, quantity });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  expect(intentDigest(parsed.digested)).toBe(digest);
  return encodeFire(number, { request: parsed.request, digest, mode });
}

function onlyFrame(bytes: Buffer): Frame {
  const [frame, ...others] = new FrameReader().read(bytes);
  if (!frame || others.length > 0) throw new Error('not one frame');
  return frame;
}

function readable(frame: Frame) {
  const greeting = decodeGreeting(frame);
  const read = greeting.kind === 'greeting' ? greeting : decodeAnswer(frame);
  if (!read) throw new Error('no answer');
  return read;
}

/** As the file tells it: 64-bit numbers are decimal strings. */
function told(frame: Frame): unknown {
  const read = readable(frame);
  const flat =
    read.kind === 'greeting'
      ? { kind: read.kind, ...read.greeting }
      : { ...read, number: frame.number };
  const text = JSON.stringify(flat, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return JSON.parse(text) as unknown;
}
