/** What the planner page knows: `view` is what a link carries, `session` is what lives only now. */

import type { Affected, Catalogue, CityInfo, Indicator, Job, PointFacts, ReachFacts, ReachMode, ReadyScenario, ReadyStreets, ResultInfo, ScenarioDocument, SectorsInfo, Street, StreetFacts, StreetsInfo, TenMinutesFacts, TrafficCompared } from "./api";
import type { EnergySession } from "./energy_facts";
import type { FieldName } from "./fields";
import type { Problem } from "./problem";
import { Store } from "./store";
import type { Tool, Values } from "./works";

export type Language = "fr" | "nl" | "en";
export const LANGUAGES: readonly Language[] = ["fr", "nl", "en"];

export type Side = "a" | "b";
export const SIDES: readonly Side[] = ["a", "b"];

export type Point = readonly [number, number];

/** One thing drawn into B: corners, or buildings, and the values of its tool. */
export interface Edit {
  edit: Tool;
  id: string;
  points: readonly Point[];
  buildings: readonly string[];
  values: Values;
}

/** What of the sewers a run knows: none, a sink of a return period in years, or the network of the city. */
export const SEWERS = ["none", "5", "10", "20", "network"] as const;
export type Sewers = (typeof SEWERS)[number];

/** The user's own rain: even, or a design storm where a return period is named. */
export interface Storm {
  intensity_mm_h: number;
  duration_s: number;
  return_period_years?: number;
  climate_factor?: number;
}

/** From `time` s on it rains `intensity` mm/h. */
export interface RainStep {
  time: number;
  intensity: number;
}

/** Letters of pinned points; A and B are the scenarios. */
export const PROBE_LETTERS = ["P", "Q", "R", "S", "T"] as const;
export type ProbeLetter = (typeof PROBE_LETTERS)[number];

export interface PinnedPoint {
  letter: ProbeLetter;
  at: Point;
}

/** What the places of the city are coloured and ranked by; `streets` is the list of heat islands, `traffic` whom B helps. */
export const PLACE_VIEWS = ["vulnerability", "hazard", "exposure", "sensitivity", "hours_above_32", "hours_above_38", "coolest_hour", "population_density", "streets", "traffic"] as const;
export type PlaceView = (typeof PLACE_VIEWS)[number];

export const LAYERS = ["buildings", "ground", "trees", "streets", "water", "flow", "edits"] as const;
export type LayerName = (typeof LAYERS)[number];

/** What the panel of energy tells: the verdict, where energy goes, peaks, months, the city's meters, facts of buildings. */
export const ENERGY_TABS = ["verdict", "flows", "months", "load", "sites", "facts"] as const;
export type EnergyTab = (typeof ENERGY_TABS)[number];

/** Camera around a point of the local frame: metres and degrees; azimuth is where the camera stands, clockwise from north. */
export interface CameraView {
  x: number;
  y: number;
  z: number;
  distance: number;
  azimuth: number;
  tilt: number;
}

/** Everything that a shared link restores. */
export interface View {
  language: Language;
  camera: CameraView | null;
  hidden: readonly LayerName[];
  hour: number;
  /** Key of the ready scenario that A starts from; null takes the first that floods. */
  scenario: string | null;
  /** The user's own rain; null keeps that of the scenario. */
  storm: Storm | null;
  /** Whether the ground drinks; null as in the scenario. */
  soil: boolean | null;
  /** null as in the scenario. */
  sewers: Sewers | null;
  edits: readonly Edit[];
  /** The field that is shown. */
  field: FieldName;
  probes: readonly PinnedPoint[];
  swipe: number | null;
  /** B minus A is shown instead of one of them. */
  difference: boolean;
  /** Who suffers: sectors by one of their numbers, or streets; null shows neither. */
  places: PlaceView | null;
  /** Weights of vulnerability that are not the usual ones. */
  weights: Readonly<Record<string, number>>;
  /** The open page of the panel of energy. */
  balance: EnergyTab | null;
  time: number | null;
  selected: string | null;
  /** The street that is asked about. */
  street: string | null;
  runs: Readonly<Record<Side, string | null>>;
}

