/** What one can draw into B: the tools, named as the edits of a scenario, which shape each draws, and the numbers and choices that go with it. */

import { type Day, DAYS, EVERY_DAY, quartersOf, WHOLE_DAY } from "./hours";
import type { Key } from "./i18n";

export const TOOLS = [
  "wall",
  "kerb",
  "swale",
  "rain_garden",
  "permeable_paving",
  "depave",
  "basin",
  "green_roof",
  "raised_threshold",
  "block_drain",
  "land_cover",
  "add_building",
  "tree",
  "move_tree",
  "remove_tree",
  "shade_sail",
  "albedo",
  "cool_roof",
  "close_street",
  "speed_limit",
  "bike_lane",
  "low_traffic_neighbourhood",
  "school_street",
  "travel_demand",
  "renovate",
  "solar_modules",
  "heat_supply",
  "heat_network",
  "geothermal_field",
  "sewer_heat",
  "battery",
  "heat_store",
  "vehicle_share",
  "set_points",
  "building_facts",
  "exemplary_building",
] as const;
export type Tool = (typeof TOOLS)[number];

export type Value = number | string;
export type Values = Readonly<Record<string, Value>>;

/** A number that a slider sets; `field` is the name it has in a scenario. */
export interface Knob {
  field: string;
  words: Key;
  units: "m" | "mm" | "%" | "m3" | "km/h" | "1";
  /** From the number of the scenario to the one that is read. */
  factor: number;
  min: number;
  max: number;
  step: number;
  start: number;
}

/** One of a few words; `covers` offers the land covers of the catalogue, `species` its trees. */
export interface Choice {
  field: string;
  words: Key;
  options: "covers" | "species" | readonly { value: string; words: Key }[];
  start: string;
}

/**
 * What is clicked: corners of a line or an area, buildings, streets, one point, a tree, or a tree and then where it goes;
 * corners of a quarter, whose filters the server proposes; or nothing, where it holds for the whole city. A form of the
 * panel of energy says all, as JSON in `said`; it may want buildings or one point.
 * Works of one click are done with it, and the tool stays in the hand.
 */
export type Shape = "line" | "area" | "buildings" | "streets" | "point" | "tree" | "move" | "quarter" | "whole" | "form";

/** Words of a scenario that a panel of their own sets: who, and when. */
export interface Text {
  field: "modes" | "hours" | "days";
  start: string;
  means(text: string): boolean;
}

export interface Work {
  shape: Shape;
  /** One letter for the link. */
  letter: string;
  knobs: readonly Knob[];
  choices: readonly Choice[];
  texts?: readonly Text[];
}

/** Who may be kept out of a street, as one ticks them: vans and trucks go together. */
export const KEPT_OUT = ["car", "van+truck", "bus", "bike"] as const;

const WHO: Text = { field: "modes", start: "car+van+truck", means: (text) => text.split("+").every((one) => KEPT_OUT.some((each) => each.split("+").includes(one))) };
const when = (hours: string, days: string): readonly Text[] => [
  { field: "hours", start: hours, means: (text) => quartersOf(text) !== null },
  { field: "days", start: days, means: (text) => text.split("+").every((one) => DAYS.includes(one as Day)) },
];

const metres = (field: string, words: Key, min: number, max: number, step: number, start: number): Knob => ({ field, words, units: "m", factor: 1, min, max, step, start });

const share = (field: string, words: Key, units: "1" | "%", min: number, max: number, start: number): Knob => ({ field, words, units, factor: units === "%" ? 100 : 1, min, max, step: 0.05, start });

const GROWS: Choice = {
  field: "cover",
  words: "work.grows",
  options: [
    { value: "lawn", words: "grows.lawn" },
    { value: "shrub", words: "grows.shrub" },
    { value: "forest_floor", words: "grows.forest_floor" },
    { value: "bare_soil", words: "grows.bare_soil" },
  ],
  start: "lawn",
};

const ROOF: Choice = {
  field: "kind",
  words: "work.roof",
  options: [
    { value: "extensive", words: "roof.extensive" },
    { value: "intensive", words: "roof.intensive" },
  ],
  start: "extensive",
};

