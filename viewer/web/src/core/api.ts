/** The server's answers as types, and the few requests the page makes. */

import type { EnergyBuildings, EnergyFacts, EnergyHours, MeterDays, Monitoring } from "./energy_facts";
import { ServerError } from "./problem";
import type { Language } from "./state";

export type Words = Partial<Record<Language, string>>;

export interface CitySource {
  part: string;
  title: string;
  licence: string;
  url: string;
  vintage: string;
}

export interface CityInfo {
  name: string;
  digest: string;
  demo: boolean;
  bounds: [number, number, number, number];
  origin: [number, number];
  crs: string;
  counts: Record<string, number>;
  sources: CitySource[];
  population: number | null;
}

export interface GridInfo {
  nx: number;
  ny: number;
  west: number;
  south: number;
  cell_size: number;
}

export interface TerrainInfo extends GridInfo {
  z_min: number;
  z_step: number;
}

export interface Catalogue {
  quantities: Record<string, { units: string; label: Words; palette: string | null; range: [number, number] | null; scale: "linear" | "log" }>;
  fields: string[];
  covers: { key: string; label: Words; color: string }[];
  /** Kinds of tree one can plant, and how large they usually grow, m. */
  species?: { key: string; label: Words; height: number; crown_diameter: number }[];
  /** What the scenarios of this server can say: edits, kinds of rain, parts of the document. */
  edits: string[];
  rains: string[];
  parts: string[];
}

/** One cell of a result: fields of the whole run, and the course of those of every output time. */
export interface PointFacts {
  cell: { x: number; y: number; size: number };
  times: number[];
  whole: Record<string, { value: number | null; units: string }>;
  series: Record<string, { values: (number | null)[]; units: string }>;
}

export interface ScenarioDocument {
  scenario: 1;
  name: Words;
  description?: Words | null;
  city?: string | null;
  cell_size_m: number;
  window?: [number, number, number, number] | null;
  period: { start: string; duration_s: number; output_every_s: number };
  kernels: string[];
  options?: Record<string, unknown>;
  forcing: { travel?: unknown; rain?: Rain | null; weather?: WeatherWords | null } & Record<string, unknown>;
  soil?: { law: string; moisture?: number };
  sewers?: { kind: string; return_period_years?: number };
  edits: Record<string, unknown>[];
  indicators?: string[] | null;
  seed?: number;
}

/** What a document says of the weather: its kind, and the numbers of that kind. */
export type WeatherWords = { kind: string } & Record<string, unknown>;

/** The weather of a run as its manifest keeps it, along `time_s`; temperatures in kelvin. */
export interface WeatherCourse {
  time_s: number[];
  course: Record<string, { units: string; values: (number | null)[] }>;
}

export type Rain =
  | { kind: "block"; intensity_mm_h: number; duration_s: number; start_s?: number }
  | { kind: "hyetograph"; time_s: number[]; intensity_mm_h: number[] }
  | { kind: "design"; return_period_years: number; duration_s: number; climate_factor: number };

export interface ReadyScenario {
  key: string;
  name: Words;
  description: Words;
  scenario: ScenarioDocument;
}

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Job {
  id: string;
  digest: string;
  state: JobState;
  progress: number;
  words: string;
  reason: string | null;
  /** Seconds since 1970, UTC. */
  created: number | null;
  started: number | null;
  ended: number | null;
  name: Words | string | null;
  indicators?: Indicator[];
}

export interface Indicator {
  key: string;
  label: Words;
  value: number | null;
  units: string;
  better: "lower" | "higher" | "neutral";
}

export interface ResultInfo {
  digest: string;
  manifest: Record<string, unknown>;
  indicators: Indicator[];
  times: number[];
  fields: string[];
  /** Fields that go along links, not over the ground. */
  along?: Record<string, string>;
  grid: GridInfo;
}