export const DEFAULT_VIEW: View = {
  language: "fr",
  camera: null,
  hidden: [],
  hour: 16,
  scenario: null,
  storm: null,
  soil: null,
  sewers: null,
  edits: [],
  field: "water_depth",
  probes: [],
  swipe: null,
  difference: false,
  places: null,
  weights: {},
  balance: null,
  time: null,
  selected: null,
  street: null,
  runs: { a: null, b: null },
};

/** One side of the comparison while it runs and after. */
export interface RunState {
  document: ScenarioDocument | null;
  job: Job | null;
  result: ResultInfo | null;
  /** Key figures: of the newest frame while the run goes on, of the whole run when it is done. */
  indicators: readonly Indicator[];
  times: readonly number[];
  /** Model time of the newest frame that came, s. */
  reached: number;
  frames: number;
  /** Mean flow of all links at each output time of a run of traffic, vehicles an hour. */
  course: readonly { time: number; value: number }[];
}

export const NO_RUN: RunState = { document: null, job: null, result: null, indicators: [], times: [], reached: 0, frames: 0, course: [] };

export type Link = "closed" | "open" | "lost";

export interface Session {
  city: CityInfo | null;
  catalogue: Catalogue | null;
  library: readonly ReadyScenario[];
  building: Readonly<Record<string, unknown>> | null;
  probe: Probe | null;
  street: StreetAsked | null;
  reach: Reach | null;
  tool: Tool | null;
  draft: readonly Point[];
  /** Buildings chosen with a tool that works on them. */
  chosen: readonly string[];
  values: Values;
  a: RunState;
  b: RunState;
  /** Steps of the design storm that is asked for, as the server knows them. */
  design: readonly RainStep[] | null;
  /** What the legend of a fitted field, or of a difference, spans on the map that is shown. */
  span: { field: FieldName; low: number; high: number; difference: boolean } | null;
  /** Sectors and streets of the result that is asked, and whom B helps. */
  places: PlacesFound | null;
  compared: Compared | null;
  /** What runs of energy tell, once one is looked at. */
  energy: EnergySession | null;
  /** What the edits of the ready scenario of A do to streets. */
  ready: ReadyStreets["edits"];
  /** The sector or street that is pointed at. */
  lit: string | null;
  link: Link;
  playing: boolean;
  /** A run has been asked for and the server has not answered yet. */
  starting: boolean;
  problem: Problem | null;
  rail: boolean;
  dialog: "how" | null;
  tilesReady: boolean;
  canUndo: boolean;
  canRedo: boolean;
  toast: string | null;
}

export interface PlacesFound {
  side: Side;
  digest: string;
  sectors: SectorsInfo | null;
  streets: StreetsInfo | null;
  affected: Affected | null;
}

/** A against B in traffic, and of which runs. */
export interface Compared {
  key: string;
  facts: TrafficCompared;
}

/** A street, and what the results know of it. */
export interface StreetAsked {
  street: Street;
  found: Readonly<Record<Side, StreetFacts | null>>;
}

/** What one reaches from a point; null while it is asked for. */
export interface Reach {
  at: Point;
  mode: ReachMode;
  bands: ReachFacts | null;
  places: TenMinutesFacts | null;
}

/** A point on the ground whose water or heat one asks for. */
export interface Probe {
  at: Point;
  ground: number;
  found: Readonly<Record<Side, PointFacts | null>>;
}

/** Pages no wider than this show one thing at a time, px. */
export const NARROW_PX = 700;

export const view = new Store<View>(DEFAULT_VIEW);

export const session = new Store<Session>({
  city: null,
  catalogue: null,
  library: [],
  building: null,
  probe: null,
  street: null,
  reach: null,
  tool: null,
  draft: [],
  chosen: [],
  values: {},
  a: NO_RUN,
  b: NO_RUN,
  design: null,
  span: null,
  places: null,
  compared: null,
  energy: null,
  ready: [],
  lit: null,
  link: "closed",
  playing: false,
  starting: false,
  problem: null,
  // On a phone the map comes first.
  rail: typeof innerWidth === "undefined" || innerWidth > NARROW_PX,
  dialog: null,
  tilesReady: false,
  canUndo: false,
  canRedo: false,
  toast: null,
});

/** Change one side's run without touching the other. */
export function setRun(side: Side, patch: Partial<RunState>): void {
  session.set({ [side]: { ...session.state[side], ...patch } });
}