const WATERED: Choice = {
  field: "irrigated",
  words: "work.watered",
  options: [
    { value: "false", words: "watered.no" },
    { value: "true", words: "watered.yes" },
  ],
  start: "false",
};

const OUTLET: Choice = {
  field: "outlet",
  words: "work.outlet",
  options: [
    { value: "infiltration", words: "outlet.infiltration" },
    { value: "slow_drain", words: "outlet.slow_drain" },
  ],
  start: "infiltration",
};

const HEATED: Choice = {
  field: "heat_source",
  words: "work.heated",
  options: [
    { value: "ground_heat_pump", words: "heated.ground" },
    { value: "air_heat_pump", words: "heated.air" },
  ],
  start: "ground_heat_pump",
};

/** What a form of the panel of energy fills in. */
const form = (letter: string): Work => ({ shape: "form", letter, knobs: [], choices: [] });

export const WORKS: Readonly<Record<Tool, Work>> = {
  wall: { shape: "line", letter: "w", knobs: [metres("height_m", "tool.height", 0.1, 6, 0.1, 1)], choices: [] },
  kerb: { shape: "line", letter: "k", knobs: [metres("height_m", "tool.height", 0.05, 0.3, 0.01, 0.15)], choices: [] },
  swale: { shape: "line", letter: "s", knobs: [metres("width_m", "work.width", 0.5, 20, 0.5, 4), metres("depth_m", "work.depth", 0.05, 1.5, 0.05, 0.3)], choices: [] },
  rain_garden: { shape: "area", letter: "g", knobs: [metres("depth_m", "work.depth", 0.05, 0.6, 0.05, 0.2)], choices: [] },
  permeable_paving: { shape: "area", letter: "p", knobs: [], choices: [] },
  depave: { shape: "area", letter: "d", knobs: [], choices: [GROWS, WATERED] },
  basin: { shape: "area", letter: "o", knobs: [metres("depth_m", "work.depth", 0.1, 5, 0.1, 1)], choices: [OUTLET] },
  green_roof: { shape: "buildings", letter: "r", knobs: [], choices: [ROOF] },
  raised_threshold: { shape: "buildings", letter: "t", knobs: [metres("height_m", "tool.height", 0.15, 3, 0.05, 0.5)], choices: [] },
  block_drain: {
    shape: "area",
    letter: "x",
    knobs: [{ field: "blocked", words: "work.blocked", units: "%", factor: 100, min: 0, max: 1, step: 0.05, start: 1 }],
    choices: [],
  },
  land_cover: { shape: "area", letter: "c", knobs: [], choices: [{ field: "cover", words: "tool.cover", options: "covers", start: "lawn" }] },
  add_building: { shape: "area", letter: "b", knobs: [metres("height_m", "tool.height", 1, 80, 1, 12)], choices: [] },
  tree: {
    shape: "point",
    letter: "a",
    knobs: [metres("height_m", "tool.height", 3, 30, 0.5, 10), metres("crown_diameter_m", "work.crown", 2, 20, 0.5, 7)],
    choices: [{ field: "species", words: "work.species", options: "species", start: "Tilia cordata" }],
  },
  move_tree: { shape: "move", letter: "m", knobs: [], choices: [] },
  remove_tree: { shape: "tree", letter: "f", knobs: [], choices: [] },
  shade_sail: {
    shape: "area",
    letter: "v",
    knobs: [metres("height_m", "tool.height", 2.5, 12, 0.5, 4), share("transmissivity", "work.passes", "%", 0, 0.9, 0.1)],
    choices: [],
  },
  albedo: { shape: "area", letter: "l", knobs: [share("albedo", "work.albedo", "1", 0.05, 0.85, 0.4)], choices: [] },
  cool_roof: { shape: "buildings", letter: "y", knobs: [share("albedo", "work.albedo", "1", 0.3, 0.9, 0.65)], choices: [] },
  close_street: { shape: "streets", letter: "z", knobs: [], choices: [], texts: [WHO, ...when("07:00-11:00", EVERY_DAY)] },
  speed_limit: {
    shape: "streets",
    letter: "q",
    knobs: [{ field: "speed_km_h", words: "work.speed", units: "km/h", factor: 1, min: 10, max: 70, step: 10, start: 30 }],
    choices: [],
    texts: when(WHOLE_DAY, EVERY_DAY),
  },
  bike_lane: { shape: "streets", letter: "i", knobs: [], choices: [], texts: when(WHOLE_DAY, EVERY_DAY) },
  low_traffic_neighbourhood: { shape: "quarter", letter: "n", knobs: [], choices: [] },
  school_street: { shape: "streets", letter: "e", knobs: [], choices: [] },
  travel_demand: { shape: "whole", letter: "u", knobs: [share("factor", "work.cars", "%", 0.5, 1, 0.75)], choices: [] },
  renovate: form("R"),
  solar_modules: form("M"),
  heat_supply: form("H"),
  heat_network: form("N"),
  geothermal_field: form("G"),
  sewer_heat: form("S"),
  battery: form("B"),
  heat_store: form("T"),
  vehicle_share: form("V"),
  set_points: form("P"),
  building_facts: form("F"),
  exemplary_building: {
    shape: "area",
    letter: "X",
    knobs: [metres("height_m", "tool.height", 3, 80, 1, 16), share("modules_share", "work.modules", "%", 0, 1, 0.6)],
    choices: [HEATED],
  },
};

