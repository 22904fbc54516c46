/** Fields on the graphics card: depths as 8-bit codes on a logarithmic scale, others as a share of their legend. */

import { DataTexture, LinearFilter, NearestFilter, RedFormat, RGBAFormat, RGFormat, UnsignedByteType } from "three";
import type { GridInfo } from "./api";
import { colorOf, coverOf, type Look, shareOf, valueAt } from "./fields";
import { type Frame, valueOf } from "./frames";

/** Scale of the depths on the card: 0 dry, 255 five metres, fine where water is shallow. */
export const OFFSET = 0.02;
export const SCALE = Math.log1p(5 / OFFSET);

/** Fastest flow that the card tells apart, m/s. */
export const FASTEST = 3;

/** What came no deeper than this leaves no trace on the maps of a whole run, m. */
export const TRACE_DEPTH = 0.05;

export function depthOfCode(code: number): number {
  return OFFSET * Math.expm1((code / 255) * SCALE);
}

export function codeOfDepth(depth: number): number {
  return Math.min(255, Math.max(0, Math.round((255 * Math.log1p(depth / OFFSET)) / SCALE)));
}

export class FieldTexture {
  readonly texture: DataTexture;
  private readonly codes: Uint8Array;

  constructor(readonly grid: GridInfo) {
    this.codes = new Uint8Array(grid.nx * grid.ny);
    this.texture = smooth(new DataTexture(this.codes, grid.nx, grid.ny, RedFormat, UnsignedByteType));
  }

  show(frame: Frame): void {
    const translate = translation(frame);
    for (let i = 0; i < this.codes.length; i++) this.codes[i] = translate(frame.codes[i]);
    if (frame.mask) spread(this.codes, frame.mask, this.grid.nx, this.grid.ny);
    this.texture.needsUpdate = true;
  }

  clear(): void {
    this.codes.fill(0);
    this.texture.needsUpdate = true;
  }

  dispose(): void {
    this.texture.dispose();
  }
}

/**
 * A field as its place on a legend: red the share times green, green 255 where there is something. Divided after
 * filtering, the share at a shore is that of the cells that have one.
 */
export class ShareTexture {
  readonly texture: DataTexture;
  private readonly codes: Uint8Array<ArrayBuffer>;

  constructor(readonly grid: GridInfo) {
    this.codes = new Uint8Array(grid.nx * grid.ny * 2);
    this.texture = smooth(new DataTexture(this.codes, grid.nx, grid.ny, RGFormat, UnsignedByteType));
  }

  /** Show a field where `depth`, of the same moment or of the whole run, leaves a trace. */
  show(frame: Frame, depth: Frame | null, look: Look): void {
    shares(frame, depth, look, this.codes);
    if (frame.mask) reach(this.codes, frame.mask, this.grid.nx, this.grid.ny);
    this.texture.needsUpdate = true;
  }

  dispose(): void {
    this.texture.dispose();
  }
}

/** Fill `into` with two bytes for each cell: the share of the legend, and whether there is anything. */
export function shares(frame: Frame, depth: Frame | null, look: Look, into: Uint8Array): void {
  for (let i = 0; i < frame.codes.length; i++) {
    const value = valueOf(frame.codes[i], frame);
    const wet = depth === null || (!depth.mask?.[i] && valueOf(depth.codes[i], depth) >= TRACE_DEPTH);
    const there = wet && !frame.mask?.[i];
    into[2 * i] = there ? Math.round(255 * shareOf(look, value)) : 0;
    into[2 * i + 1] = there ? 255 : 0;
  }
}

/** Let a map reach the walls: a cell in a building takes what one of its neighbours has. */
function reach(codes: Uint8Array, mask: Uint8Array, nx: number, ny: number): void {
  const found: [number, number][] = [];
  for (let j = 0, k = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++, k++) {
      if (!mask[k]) continue;
      const beside = [i > 0 ? k - 1 : -1, i < nx - 1 ? k + 1 : -1, j > 0 ? k - nx : -1, j < ny - 1 ? k + nx : -1];
      const from = beside.find((one) => one >= 0 && codes[2 * one + 1] > 0);
      if (from !== undefined) found.push([k, from]);
    }
  }
  for (const [k, from] of found.map(([to, one]) => [to, [codes[2 * one], codes[2 * one + 1]]] as const)) codes.set(from, 2 * k);
}

/** The flow as two bytes a cell, eastward and northward, 128 still. */
export class FlowTexture {
  readonly texture: DataTexture;
  private readonly codes: Uint8Array<ArrayBuffer>;

  constructor(readonly grid: GridInfo) {
    this.codes = new Uint8Array(grid.nx * grid.ny * 2).fill(128);
    this.texture = smooth(new DataTexture(this.codes, grid.nx, grid.ny, RGFormat, UnsignedByteType));
  }

  show(east: Frame, north: Frame): void {
    const code = (frame: Frame, i: number): number =>
      frame.mask?.[i] ? 128 : Math.min(255, Math.max(0, Math.round(128 + (valueOf(frame.codes[i], frame) / FASTEST) * 127)));
    for (let i = 0; i < east.codes.length; i++) {
      this.codes[2 * i] = code(east, i);
      this.codes[2 * i + 1] = code(north, i);
    }
    this.texture.needsUpdate = true;
  }

  dispose(): void {
    this.texture.dispose();
  }
}

/** The colours of a legend as a strip; classes with sharp edges. */
export function strip(look: Look): DataTexture {
  const bytes = new Uint8Array(256 * 4);
  for (let code = 0; code < 256; code++) {
    const value = look.water ? depthOfCode(code) : valueAt(look, code / 255);
    bytes.set([...colorOf(look, value), Math.round(255 * coverOf(look, value))], code * 4);
  }
  const texture = new DataTexture(bytes, 256, 1, RGBAFormat, UnsignedByteType);
  texture.magFilter = texture.minFilter = look.classes ? NearestFilter : LinearFilter;
  texture.needsUpdate = true;
  return texture;
}

function smooth(texture: DataTexture): DataTexture {
  texture.magFilter = texture.minFilter = LinearFilter;
  texture.unpackAlignment = 1;
  texture.needsUpdate = true;
  return texture;
}

/** Codes of the frame to codes of the card; the same codes where both use the same scale. */
function translation(frame: Frame): (code: number) => number {
  const same = frame.encoding === "uint8 log" && Math.abs(frame.scale - SCALE) < 1e-4 && Math.abs(frame.offset - OFFSET) < 1e-6;
  if (same) return (code) => code;
  const size = frame.encoding === "uint8 log" ? 256 : 65536;
  const table = new Uint8Array(size);
  for (let code = 0; code < size; code++) table[code] = codeOfDepth(Math.max(0, valueOf(code, frame)));
  return (code) => table[code];
}

/** Let the water reach the walls: a cell without data takes the deepest of its neighbours. */
function spread(codes: Uint8Array, mask: Uint8Array, nx: number, ny: number): void {
  const found: [number, number][] = [];
  for (let j = 0, k = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++, k++) {
      if (!mask[k]) continue;
      let most = 0;
      if (i > 0 && !mask[k - 1]) most = Math.max(most, codes[k - 1]);
      if (i < nx - 1 && !mask[k + 1]) most = Math.max(most, codes[k + 1]);
      if (j > 0 && !mask[k - nx]) most = Math.max(most, codes[k - nx]);
      if (j < ny - 1 && !mask[k + nx]) most = Math.max(most, codes[k + nx]);
      found.push([k, most]);
    }
  }
  for (const [k, code] of found) codes[k] = code;
}
