/** Arithmetic on frames: the span of what a map holds, and B minus A as a frame of its own. */

import { type Frame, valueOf } from "./frames";

/** Cells at either end that a legend leaves out, as a share: one odd cell must not flatten all others. */
const TAIL = 0.02;
/** Cells looked at for a span, at most. */
const MOST_LOOKED_AT = 40_000;
/** Code of a difference of zero. */
const NOTHING = 32_768;

/** Values of a frame in order, thinned where there are very many. */
function sorted(frame: Frame, size: (value: number) => number = (value) => value): number[] {
  const step = Math.max(1, Math.floor(frame.codes.length / MOST_LOOKED_AT));
  const found: number[] = [];
  for (let i = 0; i < frame.codes.length; i += step) if (!frame.mask?.[i]) found.push(size(valueOf(frame.codes[i], frame)));
  return found.sort((p, q) => p - q);
}

/** Round numbers about all but the outermost values of a frame, at least one step wide; null where it holds nothing. */
export function spanOf(frame: Frame, offset = 0): [number, number] | null {
  const values = sorted(frame);
  if (values.length === 0) return null;
  const low = values[Math.floor(TAIL * (values.length - 1))] + offset;
  const high = values[Math.ceil((1 - TAIL) * (values.length - 1))] + offset;
  const step = stepFor(Math.max(high - low, 0.2));
  const [first, last] = [Math.floor(low / step + 1e-6), Math.ceil(high / step - 1e-6)];
  return [first * step - offset, Math.max(last, first + 1) * step - offset];
}

function stepFor(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width / 4));
  return ([1, 2, 5, 10].find((one) => one * power >= (width / 4) * 0.999) ?? 10) * power;
}

/** A round number that all but the largest changes of a difference stay below, at least `least`. */
export function mostOf(difference: Frame, least: number): number {
  const sizes = sorted(difference, Math.abs).filter((size) => size > 0);
  const large = sizes[Math.ceil(0.98 * (sizes.length - 1))] ?? 0;
  const power = 10 ** Math.floor(Math.log10(Math.max(large, least)));
  return ([1, 2, 5, 10].find((one) => one * power >= Math.max(large, least) * 0.999) ?? 10) * power;
}

/** B minus A, blank where either is; null where the two are not on one grid. */
export function differenceOf(a: Frame, b: Frame): Frame | null {
  if (a.nx !== b.nx || a.ny !== b.ny) return null;
  const values = new Float32Array(a.codes.length);
  const mask = new Uint8Array(a.codes.length);
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    if (a.mask?.[i] || b.mask?.[i]) {
      mask[i] = 1;
      continue;
    }
    values[i] = valueOf(b.codes[i], b) - valueOf(a.codes[i], a);
    most = Math.max(most, Math.abs(values[i]));
  }
  const scale = Math.max(most, 1e-6) / (NOTHING - 1);
  const codes = Uint16Array.from(values, (value) => Math.round(value / scale) + NOTHING);
  return { ...b, encoding: "uint16 linear", scale, offset: -NOTHING * scale, codes, mask };
}
