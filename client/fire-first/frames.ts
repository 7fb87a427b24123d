/** The frames of the fire-first door, byte by byte as docs/fire-first.md tells them. */

export const PROTOCOL_VERSION = 1;
export const HEADER_BYTES = 16;
/** The longest frame; whoever announces a longer one has lost the thread. */
export const FRAME_BYTES_MAX = 1_024;
export const MAGIC = 'LGWK';

export const requestKinds = { fire: 0x01, ask: 0x02, freeze_here: 0x03, status: 0x04 } as const;
export const answerKinds = {
  receipt: 0x81,
  standing: 0x82,
  frozen: 0x83,
  status: 0x84,
  greeting: 0xc0,
  refused: 0xc1,
} as const;

/** One frame, as it lies in what was read. */
export interface Frame {
  readonly kind: number;
  /** Of the request; its answer has it too. 0 where a frame answers nothing. */
  readonly number: bigint;
  readonly body: Buffer;
}

/** Header and body, ready to be written. */
export function encodeFrame({ kind, number, body }: Frame): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(body.length, 0);
  header.writeUInt8(kind, 4);
  header.writeBigUInt64LE(number, 8);
  return Buffer.concat([header, body]);
}

/** What follows cannot be read: the length of a frame is one that no frame has. */
export class FramingLostError extends Error {
  override readonly name = 'FramingLostError';
}

/** Frames out of a stream of bytes, however it is cut. */
export class FrameReader {
  #left: Buffer = Buffer.alloc(0);

  /** Every frame that is whole now. Throws `FramingLostError`; the stream is of no use then. */
  read(bytes: Buffer): readonly Frame[] {
    this.#left = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    if (this.#left.length < HEADER_BYTES) return undefined;
    const end = HEADER_BYTES + this.#left.readUInt32LE(0);
    if (end > FRAME_BYTES_MAX || this.#left.readUIntLE(5, 3) !== 0) {
      throw new FramingLostError('the engine has sent what is no frame');
    }
    if (this.#left.length < end) return undefined;
    const frame = {
      kind: this.#left.readUInt8(4),
      number: this.#left.readBigUInt64LE(8),
      body: this.#left.subarray(HEADER_BYTES, end),
    };
    this.#left = this.#left.subarray(end);
    return frame;
  }
}
