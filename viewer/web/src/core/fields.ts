/** The fields one can look at: which there are, their colours, the numbers and classes of their legends. */

import type { Catalogue } from "./api";
import type { Key } from "./i18n";
import { parseHex, type Rgb, WATER, WATER_TICKS, waterAlpha, waterColor } from "./palette";

export const DEPTH = "water_depth";
export const MAX_DEPTH = "max_water_depth";
export const FELT = "utci";
export const VOLUME = "traffic_flow";
export const SPEED = "traffic_speed";
/** Class of a building by its energy, as on a certificate. */
export const ENERGY = "energy_class";

/** Fields of water, heat, traffic and energy in the order in which they are offered. */
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
  FELT,
  "max_utci",
  "mean_radiant_temperature",
  "max_mean_radiant_temperature",
  "pet",
  "wbgt",
  "hours_utci_above_26",
  "hours_utci_above_32",
  "hours_utci_above_38",
  "hours_utci_above_46",
  "shadow",
  "sunshine_duration",
  "sky_view_factor",
  "building_sky_view_factor",
  "surface_temperature",
  "max_surface_temperature",
  "air_temperature",
  "max_air_temperature",
  "min_air_temperature",
  "pedestrian_wind_speed",
  VOLUME,
  SPEED,
  "traffic_saturation",
  "queue_length",
  "bicycle_flow",
  "road_noise_power",
  "vehicles_passed",
  "cut_through_share",
  ENERGY,
  "final_energy_per_area",
  "heating_need_per_area",
  "solar_irradiation",
  "specific_yield",
  "energy_saving",
] as const;
export type FieldName = (typeof FIELDS)[number];

/** Fields by what they tell, as the chooser shows them. */
export const FIELD_GROUPS: readonly { words: Key; fields: readonly FieldName[] }[] = [
  { words: "fields.water", fields: FIELDS.slice(0, FIELDS.indexOf(FELT)) },
  { words: "fields.felt", fields: FIELDS.slice(FIELDS.indexOf(FELT), FIELDS.indexOf("hours_utci_above_26")) },
  { words: "fields.hours", fields: FIELDS.slice(FIELDS.indexOf("hours_utci_above_26"), FIELDS.indexOf("shadow")) },
  { words: "fields.shade", fields: FIELDS.slice(FIELDS.indexOf("shadow"), FIELDS.indexOf("surface_temperature")) },
  { words: "fields.air", fields: FIELDS.slice(FIELDS.indexOf("surface_temperature"), FIELDS.indexOf(VOLUME)) },
  { words: "fields.traffic", fields: FIELDS.slice(FIELDS.indexOf(VOLUME), FIELDS.indexOf(ENERGY)) },
  { words: "fields.energy", fields: FIELDS.slice(FIELDS.indexOf(ENERGY)) },
];

const OF_A_MOMENT: readonly FieldName[] = [
  DEPTH,
  "water_speed",
  FELT,
  "mean_radiant_temperature",
  "pet",
  "wbgt",
  "shadow",
  "surface_temperature",
  "air_temperature",
  "pedestrian_wind_speed",
  VOLUME,
  SPEED,
  "traffic_saturation",
  "queue_length",
  "bicycle_flow",
  "road_noise_power",
];

/** Whether a field is one for the whole run, not one for each moment. */
export function isWhole(name: FieldName): boolean {
  return !OF_A_MOMENT.includes(name);
}

export function isHeat(name: FieldName): boolean {
  return FIELDS.indexOf(name) >= FIELDS.indexOf(FELT) && FIELDS.indexOf(name) < FIELDS.indexOf(VOLUME);
}

/** Whether a field goes along streets, not over the ground. */
export function isTraffic(name: FieldName): boolean {
  return FIELDS.indexOf(name) >= FIELDS.indexOf(VOLUME) && !isEnergyField(name);
}

