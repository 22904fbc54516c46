/** The fields one can look at: which there are, their colours, the numbers and classes of their legends. */

import type { Catalogue } from "./api";
import type { Key } from "./i18n";
import { parseHex, type Rgb, WATER, WATER_TICKS, waterAlpha, waterColor } from "./palette";

export const DEPTH = "water_depth";
export const MAX_DEPTH = "max_water_depth";

/** Fields of the water in the order in which they are offered. */
export const FIELDS = [
  DEPTH,
  "water_speed",
  MAX_DEPTH,
  "max_water_speed",
  "max_unit_discharge",
  "max_hazard_rating",
  "arrival_time",
  "duration_10",
  "duration_25",
  "duration_50",
] as const;
export type FieldName = (typeof FIELDS)[number];

/** Whether a field is one for the whole run, not one for each moment. */
export function isWhole(name: FieldName): boolean {
  return name !== DEPTH && name !== "water_speed";
}

/** From the share of the legend to the numbers people read: hours and minutes, not seconds. */
interface Shown {
  units: string;
  factor: number;
}

export interface Class {
  from: number;
  color: string;
  words: Key;
}

export interface Look {
  name: FieldName;
  /** Drawn as water with a surface, not as a map on the ground. */
  water: boolean;
  stops: readonly string[];
  low: number;
  high: number;
  log: boolean;
  /** Numbers of the legend, in the quantity's own units; at most five. */
  ticks: readonly number[];
  shown: Shown;
  /** Classes instead of a ramp, lowest first. */
  classes: readonly Class[] | null;
  /** Zero is nothing, and little is little to see. */
  grows: boolean;
}

/** Stops of viridis (CC0-1.0), as in `assets/palettes.json`. */
const VIRIDIS = ["#440154", "#472f7d", "#39568c", "#2a788e", "#1f988b", "#35b779", "#7ad151", "#d2e21b"];

/**
 * Hazard to people by the rating d (v + 0.5) + DF: table 13.1 of the Defra and Environment Agency guidance FD2321/TR1
 * (2006). Pale to dark, told apart without red or green.
 */
const HAZARD: readonly Class[] = [
  { from: 0, color: "#f3e3b3", words: "hazard.low" },
  { from: 0.75, color: "#efa94a", words: "hazard.moderate" },
  { from: 1.25, color: "#c8503c", words: "hazard.significant" },
  { from: 2.0, color: "#6b1d52", words: "hazard.extreme" },
];

const MINUTES: Shown = { units: "min", factor: 1 / 60 };
/** Shortest span that a legend of times gets, s. */
const LEAST_SPAN_S = 600;

/** The class of a value, counted from the lowest. */
export function classOf(classes: readonly Class[], value: number): number {
  return Math.max(0, classes.findLastIndex(({ from }) => value >= from));
}

export function hazardWords(rating: number): Key {
  return HAZARD[classOf(HAZARD, rating)].words;
}

/** How a field is shown; times span the run that is shown, `end` s. */
export function lookOf(name: FieldName, catalogue: Catalogue | null, end: number): Look {
  const quantity = catalogue?.quantities[name];
  const water = name === DEPTH || name === MAX_DEPTH;
  if (water) {
    return { name, water, stops: WATER.stops, low: WATER.shallow, high: WATER.deep, log: true, ticks: WATER_TICKS, shown: { units: "m", factor: 1 }, classes: null, grows: true };
  }
  const timed = quantity?.units === "s" || name === "arrival_time" || name.startsWith("duration_");
  const [low, high] = timed ? [0, Math.max(LEAST_SPAN_S, end)] : (quantity?.range ?? [0, 2]);
  const classes = name === "max_hazard_rating" ? HAZARD : null;
  return {
    name,
    water,
    stops: VIRIDIS,
    low,
    high,
    log: false,
    ticks: classes ? classes.slice(1).map(({ from }) => from) : ticksOf(low, high, timed ? MINUTES.factor : 1),
    shown: timed ? MINUTES : { units: quantity?.units ?? "1", factor: 1 },
    classes,
    grows: name !== "arrival_time",
  };
}

/** At most five round numbers between `low` and `high`, round in the units that are shown. */
export function ticksOf(low: number, high: number, factor: number): number[] {
  const rough = ((high - low) * factor) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10) * power;
  const first = Math.ceil((low * factor) / step - 1e-9);
  const count = Math.floor((high * factor) / step + 1e-6) - first + 1;
  return Array.from({ length: count }, (_, i) => ((first + i) * step) / factor);
}

/** Where a value lies on the legend, 0 to 1. */
export function shareOf(look: Pick<Look, "low" | "high" | "log">, value: number): number {
  const share = look.log
    ? Math.log(Math.max(value, 1e-6) / look.low) / Math.log(look.high / look.low)
    : (value - look.low) / (look.high - look.low);
  return Math.min(1, Math.max(0, share));
}

export function valueAt(look: Pick<Look, "low" | "high" | "log">, share: number): number {
  return look.log ? look.low * (look.high / look.low) ** share : look.low + (look.high - look.low) * share;
}

/** Colour of a value, 0..255 per channel. */
export function colorOf(look: Look, value: number): Rgb {
  if (look.water) return waterColor(value);
  if (look.classes) return parseHex(look.classes[classOf(look.classes, value)].color);
  const at = shareOf(look, value) * (look.stops.length - 1);
  const left = Math.min(Math.floor(at), look.stops.length - 2);
  const [p, q] = [parseHex(look.stops[left]), parseHex(look.stops[left + 1])];
  return [0, 1, 2].map((c) => Math.round(p[c] + (q[c] - p[c]) * (at - left))) as unknown as Rgb;
}

/** How much of the ground a value hides, 0 to 1. */
export function coverOf(look: Look, value: number): number {
  if (look.water) return waterAlpha(value);
  if (look.classes || !look.grows) return 0.88;
  return 0.88 * Math.min(1, Math.max(0, (shareOf(look, value) - 0.02) / 0.2));
}
