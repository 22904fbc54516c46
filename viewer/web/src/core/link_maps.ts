/** What ribbons show: a value and a width for each link of a network, of one run or of B against A. */

import { colorOf, type FieldName, type Look, SPEED, VOLUME } from "./fields";
import { type Frame, valueOf } from "./frames";
import { PER_THOUSAND_M, THINNEST_M, widthOf } from "./streets";

export interface LinkMap {
  links: readonly string[];
  /** In the units of the field; NaN where it is not known. */
  values: Float32Array;
  /** Of the ribbons, m. */
  widths: Float32Array;
  look: Look;
}

/** The values of a frame, NaN where there are none. */
export function valuesOf(frame: Frame): Float32Array {
  return Float32Array.from(frame.codes, (code, i) => (frame.mask?.[i] ? NaN : valueOf(code, frame)));
}

/** A field of one run; the width of each ribbon is its volume of the moment. */
export function mapOf(links: readonly string[], field: Frame, volume: Frame, look: Look): LinkMap {
  return { links, values: valuesOf(field), widths: Float32Array.from(valuesOf(volume), widthOf), look };
}

/** Values of A in the order of B's links: an edit may add links or take them away. What A lacks is `missing`. */
export function inOrderOf(values: Float32Array, links: readonly string[], wanted: readonly string[], missing: number): Float32Array {
  if (links === wanted || (links.length === wanted.length && links.every((id, i) => id === wanted[i]))) return values;
  const place = new Map(links.map((id, i) => [id, i]));
  return Float32Array.from(wanted, (id) => {
    const at = place.get(id);
    return at === undefined ? missing : values[at];
  });
}

/** B minus A of a field along B's links; a link that A lacks had no traffic. */
export function changeOf(name: FieldName, a: Frame, b: Frame, linksOfA: readonly string[], linksOfB: readonly string[]): Float32Array {
  const before = inOrderOf(valuesOf(a), linksOfA, linksOfB, name === SPEED ? NaN : 0);
  return valuesOf(b).map((value, i) => value - before[i]);
}

/** A round number that all but a few of the changes stay below, at least `least`. */
export function mostChange(values: Float32Array, least: number): number {
  const sizes = [...values].filter(Number.isFinite).map(Math.abs).filter((size) => size > 0).sort((p, q) => p - q);
  const large = Math.max(sizes[Math.ceil(0.98 * (sizes.length - 1))] ?? 0, least);
  const power = 10 ** Math.floor(Math.log10(large));
  return ([1, 2, 5, 10].find((one) => one * power >= large * 0.999) ?? 10) * power;
}

/** A change as ribbons, as wide as it is large. */
export function differenceMap(links: readonly string[], values: Float32Array, look: Look): LinkMap {
  const widths = Float32Array.from(values, (value) =>
    !Number.isFinite(value) ? 0 : look.name === VOLUME ? widthOf(value) : THINNEST_M + PER_THOUSAND_M * Math.min(1, Math.abs(value) / look.high),
  );
  return { links, values, widths, look };
}

/** Grey of what has not changed, or is not known. */
const GREY = [0.72, 0.71, 0.69] as const;

/** Width and colour of one link, as the card reads them: light, 0..1. */
export function paintOf({ values, widths, look }: LinkMap, link: number): [number, number, number, number] {
  const value = values[link];
  const width = widths[link];
  if (!Number.isFinite(value)) return [Number.isFinite(width) ? width : 0, ...GREY];
  if (look.difference && Math.abs(value) < 0.02 * look.high) return [THINNEST_M, ...GREY];
  const [red, green, blue] = colorOf(look, value).map((channel) => (channel / 255) ** 2.2);
  return [width, red, green, blue];
}

/** Mean of a frame over all links, for the course on the timeline. */
export function meanOf(frame: Frame): number {
  let [sum, known] = [0, 0];
  frame.codes.forEach((code, i) => {
    if (frame.mask?.[i]) return;
    sum += valueOf(code, frame);
    known++;
  });
  return known ? sum / known : 0;
}

