/** The forms of energy: what each change asks for, and how it is said in a scenario. */

import type { EnergyKey } from "./energy_words";
import type { Tool } from "./works";

export interface Field {
  name: string;
  words: EnergyKey;
  /** Number of a slider, one of some words, a network that was drawn before, or free words. */
  kind: "number" | "choice" | "network" | "text";
  units?: string;
  /** From the number of the scenario to the one that is read. */
  factor?: number;
  min?: number;
  max?: number;
  step?: number;
  start: number | string;
  options?: readonly (readonly [string, EnergyKey])[];
  /** Shown, and said, only where another field is so. */
  when?: readonly [string, string];
}

export interface Form {
  tool: Tool;
  fields: readonly Field[];
  /** What is chosen on the map: buildings, a point, or both. */
  buildings: boolean;
  point: EnergyKey | null;
}

const share = (name: string, words: EnergyKey, start: number, min = 0.05, max = 1): Field => ({ name, words, kind: "number", units: "%", factor: 100, min, max, step: 0.05, start });
const amount = (name: string, words: EnergyKey, units: string, min: number, max: number, step: number, start: number): Field => ({ name, words, kind: "number", units, min, max, step, start });
const choice = (name: string, words: EnergyKey, options: Field["options"], start: string): Field => ({ name, words, kind: "choice", options, start });

const SOURCES = [
  ["air_heat_pump", "source.air_heat_pump"],
  ["ground_heat_pump", "source.ground_heat_pump"],
  ["gas_boiler", "source.gas_boiler"],
  ["wood_boiler", "source.wood_boiler"],
  ["resistance", "source.resistance"],
] as const;
const EMITTERS = [
  ["", "form.as_is"],
  ["radiator", "emitter.radiator"],
  ["floor", "emitter.floor"],
  ["air", "emitter.air"],
] as const;

export const FORMS: readonly Form[] = [
  {
    tool: "renovate",
    buildings: true,
    point: null,
    fields: [choice("standard", "form.standard", [["light", "standard.light"], ["deep", "standard.deep"], ["passive", "standard.passive"]], "deep")],
  },
  {
    tool: "solar_modules",
    buildings: true,
    point: null,
    fields: [
      choice("on", "form.on", [["roofs", "on.roofs"], ["facades", "on.facades"]], "roofs"),
      share("share", "form.share", 0.6),
      amount("least_irradiation_kwh_m2", "form.least", "kWh/m²", 300, 1000, 25, 650),
      choice("module", "form.module", [["premium", "module.premium"], ["standard", "module.standard"], ["thin_film", "module.thin_film"]], "premium"),
    ],
  },
  {
    tool: "heat_supply",
    buildings: true,
    point: null,
    fields: [choice("source", "form.source", SOURCES, "air_heat_pump"), choice("emitter", "form.emitter", EMITTERS, ""), share("cover", "form.cover", 1, 0.1), choice("cooled", "form.cooled", [["", "form.as_is"], ["0", "cooled.none"], ["0.5", "cooled.half"], ["1", "cooled.all"]], "")],
  },
  {
    tool: "heat_network",
    buildings: true,
    point: "form.plant",
    fields: [
      choice("source", "form.source", [["ground", "plant.ground"], ["sewer", "plant.sewer"], ["air", "plant.air"], ["waste", "plant.waste"], ["gas", "plant.gas"]], "ground"),
      share("cover", "form.cover", 0.6),
      amount("supply_c", "form.supply", "°C", 30, 90, 5, 60),
      amount("back_c", "form.back", "°C", 20, 60, 5, 35),
      { ...amount("waste_heat_kw", "form.waste", "kW", 50, 5000, 50, 500), when: ["source", "waste"] },
    ],
  },
  {
    tool: "geothermal_field",
    buildings: false,
    point: "form.field",
    fields: [{ name: "network", words: "form.network", kind: "network", start: "" }, amount("boreholes", "form.boreholes", "", 4, 300, 4, 60), amount("depth_m", "form.depth", "m", 50, 300, 10, 150), amount("spacing_m", "form.spacing", "m", 5, 12, 0.5, 7)],
  },
  {
    tool: "sewer_heat",
    buildings: false,
    point: "form.intake",
    fields: [{ name: "network", words: "form.network", kind: "network", start: "" }, { name: "sewer", words: "form.sewer", kind: "text", start: "C1" }, amount("flow_l_s", "form.flow", "l/s", 5, 1000, 5, 200)],
  },
  {
    tool: "battery",
    buildings: true,
    point: null,
    fields: [amount("kwh_per_kwp", "form.per_peak", "kWh/kWp", 0, 4, 0.25, 1), amount("kwh_per_building", "form.per_building", "kWh", 0, 100, 1, 0), amount("hours", "form.hours", "h", 1, 8, 0.5, 2)],
  },
  { tool: "heat_store", buildings: true, point: null, fields: [amount("litres_per_m2", "form.litres", "l/m²", 0.5, 20, 0.5, 2)] },
  { tool: "vehicle_share", buildings: true, point: null, fields: [share("share", "form.cars", 0.5), amount("flexible_hours", "form.flexible", "h", 0, 12, 1, 4)] },
  { tool: "set_points", buildings: true, point: null, fields: [amount("heating_k", "form.heating", "K", -5, 5, 0.5, -1), amount("cooling_k", "form.cooling", "K", -5, 5, 0.5, 0)] },
];

export type Said = Record<string, unknown>;

/** Which buildings a form is for. */
export interface Where {
  uses?: string[];
  year_from?: number;
  year_to?: number;
  unknown_years?: boolean;
  sectors?: string[];
  owners?: string[];
}

/** The start of every field of a form. */
export function startsOf({ fields }: Form): Record<string, number | string> {
  return Object.fromEntries(fields.map(({ name, start }) => [name, start]));
}

/** Fields that hold as others are set. */
export function fieldsOf({ fields }: Form, values: Readonly<Record<string, number | string>>): readonly Field[] {
  return fields.filter(({ when }) => !when || values[when[0]] === when[1]);
}

/** What an edit says beside its buildings and its point. */
export function saidBy(form: Form, values: Readonly<Record<string, number | string>>, where: Where | null): Said {
  // What is left as it is is not said; a share that is chosen is a number all the same.
  const said: Said = Object.fromEntries(fieldsOf(form, values).filter(({ name }) => values[name] !== "").map(({ name }) => [name, name === "cooled" ? Number(values[name]) : values[name]]));
  return { ...(where ? { where } : {}), ...said };
}
