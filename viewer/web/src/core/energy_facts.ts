/** What the server tells of runs of energy, as types; read by the panels that come when such a run is looked at. */

import type { Words } from "./api";
import type { Side } from "./state";

export type Answer = "yes" | "no" | "within the band";

/** One line of the table of verdicts: weighted balance with its band of 95 %. */
export interface Verdict {
  type: string;
  boundary: string;
  factors: string;
  positive: Answer;
  balance: number;
  low: number;
  high: number;
  unit: string;
  shortfall: number;
  why: Words;
}

export interface Named {
  key: string;
  label: Words;
  help?: Words;
  date?: string;
  source?: string;
}

export interface Exchange {
  boundary: string;
  bought_mwh: Record<string, number>;
  given_mwh: Record<string, number>;
  self_consumption: number | null;
  self_sufficiency: number | null;
  peak_bought_kw: number;
  peak_given_kw: number;
  cost_eur: number;
  carbon_dioxide_t: number;
}

export interface PedTable {
  verdicts: Verdict[];
  types: Named[];
  boundaries: Named[];
  factor_sets: Named[];
  exchange: Exchange[];
  uncertainty?: { use: number; production: number; why: Words };
  context_kwh_m2?: number;
  floor_area_m2: number;
  notes: Words[];
}

/** Where energy comes from and goes to over the run, kWh. */
export interface Flows {
  nodes: { key: string; label: Words; column: number }[];
  links: { source: string; target: string; value: number }[];
  imbalance_kwh: number;
}

/** Powers sorted from the highest, kW, over hours. */
export interface LoadDuration {
  hours: number[];
  import_kw: number[];
  export_kw: number[];
  heat_kw: number[];
}

export interface Course {
  key: string;
  label: Words;
  units: string;
  values: (number | null)[];
}

export interface EnergyFacts {
  start: string;
  hours: number;
  /** Electricity used and made, day by day, kWh. */
  daily: { used: number[]; made: number[] };
  ped: PedTable | null;
  sankey: Flows | null;
  load: LoadDuration | null;
  months: { months: string[]; series: Course[] } | null;
  /** Classes by primary energy, the best first: up to how many kWh/m² a year; null for the last. */
  classes: { letter: string; up_to: number | null }[];
}

/** Columns along buildings; missing is null. */
export interface EnergyBuildings {
  ids: string[];
  values: Record<string, (number | null)[]>;
  classes: (string | null)[];
  sources: (string | null)[];
}

/** Hours of a district in kW, one after the other. */
export interface EnergyHours {
  from: number;
  hours: number;
  series: Record<string, (number | null)[]>;
}

export interface Meter {
  meter: string;
  kind: string;
  model?: string;
  cv_rmse?: number | null;
  nmbe?: number | null;
  within_limits?: boolean;
  excess_kwh_a?: number | null;
  night_load_w?: number | null;
  leaking?: boolean;
  leak_flow_l_h?: number | null;
  lost_m3?: number | null;
  alarms: { day: string; since: string; sign: number }[];
}

export interface Site {
  building: string | null;
  name: string;
  point: [number, number] | null;
  rank: number;
  state: "alarm" | "before" | "calm" | "unknown";
  saving_kwh_a: number;
  water_lost_m3_a: number;
  since: string | null;
  words: Words;
  meters: Meter[];
}

/** What the meters of the city tell. */
export interface Monitoring {
  demo: boolean;
  folder: boolean;
  from: string | null;
  to: string | null;
  sites: Site[];
  unmatched: string[];
  assumptions: Partial<Record<"fr" | "nl" | "en", string[]>>;
}

export interface MeterDays {
  meter: string;
  kind: string;
  days: string[];
  outdoor_c: (number | null)[];
  measured_w: (number | null)[];
  expected_w: (number | null)[];
  alarm: number[];
}

export interface OneRun {
  digest: string;
  facts: EnergyFacts;
  buildings: EnergyBuildings;
  /** Row of each building. */
  rows: Map<string, number>;
}

/** What the page knows of energy while a run of it is looked at. */
export interface EnergySession {
  runs: Readonly<Record<Side, OneRun | null>>;
  monitoring: Monitoring | null;
  /** Rises when words of another language have come. */
  words: number;
}
