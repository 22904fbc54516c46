/** Colours of the fields, as strips of 256 that the picture reads by code. */

export type Rgb = readonly [number, number, number];

/** Water by depth: 5 cm to 2 m on a logarithmic scale, as the tokens of the look have it. */
export const WATER = { shallow: 0.05, deep: 2, stops: ["#dbeafe", "#a9cdfb", "#6aa5f4", "#3272dd", "#1e40af"] };

/** Depths that the legend names, m. */
export const WATER_TICKS: readonly number[] = [0.05, 0.2, 0.5, 1, 2];

/** Deeper than this the water is hatched: an adult no longer stands safely, a car floats. */
export const HATCH_DEPTH = 0.5;

export function parseHex(hex: string): Rgb {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
}

/** Where a depth lies between shallow (0) and deep (1). */
export function waterShare(depth: number): number {
  const share = Math.log(Math.max(depth, 1e-6) / WATER.shallow) / Math.log(WATER.deep / WATER.shallow);
  return Math.min(1, Math.max(0, share));
}

/** Colour of a depth, 0..255 per channel. */
export function waterColor(depth: number): Rgb {
  const stops = WATER.stops.map(parseHex);
  const at = waterShare(depth) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  return [0, 1, 2].map((c) => Math.round(stops[low][c] + (stops[low + 1][c] - stops[low][c]) * (at - low))) as unknown as Rgb;
}

/** How much of the ground a depth covers: a film of rain is hardly there. */
export function waterAlpha(depth: number): number {
  if (depth < 0.01) return 0;
  if (depth < WATER.shallow) return 0.55 * ((depth - 0.01) / (WATER.shallow - 0.01)) + 0.05;
  return 0.72 + 0.22 * waterShare(depth);
}
