/** A field on the graphics card: 8-bit codes on a logarithmic scale, whichever way a frame came. */

import { DataTexture, LinearFilter, RedFormat, UnsignedByteType } from "three";
import type { GridInfo } from "./api";
import { type Frame, valueOf } from "./frames";

/** Scale of the codes on the card: 0 dry, 255 five metres, fine where water is shallow. */
export const OFFSET = 0.02;
export const SCALE = Math.log1p(5 / OFFSET);

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
    this.texture = new DataTexture(this.codes, grid.nx, grid.ny, RedFormat, UnsignedByteType);
    this.texture.magFilter = this.texture.minFilter = LinearFilter;
    this.texture.unpackAlignment = 1;
    this.texture.needsUpdate = true;
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