/** Whether a field is one of buildings and their energy. */
export function isEnergyField(name: FieldName): boolean {
  return FIELDS.indexOf(name) >= FIELDS.indexOf(ENERGY);
}

/** The field that a run of some kernels is first shown by, and that streams while it computes. */
export function mainOf(kernels: readonly string[]): FieldName {
  if (kernels.includes("flood")) return DEPTH;
  return kernels.includes("heat") ? FELT : kernels.includes("traffic") ? VOLUME : kernels.includes("energy") ? ENERGY : DEPTH;
}

/** From a quantity's own units to the numbers people read: minutes, not seconds; degrees Celsius, not kelvin. */
export interface Shown {
  units: string;
  factor: number;
  offset: number;
}

/** A value as people read it. */
export function read({ factor, offset }: Shown, value: number): number {
  return value * factor + offset;
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
  /** Equal parts of the ramp from each of these to the next; null spaces it evenly, or by logarithm. */
  breaks: readonly number[] | null;
  /** Words for the parts of the ramp, from each value on, lowest first. */
  grades: readonly Grade[] | null;
  /** B minus A: zero in the middle is nothing. */
  difference: boolean;
}

export interface Grade {
  from: number;
  words: Key;
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

/** Inferno without its black and its palest end, and from sun to shade; as in `assets/palettes.json`. */
const HEAT = ["#10092d", "#40096a", "#6f196e", "#9f2a63", "#cb4149", "#eb6628", "#fb9906", "#f7d340", "#f1ef75"];
const SHADE = ["#f7f1e1", "#d3cfca", "#a3a6b0", "#6c7388", "#3a4257"];

const ZERO_C = 273.15;

/** Stress by UTCI: the assessment scale of Błażejczyk and others (2013), doi:10.7163/GPol.2013.1. */
export const STRESS: readonly Grade[] = [
  { from: ZERO_C + 9, words: "stress.none" },
  { from: ZERO_C + 26, words: "stress.moderate" },
  { from: ZERO_C + 32, words: "stress.strong" },
  { from: ZERO_C + 38, words: "stress.very_strong" },
  { from: ZERO_C + 46, words: "stress.extreme" },
];
/** Where the ramp of the felt temperature ends, K. */
const HOTTEST = ZERO_C + 54;

export function stressWords(utci: number): Key {
  return STRESS[Math.max(0, STRESS.findLastIndex(({ from }) => utci >= from))].words;
}

/** Cividis from pale to dark, as in `assets/palettes.json`: on white, dark is much. */
const MUCH = ["#eed649", "#c8b866", "#a59c74", "#848279", "#666970", "#47516c", "#1e3a6f", "#00224e"];
/** The same turned round, for what is bad where it is low. */
const LITTLE = [...MUCH].reverse();

/** Cooler or less to hotter or more, through nothing: the blue and the orange of better and worse. */
const COOLER_HOTTER = ["#123f7a", "#2b6cb0", "#85aedb", "#f4f1ea", "#e3a478", "#c05621", "#7d3310"];
/** Less is brown, more is teal; as in `assets/palettes.json`. */
const LESS_MORE = ["#7d5210", "#bd8d47", "#e4cda3", "#f4f1ea", "#a6d0ca", "#479890", "#0a5c55"];

const PLAIN: Shown = { units: "1", factor: 1, offset: 0 };
const MINUTES: Shown = { units: "min", factor: 1 / 60, offset: 0 };
const CELSIUS: Shown = { units: "°C", factor: 1, offset: -ZERO_C };
const KM_H: Shown = { units: "km/h", factor: 3.6, offset: 0 };
const PERCENT: Shown = { units: "%", factor: 100, offset: 0 };
/** Where the legends of traffic end, in the quantity's own units. */
const TRAFFIC_SPANS: Readonly<Record<string, readonly [number, number]>> = {
  [VOLUME]: [0, 1000],
  [SPEED]: [0, 50 / 3.6],
  traffic_saturation: [0, 1],
  queue_length: [0, 100],
  bicycle_flow: [0, 200],
  road_noise_power: [60, 90],
  vehicles_passed: [0, 3000],
  cut_through_share: [0, 1],
};
const SHARES: readonly string[] = ["traffic_saturation", "cut_through_share", "shadow", "sky_view_factor", "building_sky_view_factor"];
/** Fields whose legend spans what the map holds: over a day they change more than from street to street. */
const FITTED: readonly FieldName[] = ["air_temperature", "max_air_temperature", "min_air_temperature", "pedestrian_wind_speed", "sunshine_duration", "hours_utci_above_26", "hours_utci_above_32", "hours_utci_above_38", "hours_utci_above_46", "wbgt"];
/** Shortest span that a legend of times gets, s. */
const LEAST_SPAN_S = 600;

/** The class of a value, counted from the lowest. */
export function classOf(classes: readonly Class[], value: number): number {
  return Math.max(0, classes.findLastIndex(({ from }) => value >= from));
}

export function hazardWords(rating: number): Key {
  return HAZARD[classOf(HAZARD, rating)].words;
}

/** Whether the legend of a field spans what the map holds. */
export function isFitted(name: FieldName): boolean {
  return FITTED.includes(name);
}

/** How a field is shown; times span the run that is shown, `end` s; a fitted field spans `span`, where that is known. */
export function lookOf(name: FieldName, catalogue: Catalogue | null, end: number, span: readonly [number, number] | null = null): Look {
  const quantity = catalogue?.quantities[name];
  const rest = { name, water: false, log: false, classes: null, grows: true, breaks: null, grades: null, difference: false };
  if (name === DEPTH || name === MAX_DEPTH) {
    return { ...rest, water: true, stops: WATER.stops, low: WATER.shallow, high: WATER.deep, log: true, ticks: WATER_TICKS, shown: { ...PLAIN, units: "m" } };
  }
  if (name === FELT || name === "max_utci") {
    const breaks = [...STRESS.map(({ from }) => from), HOTTEST];
    return { ...rest, stops: HEAT, low: breaks[0], high: HOTTEST, ticks: breaks.slice(1, -1), shown: CELSIUS, grows: false, breaks, grades: STRESS };
  }
  if (isTraffic(name)) {
    const [low, high] = TRAFFIC_SPANS[name] ?? quantity?.range ?? [0, 1];
    const shown = name === SPEED ? KM_H : SHARES.includes(name) ? PERCENT : { ...PLAIN, units: name === VOLUME || name === "bicycle_flow" ? "veh/h" : (quantity?.units ?? "1") };
    return { ...rest, stops: name === SPEED ? LITTLE : MUCH, low, high, ticks: ticksOf(low, high, shown.factor, shown.offset), shown, grows: false };
  }
  const timed = quantity?.units === "s" || name === "arrival_time" || name.startsWith("duration_");
  const fitted = isFitted(name) ? span : null;
  const [low, high] = timed ? [0, Math.max(LEAST_SPAN_S, end)] : (fitted ?? quantity?.range ?? [0, 2]);
  const classes = name === "max_hazard_rating" ? HAZARD : null;
  const shown = timed ? MINUTES : quantity?.units === "K" ? CELSIUS : SHARES.includes(name) ? PERCENT : { ...PLAIN, units: quantity?.units ?? "1" };
  return {
    ...rest,
    stops: name === "shadow" ? SHADE : isHeat(name) && quantity?.palette !== "viridis" ? HEAT : VIRIDIS,
    low,
    high,
    ticks: classes ? classes.slice(1).map(({ from }) => from) : ticksOf(low, high, shown.factor, shown.offset),
    shown,
    classes,
    grows: name !== "arrival_time" && shown !== CELSIUS && !name.endsWith("view_factor") && name !== "pedestrian_wind_speed",
  };
}

/** How B minus A of a field is shown, up to `most` either way. */
export function differenceLook(name: FieldName, catalogue: Catalogue | null, most: number): Look {
  const { shown } = lookOf(name, catalogue, 0);
  const units = shown.units === "°C" ? "K" : shown.units;
  return {
    name,
    water: false,
    stops: name === SPEED ? [...COOLER_HOTTER].reverse() : isTraffic(name) || (isHeat(name) && !SHARES.includes(name)) ? COOLER_HOTTER : LESS_MORE,
    low: -most,
    high: most,
    log: false,
    // Four digits need the room of two numbers.
    ticks: most * shown.factor >= 1000 ? [-most, 0, most] : [-most, -most / 2, 0, most / 2, most],
    shown: { units: units === "1" && name === MAX_DEPTH ? "m" : units, factor: shown.factor, offset: 0 },
    classes: null,
    grows: true,
    breaks: null,
    grades: null,
    difference: true,
  };
}

/** At most five round numbers between `low` and `high`, round in the units that are shown. */
export function ticksOf(low: number, high: number, factor: number, offset = 0): number[] {
  const rough = ((high - low) * factor) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10) * power;
  const first = Math.ceil((low * factor + offset) / step - 1e-6);
  const count = Math.floor((high * factor + offset) / step + 1e-6) - first + 1;
  return Array.from({ length: count }, (_, i) => ((first + i) * step - offset) / factor);
}

