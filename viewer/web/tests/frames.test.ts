import { describe, expect, test } from "vitest";
import { apart, crc32, fingerprint, FrameDecoder, FrameError, valueOf } from "../src/core/frames";
import vectors from "./vectors/frames.json";

function bytes(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}

describe("a frame", () => {
  test("CRC-32 gives the check value of the standard", () => {
    // ISO 3309 / ITU-T V.42: the nine digits "123456789" give cbf43926.
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });

  test("a key frame brings its codes, its mask and its head", () => {
    const frame = new FrameDecoder().decode(bytes(vectors.key.frame));
    expect([...frame.codes]).toEqual(vectors.key.codes);
    expect([...frame.mask!]).toEqual(vectors.mask);
    expect(frame).toMatchObject({ stream: 7, sequence: 1, time: 60, nx: 7, ny: 5, key: true, last: false, encoding: "uint8 log" });
  });

  test("several that came together are taken apart, and one that is cut short is noticed", () => {
    const one = new Uint8Array(bytes(vectors.key.frame));
    const two = new Uint8Array(one.length * 2);
    two.set(one);
    two.set(one, one.length);
    const found = apart(two.buffer);
    expect(found.map((message) => [...new FrameDecoder().decode(message).codes])).toEqual([vectors.key.codes, vectors.key.codes]);
    expect(() => apart(two.slice(0, one.length + 20).buffer)).toThrow(FrameError);
  });

  test("a change is added to its key frame, modulo 256, and keeps its mask", () => {
    const decoder = new FrameDecoder();
    decoder.decode(bytes(vectors.key.frame));
    const frame = decoder.decode(bytes(vectors.delta.frame));
    expect([...frame.codes]).toEqual(vectors.delta.codes);
    expect([...frame.mask!]).toEqual(vectors.mask);
    expect(frame).toMatchObject({ sequence: 2, time: 120.5, key: false, last: true });
  });

  test("sixteen bits work alike, also unpacked and misaligned", () => {
    const decoder = new FrameDecoder();
    expect([...decoder.decode(bytes(vectors.wide.frame)).codes]).toEqual(vectors.wide.codes);
    expect([...decoder.decode(bytes(vectors.wideDelta.frame)).codes]).toEqual(vectors.wideDelta.codes);
    expect([...new FrameDecoder().decode(bytes(vectors.plain.frame)).codes]).toEqual(vectors.plain.codes);
  });

  test("the same codes have the same fingerprint however they came", () => {
    const packed = new FrameDecoder().decode(bytes(vectors.key.frame));
    const plain = new FrameDecoder().decode(bytes(vectors.plain.frame));
    expect(fingerprint(packed)).toBe(fingerprint(plain));
  });

  test("codes become metres by the formula of the format", () => {
    const scale = Math.log1p(5 / 0.02);
    const log = { encoding: "uint8 log", scale, offset: 0.02 } as const;
    expect(valueOf(0, log)).toBe(0);
    expect(valueOf(255, log)).toBeCloseTo(5, 6);
    expect(valueOf(1500, { encoding: "uint16 linear", scale: 0.001, offset: -2 })).toBeCloseTo(-0.5, 9);
  });

  test("every damaged byte is noticed", () => {
    const good = bytes(vectors.key.frame);
    for (let at = 0; at < good.byteLength; at++) {
      const bad = new Uint8Array(good.slice(0));
      bad[at] ^= 0x40;
      expect(() => new FrameDecoder().decode(bad.buffer), `byte ${at}`).toThrow(FrameError);
    }
    expect(() => new FrameDecoder().decode(good.slice(0, 40))).toThrow(/64 bytes/);
  });

  test("a change without its key frame asks for one", () => {
    expect.assertions(2);
    try {
      new FrameDecoder().decode(bytes(vectors.delta.frame));
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
      expect((error as FrameError).recoverable).toBe(true);
    }
  });
});
