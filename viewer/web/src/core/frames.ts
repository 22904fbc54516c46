/** Decode one binary frame of the stream: header, checksum, zstd, mask, delta against a key frame. */

import { decompress } from "fzstd";

export const HEADER_BYTES = 64;
const MAGIC = 0x464c5842; // "BXLF", little-endian
const KEY = 1;
const ZSTD = 2;
const MASK = 4;
const LAST = 8;

export type Encoding = "uint8 log" | "uint16 linear";

export interface Frame {
  stream: number;
  sequence: number;
  /** Model time, s. */
  time: number;
  nx: number;
  ny: number;
  encoding: Encoding;
  key: boolean;
  last: boolean;
  scale: number;
  offset: number;
  /** Codes, row 0 = south, x fastest. */
  codes: Uint8Array | Uint16Array;
  /** 1 where there is no data; null where every cell has some. */
  mask: Uint8Array | null;
}

/** A frame that cannot be read; `recoverable` where a fresh key frame would help. */
export class FrameError extends Error {
  constructor(
    message: string,
    readonly recoverable: boolean,
  ) {
    super(message);
    this.name = "FrameError";
  }
}

const CRC = new Uint32Array(256).map((_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 (ISO 3309) of `bytes`, continuing from `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let value = ~before;
  for (let i = 0; i < bytes.length; i++) value = CRC[(value ^ bytes[i]) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

/** Messages that came one after another, each for itself. */
export function apart(messages: ArrayBuffer): ArrayBuffer[] {
  const found: ArrayBuffer[] = [];
  for (let at = 0; at < messages.byteLength; ) {
    if (at + HEADER_BYTES > messages.byteLength) throw new FrameError("frames end within a header", true);
    const size = HEADER_BYTES + new DataView(messages, at, HEADER_BYTES).getUint32(56, true);
    found.push(messages.slice(at, at + size));
    at += size;
  }
  return found;
}

/** The quantity behind one code. */
export function valueOf(code: number, frame: Pick<Frame, "encoding" | "scale" | "offset">): number {
  return frame.encoding === "uint8 log"
    ? frame.offset * Math.expm1((code / 255) * frame.scale)
    : frame.offset + frame.scale * code;
}

/** Keeps the last key frame of one stream, against which delta frames are written. */
export class FrameDecoder {
  private base: Frame | null = null;

  /**
   * Read one message.
   *
   * @throws FrameError the message is damaged, or a delta came without its key frame.
   */
  decode(message: ArrayBuffer): Frame {
    const frame = readFrame(message, this.base);
    if (frame.key) this.base = frame;
    return frame;
  }
}

function readFrame(message: ArrayBuffer, base: Frame | null): Frame {
  if (message.byteLength < HEADER_BYTES) throw new FrameError(`a frame has 64 bytes of header, got ${message.byteLength} bytes`, true);
  const head = new DataView(message, 0, HEADER_BYTES);
  if (head.getUint32(0, true) !== MAGIC) throw new FrameError("a frame starts with BXLF; this message does not", false);
  if (head.getUint8(4) !== 1) throw new FrameError(`frame version 1 expected, got ${head.getUint8(4)}: reload the page`, false);
  const flags = head.getUint8(6);
  const payloadLength = head.getUint32(56, true);
  if (message.byteLength !== HEADER_BYTES + payloadLength) {
    throw new FrameError(`payload of ${payloadLength} bytes announced, ${message.byteLength - HEADER_BYTES} came`, true);
  }
  const sent = new Uint8Array(message, HEADER_BYTES, payloadLength);
  const sum = crc32(sent, crc32(new Uint8Array(message, 0, 60)));
  if (sum !== head.getUint32(60, true)) throw new FrameError("checksum of the frame does not match", true);

  const nx = head.getUint32(12, true);
  const ny = head.getUint32(48, true);
  const wide = head.getUint8(5) === 2;
  const maskBytes = flags & MASK ? head.getUint32(52, true) : 0;
  const cells = nx * ny;
  const size = maskBytes + cells * (wide ? 2 : 1);
  const payload = flags & ZSTD ? decompress(sent, new Uint8Array(size)) : sent;
  if (payload.length !== size) throw new FrameError(`${size} bytes of values expected, got ${payload.length}`, true);
  const values = payload.slice(maskBytes);
  const key = (flags & KEY) !== 0;
  const frame: Frame = {
    stream: head.getUint32(8, true),
    sequence: Number(head.getBigUint64(16, true)),
    time: head.getFloat64(24, true),
    nx,
    ny,
    encoding: wide ? "uint16 linear" : "uint8 log",
    key,
    last: (flags & LAST) !== 0,
    scale: head.getFloat32(40, true),
    offset: head.getFloat32(44, true),
    codes: wide ? new Uint16Array(values.buffer, 0, cells) : values,
    mask: maskBytes ? unpackBits(payload.subarray(0, maskBytes), cells) : null,
  };
  return key ? frame : undelta(frame, Number(head.getBigUint64(32, true)), base);
}

/** Add the key frame; typed arrays wrap at 2^8 and 2^16, as the format asks. */
function undelta(frame: Frame, baseSequence: number, base: Frame | null): Frame {
  if (!base || base.sequence !== baseSequence || base.codes.length !== frame.codes.length) {
    throw new FrameError(`frame ${frame.sequence} is a change of frame ${baseSequence}, which is not here`, true);
  }
  for (let i = 0; i < frame.codes.length; i++) frame.codes[i] += base.codes[i];
  return { ...frame, mask: base.mask };
}

function unpackBits(bits: Uint8Array, cells: number): Uint8Array {
  const mask = new Uint8Array(cells);
  for (let i = 0; i < cells; i++) mask[i] = (bits[i >> 3] >> (i & 7)) & 1;
  return mask;
}

/** A short fingerprint of what a frame shows, the same for the same codes however they came. */
export function fingerprint(frame: Frame): string {
  const { codes } = frame;
  return crc32(new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength)).toString(16).padStart(8, "0");
}