type Scale = Pick<Look, "low" | "high" | "log"> & { breaks?: Look["breaks"] };

/** Where a value lies on the legend, 0 to 1. */
export function shareOf({ low, high, log, breaks }: Scale, value: number): number {
  if (breaks) {
    const part = Math.min(breaks.length - 2, Math.max(0, breaks.findLastIndex((one) => value >= one)));
    const within = (value - breaks[part]) / (breaks[part + 1] - breaks[part]);
    return Math.min(1, Math.max(0, (part + within) / (breaks.length - 1)));
  }
  const share = log ? Math.log(Math.max(value, 1e-6) / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, share));
}

export function valueAt({ low, high, log, breaks }: Scale, share: number): number {
  if (breaks) {
    const at = Math.min(1, Math.max(0, share)) * (breaks.length - 1);
    const part = Math.min(Math.floor(at), breaks.length - 2);
    return breaks[part] + (breaks[part + 1] - breaks[part]) * (at - part);
  }
  return log ? low * (high / low) ** share : low + (high - low) * share;
}

/** Colour of a value, 0..255 per channel. */
export function colorOf(look: Look, value: number): Rgb {
  if (look.water) return waterColor(value);
  if (look.classes) return parseHex(look.classes[classOf(look.classes, value)].color);
  const at = steppedShare(look, value) * (look.stops.length - 1);
  const left = Math.min(Math.floor(at), look.stops.length - 2);
  const [p, q] = [parseHex(look.stops[left]), parseHex(look.stops[left + 1])];
  return [0, 1, 2].map((c) => Math.round(p[c] + (q[c] - p[c]) * (at - left))) as unknown as Rgb;
}

/** Share of the ramp, with a step where one word ends and the next begins, so that the edge is seen on the map. */
function steppedShare(look: Look, value: number): number {
  const share = shareOf(look, value);
  const parts = look.grades?.length;
  if (!parts) return share;
  const part = Math.min(parts - 1, Math.floor(share * parts));
  return (part + 0.22 + 0.56 * (share * parts - part)) / parts;
}

/** How much of the ground a value hides, 0 to 1. */
export function coverOf(look: Look, value: number): number {
  if (look.water) return waterAlpha(value);
  if (look.difference) return 0.9 * Math.min(1, Math.abs(value) / (0.2 * look.high));
  if (look.name === "shadow") return 0.72 * shareOf(look, value);
  if (isHeat(look.name) && !look.grows) return 0.84;
  if (look.classes || !look.grows) return 0.88;
  return 0.88 * Math.min(1, Math.max(0, (shareOf(look, value) - 0.02) / 0.2));
}