export interface Trees {
  count: number;
  columns: Record<"x" | "y" | "z" | "height" | "crown_diameter" | "crown_base", (number | null)[]> & { id?: string[] };
}

export interface Street {
  id: string;
  name_fr: string | null;
  name_nl: string | null;
  kind: string;
  width: number | null;
  lanes: number;
  /** km/h. */
  speed: number | null;
  oneway: boolean;
  points: [number, number][];
}

/** Both directions of a street, as far as a result has them. */
export interface StreetFacts {
  times: number[];
  directions: { link: string; along: boolean; whole: PointFacts["whole"]; series: PointFacts["series"] }[];
}

/** Streets to close so that nobody drives through a quarter, and those to open both ways. */
export interface FiltersFacts {
  filters: { street: string; name_fr: string; name_nl: string; end: string; point: [number, number] }[];
  both_ways: string[];
  gates: number;
  fewest: boolean;
}

/** What the edits of a ready scenario do to streets. */
export interface ReadyStreets {
  edits: { id: string; edit: string; closed: string[]; changed: string[] }[];
}

export type Pair = { a: number | null; b: number | null; change: number | null };

/** A against B in traffic: figures, and by sector who travels longer or shorter. */
export interface TrafficCompared {
  figures: {
    vehicle_km: Pair;
    displaced: Record<"lost_km" | "gained_km" | "fewer_km", number | null>;
    streets: Record<"gain" | "lose", { ids: string[]; name_fr: string; name_nl: string; flow: Pair; vehicle_km: Pair }[]>;
    cut_through: Pair;
    trips: { mean_time_s?: Pair; evaporated?: number | null };
    buses: { runs: number; delayed: number; barred: number };
    emergency: { mean_minutes: Pair; people_later: number | null; people_sooner: number | null; people_cut_off: number | null; later_s: number } | null;
    emissions: Record<"carbon_dioxide" | "nitrogen_oxides", Pair>;
    noise: { people_louder: number | null; people_quieter: number | null; noticed_db: number };
    people: { better: number | null; worse: number | null; felt_s: number };
  };
  sectors: { id: string; name_fr: string; name_nl: string; verdict: "better" | "worse" | "same" | "unknown"; values: Record<string, number | null>; rings: [number, number][][] }[];
  streets: { id: string; a: number | null; b: number | null }[];
}

/** What one reaches from a point: rings around each other, from the shortest time to the longest. */
export interface ReachFacts {
  mode: ReachMode;
  bands: { minutes: number; area: number; rings: [number, number][][] }[];
}

export type ReachMode = "walk" | "bike";

/** The nearest place of each of the fifteen kinds. */
export interface TenMinutesFacts {
  categories: { key: string; label: Words; within: number; minutes: number | null; met: boolean; known: boolean; name: string; share: number | null }[];
  residents: boolean;
}

/** A place with its rank, the worst first, and its numbers; null where one is not known. */
export interface Place {
  id: string;
  rank: number;
  name_fr: string;
  name_nl: string;
  values: Record<string, number | null>;
}

export interface SectorsInfo {
  /** Layers of vulnerability, and the indicators each is made of. */
  parts: { key: string; layer: string; weight: number; units: string; label: Words; source: string }[];
  unknown: string[];
  sectors: (Place & { rings: [number, number][][] })[];
}

export interface StreetsInfo {
  streets: (Place & { point: [number, number] })[];
  count: number;
}

/** Residents for whom B feels cooler or warmer by `felt` kelvin or more. */
export interface Affected {
  people_cooler: number | null;
  people_warmer: number | null;
  mean_change: number | null;
  person_degree_hours: number | null;
  felt: number;
}

export async function ask(path: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(path, init);
  if (answer.ok) return answer;
  const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  throw new ServerError(
    answer.status,
    String(body.title ?? answer.statusText),
    typeof body.detail === "string" ? body.detail : answer.statusText,
    typeof body.pointer === "string" ? body.pointer : null,
  );
}

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await ask(path, init)).json()) as T;
}

