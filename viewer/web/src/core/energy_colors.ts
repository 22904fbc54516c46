/** Colours of energy: classes of buildings as on Belgian certificates, ramps of other numbers, and of what flows. */

import type { Tinter } from "../layers/buildings";
import { ENERGY, type FieldName, isEnergyField } from "./fields";
import { parseHex } from "./palette";
import { session, type Side, view } from "./state";

/** From the best class to the worst; the letter stands beside the colour wherever it is a message. */
export const CLASS_COLORS: Readonly<Record<string, string>> = {
  "A++": "#0b5d43",
  "A+": "#11824f",
  A: "#43a047",
  B: "#8bbf3f",
  C: "#cbd53a",
  D: "#f5d327",
  E: "#f3a32a",
  F: "#e56d2b",
  G: "#c62f2f",
};

/** Classes on whose colour dark letters are read better. */
export const PALE: readonly string[] = ["B", "C", "D", "E"];

/** What flows, by colours that eyes of every kind tell apart; after Okabe and Ito, darker where words stand on them. */
export const FLOW_COLORS: Readonly<Record<string, string>> = {
  sun: "#e6a11a",
  grid: "#2467a8",
  fuel: "#8a6a4f",
  ambient: "#3fa7a0",
  heating: "#cf5b2e",
  water: "#e79b83",
  appliances: "#6b7787",
  pumps: "#3fa7a0",
  cooling: "#6db3e3",
  vehicles: "#8362a8",
  network: "#b4628f",
  store: "#2f8f5b",
  loss: "#bab3a5",
  given: "#f1c75b",
};

const MUCH = ["#eed649", "#a59c74", "#666970", "#1e3a6f", "#00224e"];
const SUNNY = ["#4b3a6b", "#a1486f", "#e0763f", "#f3b53a", "#fbe67c"];
const LESS_MORE = ["#123f7a", "#2b6cb0", "#85aedb", "#e9e4da", "#e3a478", "#c05621", "#7d3310"];

export interface Ramp {
  stops: readonly string[];
  low: number;
  high: number;
  ticks: readonly number[];
  units: string;
  /** Colours roofs alone. */
  roofs: boolean;
}

const RAMPS: Partial<Record<FieldName, Ramp>> = {
  final_energy_per_area: { stops: MUCH, low: 0, high: 300, ticks: [0, 100, 200, 300], units: "kWh/m²", roofs: false },
  heating_need_per_area: { stops: MUCH, low: 0, high: 240, ticks: [0, 80, 160, 240], units: "kWh/m²", roofs: false },
  solar_irradiation: { stops: SUNNY, low: 400, high: 1200, ticks: [400, 600, 800, 1000, 1200], units: "kWh/m²", roofs: true },
  specific_yield: { stops: SUNNY, low: 500, high: 1000, ticks: [500, 625, 750, 875, 1000], units: "kWh/kWp", roofs: true },
};

/** The field of buildings that is shown: the chosen one, or the class. */
export function fieldShown(): FieldName {
  return isEnergyField(view.state.field) ? view.state.field : ENERGY;
}

/** Whether B minus A is shown. */
export function isDifference(): boolean {
  const { energy } = session.state;
  return view.state.difference && !!energy?.runs.a && !!energy.runs.b && fieldShown() !== "energy_saving";
}

/** Kilowatt-hours by square metre that differ; a class differs by its number. */
export function differenceRamp(): Ramp {
  return { stops: LESS_MORE, low: -100, high: 100, ticks: [-100, -50, 0, 50, 100], units: fieldShown() === "specific_yield" ? "kWh/kWp" : "kWh/m²", roofs: false };
}

/** How a field is coloured; null where it is by classes or states. */
export function rampOf(field: FieldName): Ramp | null {
  return RAMPS[field] ?? null;
}

export function colorAt({ stops, low, high }: Ramp, value: number): string {
  const at = Math.min(1, Math.max(0, (value - low) / (high - low))) * (stops.length - 1);
  const left = Math.min(Math.floor(at), stops.length - 2);
  const [p, q] = [parseHex(stops[left]), parseHex(stops[left + 1])];
  return `#${[0, 1, 2].map((c) => Math.round(p[c] + (q[c] - p[c]) * (at - left)).toString(16).padStart(2, "0")).join("")}`;
}

/** A number of a building in the run of a side; null where it is not known. */
export function numberOf(side: Side, id: string, key: string): number | null {
  const run = session.state.energy?.runs[side];
  const row = run?.rows.get(id);
  return row === undefined ? null : (run!.buildings.values[key]?.[row] ?? null);
}

export function classOfBuilding(side: Side, id: string): string | null {
  const run = session.state.energy?.runs[side];
  const row = run?.rows.get(id);
  return row === undefined ? null : run!.buildings.classes[row];
}

export const SITE_COLORS = { alarm: "#c05621", before: "#d9a441", calm: "#7d93a8", unknown: "#b9b4a8" } as const;

/** Colour of a building on a side, as CSS; null leaves it white. */
function colorOf(id: string, side: Side): string | null {
  const { runs, monitoring } = session.state.energy!;
  const field = fieldShown();
  if (field === "energy_saving") {
    const site = monitoring?.sites.find(({ building }) => building === id);
    return site ? SITE_COLORS[site.state] : null;
  }
  const own = runs[side] ? side : side === "b" ? "a" : "b";
  if (isDifference()) {
    const key = field === ENERGY ? "primary_energy_per_area" : field;
    const [a, b] = [numberOf("a", id, key), numberOf("b", id, key)];
    return a === null || b === null || Math.abs(b - a) < 0.5 ? null : colorAt(differenceRamp(), b - a);
  }
  if (field === ENERGY) {
    const letter = classOfBuilding(own, id);
    return letter === null ? null : CLASS_COLORS[letter];
  }
  const value = numberOf(own, id, field);
  const ramp = rampOf(field);
  return value === null || !ramp ? null : colorAt(ramp, value);
}

/** The colours of all buildings as the picture wants them. */
export function tinter(): Tinter {
  if (!session.state.energy || view.state.hidden.includes("water")) return () => null;
  const weight = 0.88 + (rampOf(fieldShown())?.roofs && !isDifference() ? 2 : 0);
  return (id, side) => {
    const color = colorOf(id, side);
    if (!color) return null;
    const [red, green, blue] = parseHex(color).map((channel) => (channel / 255) ** 2.2);
    return [red, green, blue, weight];
  };
}
