/** Geometry of streets: ribbons beside their centre lines, where on them a vehicle is, and which street is meant. */

import type { Street } from "./api";
import type { Point } from "./state";

/** Last letter of a link's id: along the line of its street, or against it. */
const ALONG = ">";

/** Pieces of a ribbon are no longer than this, so that it follows the ground, m. */
const STEP_M = 12;
/** Ribbons stop short of their crossings by this, or by a fifth of a short street, m. */
const TRIM_M = 4;
/** The end of a ribbon is pointed over this length: it says which way one drives, m. */
const TIP_M = 5;
/** A bend widens a ribbon no more than this. */
const MITER = 1.8;

/** Width of a ribbon without any traffic, and for each 1,000 vehicles an hour, m. */
export const THINNEST_M = 0.9;
export const PER_THOUSAND_M = 6;
export const WIDEST_M = 14;

/** The street of a link, and whether it runs along its line. */
export function linkOf(id: string): { street: string; along: boolean } {
  return { street: id.slice(0, -1), along: id.endsWith(ALONG) };
}

/** The line of a link in the direction of travel. */
export function lineOf(street: Street, along: boolean): readonly Point[] {
  return along ? street.points : [...street.points].reverse();
}

/** Width by volume, m; flow in vehicles an hour. */
export function widthOf(flow: number): number {
  return Number.isFinite(flow) ? Math.min(WIDEST_M, THINNEST_M + (PER_THOUSAND_M * Math.abs(flow)) / 1000) : 0;
}

/** Numbers of one station of a ribbon: x, y, across to the right in x and y, and 0 at the tip, 1 elsewhere. */
export const STATION = 5;

/** Stations of a ribbon along a line, from its begin to its tip; empty for a line without length. */
export function ribbon(line: readonly Point[]): Float32Array {
  const places = along(line);
  const length = places.at(-1)?.at ?? 0;
  if (length <= 0) return new Float32Array(0);
  const trim = Math.min(TRIM_M, length / 5);
  const [from, to] = [trim, length - trim];
  const tip = Math.max(to - TIP_M, (from + to) / 2);
  const stops = new Set<number>([from, tip, to]);
  for (const { at } of places) if (at > from && at < to) stops.add(at);
  const kept = [...stops].sort((p, q) => p - q);
  const all = kept.flatMap((at, i) => {
    if (i === 0) return [at];
    const pieces = Math.ceil((at - kept[i - 1]) / STEP_M);
    return Array.from({ length: pieces }, (_, k) => kept[i - 1] + ((at - kept[i - 1]) * (k + 1)) / pieces);
  });
  const found = new Float32Array(all.length * STATION);
  all.forEach((at, i) => {
    const { x, y, across } = placeAt(places, at);
    found.set([x, y, across[0], across[1], i === all.length - 1 ? 0 : 1], i * STATION);
  });
  return found;
}

interface Corner {
  x: number;
  y: number;
  /** Length from the begin, m. */
  at: number;
  /** Unit vector to the right of the piece that begins here; the last corner takes that of the piece before it. */
  right: readonly [number, number];
}

/** Corners of a line with what they are from its begin; points that fall together are one. */
export function along(line: readonly Point[]): Corner[] {
  const found: Corner[] = [];
  let at = 0;
  for (const [x, y] of line) {
    const before = found.at(-1);
    if (before) {
      const [dx, dy] = [x - before.x, y - before.y];
      const length = Math.hypot(dx, dy);
      if (length < 1e-6) continue;
      before.right = [dy / length, -dx / length];
      at += length;
    }
    found.push({ x, y, at, right: before?.right ?? [0, 0] });
  }
  return found;
}

/** A place on a line, and the vector to its right, longer in a bend. */
function placeAt(places: readonly Corner[], at: number): { x: number; y: number; across: readonly [number, number] } {
  const i = pieceAt(places, at);
  const [p, q] = [places[i], places[i + 1]];
  const share = (at - p.at) / (q.at - p.at);
  const [x, y] = [p.x + (q.x - p.x) * share, p.y + (q.y - p.y) * share];
  if (share > 1e-6 || i === 0) return { x, y, across: p.right };
  const before = places[i - 1].right;
  const [mx, my] = [before[0] + p.right[0], before[1] + p.right[1]];
  const length = Math.hypot(mx, my);
  if (length < 1e-3) return { x, y, across: p.right };
  const longer = Math.min(MITER, 2 / length);
  return { x, y, across: [(mx / length) * longer, (my / length) * longer] };
}

/** The piece of a line that holds a length from its begin. */
function pieceAt(places: readonly Corner[], at: number): number {
  let [low, high] = [0, places.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (places[middle].at <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where a vehicle is that has driven a share of a line, beside its middle; heading in radians from the east. */
export function driven(places: readonly Corner[], share: number, beside: number): { x: number; y: number; heading: number } {
  const length = places[places.length - 1].at;
  const at = Math.min(1, Math.max(0, share)) * length;
  const i = pieceAt(places, at);
  const [p, q] = [places[i], places[i + 1]];
  const part = (at - p.at) / (q.at - p.at);
  return {
    x: p.x + (q.x - p.x) * part + p.right[0] * beside,
    y: p.y + (q.y - p.y) * part + p.right[1] * beside,
    heading: Math.atan2(q.y - p.y, q.x - p.x),
  };
}

/** The street nearest to a point, no further than `most` m from its line; null where there is none. */
export function nearestStreet(streets: readonly Street[], [x, y]: Point, most: number): Street | null {
  let [best, nearest]: [Street | null, number] = [null, most];
  for (const street of streets) {
    for (let i = 1; i < street.points.length; i++) {
      const [[ax, ay], [bx, by]] = [street.points[i - 1], street.points[i]];
      const [dx, dy] = [bx - ax, by - ay];
      const share = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      const away = Math.hypot(x - ax - dx * share, y - ay - dy * share);
      if (away < nearest) [best, nearest] = [street, away];
    }
  }
  return best;
}