function posted(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

export const api = {
  city: () => json<CityInfo>("/api/city"),
  catalogue: () => json<Catalogue>("/api/catalogue"),
  library: () => json<ReadyScenario[]>("/api/library"),
  terrainInfo: () => json<TerrainInfo>("/api/city/terrain.json"),
  terrain: async () => new Uint16Array(await (await ask("/api/city/terrain")).arrayBuffer()),
  trees: () => json<Trees>("/api/city/trees.json"),
  streets: () => json<{ lines: Street[] }>("/api/city/streets.json"),
  building: (id: string) => json<Record<string, unknown>>(`/api/city/buildings/${encodeURIComponent(id)}`),
  check: (document: ScenarioDocument) => json<{ digest: string; cells: number; rain: [number, number][] }>("/api/scenarios/check", posted(document)),
  start: (document: ScenarioDocument) => json<Job>("/api/jobs", posted(document)),
  job: (id: string) => json<Job>(`/api/jobs/${id}`),
  cancel: async (id: string) => void (await ask(`/api/jobs/${id}`, { method: "DELETE" })),
  result: (digest: string) => json<ResultInfo>(`/api/results/${digest}`),
  frames: async (digest: string, fields: readonly string[], index: number) =>
    (await ask(`/api/results/${digest}/frames/${fields.join(",")}/${index}`)).arrayBuffer(),
  sectors: (digest: string, weights: Readonly<Record<string, number>>) =>
    json<SectorsInfo>(`/api/results/${digest}/sectors?weights=${Object.entries(weights).map((one) => one.join(":")).join(",")}`),
  hotStreets: (digest: string) => json<StreetsInfo>(`/api/results/${digest}/streets?most=20`),
  links: async (digest: string) => (await json<{ links: string[] }>(`/api/results/${digest}/links`)).links,
  vehicles: async (digest: string) => (await ask(`/api/results/${digest}/vehicles`)).arrayBuffer(),
  street: (digest: string, id: string) => json<StreetFacts>(`/api/results/${digest}/street/${encodeURIComponent(id)}`),
  reach: ([x, y]: readonly [number, number], mode: ReachMode) => json<ReachFacts>(`/api/city/reach?x=${x.toFixed(1)}&y=${y.toFixed(1)}&mode=${mode}&minutes=5,10,15`),
  tenMinutes: ([x, y]: readonly [number, number], mode: ReachMode) => json<TenMinutesFacts>(`/api/city/ten-minutes?x=${x.toFixed(1)}&y=${y.toFixed(1)}&mode=${mode}`),
  filters: (polygon: readonly (readonly [number, number])[]) => json<FiltersFacts>("/api/city/filters", posted({ polygon })),
  readyStreets: (key: string) => json<ReadyStreets>(`/api/library/${encodeURIComponent(key)}/streets`),
  compared: (a: string, b: string) => json<TrafficCompared>(`/api/results/${a}/traffic/${b}`),
  affected: (a: string, b: string) => json<Affected>(`/api/results/${a}/affected/${b}`),
  energy: (digest: string) => json<EnergyFacts>(`/api/results/${digest}/energy`),
  energyBuildings: (digest: string) => json<EnergyBuildings>(`/api/results/${digest}/energy/buildings`),
  energyHours: (digest: string, from: number, hours: number) => json<EnergyHours>(`/api/results/${digest}/energy/hours?from=${from}&hours=${hours}`),
  monitoring: () => json<Monitoring>("/api/monitoring"),
  meter: (name: string) => json<MeterDays>(`/api/monitoring/meters/${encodeURIComponent(name)}`),
  point: (digest: string, [x, y]: readonly [number, number]) =>
    json<PointFacts>(`/api/results/${digest}/point?x=${x.toFixed(2)}&y=${y.toFixed(2)}`),
};