/** The tools by what they are for, as the palette shows them. */
export const GROUPS: readonly { words: Key; tools: readonly Tool[] }[] = [
  { words: "group.hold", tools: ["wall", "kerb", "basin", "block_drain"] },
  { words: "group.sink", tools: ["swale", "rain_garden", "permeable_paving", "depave"] },
  { words: "group.shade", tools: ["tree", "move_tree", "remove_tree", "shade_sail"] },
  { words: "group.surface", tools: ["albedo", "cool_roof", "green_roof", "land_cover"] },
  { words: "group.build", tools: ["raised_threshold", "add_building"] },
  { words: "group.energy", tools: ["exemplary_building"] },
  { words: "group.streets", tools: ["close_street", "speed_limit", "bike_lane", "school_street", "low_traffic_neighbourhood"] },
];

/** What helps against water, and what against heat; the groups that do not belong to a run come after those that do. */
export const HEAT_GROUPS: readonly Key[] = ["group.shade", "group.surface"];
export const TRAFFIC_GROUPS: readonly Key[] = ["group.streets"];
export const ENERGY_GROUPS: readonly Key[] = ["group.energy"];

/** Fewest corners, or buildings, of what the tool draws. */
export function fewest(tool: Tool): number {
  return { line: 2, area: 3, buildings: 1, streets: 1, point: 1, tree: 1, move: 2, quarter: 3, whole: 0, form: 0 }[WORKS[tool].shape];
}

/** Whether a tool works on things that are there, which are clicked, and not on corners. */
export function picks(tool: Tool): boolean {
  return ["buildings", "streets", "tree", "move", "whole", "form"].includes(WORKS[tool].shape);
}

/** The values a tool starts with. */
export function startOf(tool: Tool): Values {
  const { knobs, choices } = WORKS[tool];
  return Object.fromEntries([...knobs, ...choices, ...textsOf(tool)].map(({ field, start }) => [field, start]));
}

/** The words of a tool that say who and when. */
export function textsOf(tool: Tool): readonly Text[] {
  return WORKS[tool].texts ?? [];
}

/** Before the id of a street that a quarter opens both ways, among those that it closes. */
export const OPENED = "=";

/** Streets that an edit closes, and those that it changes otherwise. */
export function marked({ edit, buildings }: { edit: Tool; buildings: readonly string[] }): { closed: readonly string[]; changed: readonly string[] } {
  const [closed, changed] = [buildings.filter((id) => !id.startsWith(OPENED)), buildings.filter((id) => id.startsWith(OPENED)).map((id) => id.slice(OPENED.length))];
  if (shapeOf(edit) === "quarter") return { closed, changed };
  if (shapeOf(edit) !== "streets") return { closed: [], changed: [] };
  return edit === "close_street" || edit === "school_street" ? { closed: buildings, changed: [] } : { closed: [], changed: buildings };
}

export function shapeOf(tool: Tool): Shape {
  return WORKS[tool].shape;
}
