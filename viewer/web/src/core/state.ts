/** What the planner page knows: `view` is what a link carries, `session` is what lives only now. */

import type { Catalogue, CityInfo, Indicator, Job, ReadyScenario, ResultInfo, ScenarioDocument } from "./api";
import type { Problem } from "./problem";
import { Store } from "./store";

export type Language = "fr" | "nl" | "en";
export const LANGUAGES: readonly Language[] = ["fr", "nl", "en"];

export type Side = "a" | "b";
export const SIDES: readonly Side[] = ["a", "b"];

export type Point = readonly [number, number];

export type Edit =
  | { edit: "wall"; id: string; line: Point[]; height_m: number }
  | { edit: "land_cover"; id: string; polygon: Point[]; cover: string }
  | { edit: "add_building"; id: string; polygon: Point[]; height_m: number };

export type Tool = Edit["edit"];

export interface Storm {
  intensity_mm_h: number;
  duration_s: number;
}

export const LAYERS = ["buildings", "ground", "trees", "streets", "water", "edits"] as const;
export type LayerName = (typeof LAYERS)[number];

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
  edits: readonly Edit[];
  swipe: number | null;
  time: number | null;
  selected: string | null;
  runs: Readonly<Record<Side, string | null>>;
}

export const DEFAULT_VIEW: View = {
  language: "fr",
  camera: null,
  hidden: [],
  hour: 16,
  scenario: null,
  storm: null,
  edits: [],
  swipe: null,
  time: null,
  selected: null,
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
}

export const NO_RUN: RunState = { document: null, job: null, result: null, indicators: [], times: [], reached: 0, frames: 0 };

export type Link = "closed" | "open" | "lost";

export interface Session {
  city: CityInfo | null;
  catalogue: Catalogue | null;
  library: readonly ReadyScenario[];
  building: Readonly<Record<string, unknown>> | null;
  probe: Probe | null;
  tool: Tool | null;
  draft: readonly Point[];
  cover: string;
  height_m: number;
  a: RunState;
  b: RunState;
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

/** A point on the ground whose water one asks for. */
export interface Probe {
  at: Point;
  ground: number;
  series: Readonly<Record<Side, { times: number[]; values: number[] } | null>>;
}

export const view = new Store<View>(DEFAULT_VIEW);

export const session = new Store<Session>({
  city: null,
  catalogue: null,
  library: [],
  building: null,
  probe: null,
  tool: null,
  draft: [],
  cover: "lawn",
  height_m: 1,
  a: NO_RUN,
  b: NO_RUN,
  link: "closed",
  playing: false,
  starting: false,
  problem: null,
  rail: true,
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
