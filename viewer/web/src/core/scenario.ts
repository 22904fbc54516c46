/** From what the page shows to scenario documents: A is the ready scenario with its rain, B is A with the edits. */

import type { CityInfo, Rain, ReadyScenario, ScenarioDocument } from "./api";
import { type Edit, type RainStep, type Sewers, SEWERS, type Side, type Storm, type View } from "./state";
import { EVERY_DAY, WHOLE_DAY } from "./hours";
import { marked, WORKS } from "./works";

/** The law that soil follows where nothing else is said. */
const SOIL = "green_ampt";

/** A cloudburst for a city that brings no ready scenario of its own. */
const PLAIN: ScenarioDocument = {
  scenario: 1,
  name: { fr: "Orage", nl: "Wolkbreuk", en: "Cloudburst" },
  cell_size_m: 2,
  period: { start: "2021-07-15T12:00:00Z", duration_s: 3600, output_every_s: 60 },
  kernels: ["flood"],
  forcing: { rain: { kind: "block", intensity_mm_h: 80, duration_s: 1800, start_s: 0 } },
  edits: [],
};

/** The ready scenario a view starts from. */
export function baseOf(view: View, library: readonly ReadyScenario[]): ScenarioDocument {
  const chosen = library.find(({ key }) => key === view.scenario) ?? library.find(({ scenario }) => floods(scenario));
  return chosen?.scenario ?? PLAIN;
}

/** Whether it rains in a scenario. */
export function floods({ kernels }: ScenarioDocument): boolean {
  return kernels.includes("flood");
}

/** Rain as steps: from each time on, so much; mm/h. */
export function rainSteps(rain: Rain | null): RainStep[] {
  if (!rain) return [];
  if (rain.kind === "block") {
    const start = rain.start_s ?? 0;
    return [
      { time: start, intensity: rain.intensity_mm_h },
      { time: start + rain.duration_s, intensity: 0 },
    ];
  }
  // A design storm gets its steps from the server.
  if (rain.kind !== "hyetograph") return [];
  return rain.time_s.map((time, i) => ({ time, intensity: rain.intensity_mm_h[i] ?? 0 }));
}

/** The storm that a document's rain amounts to: its peak, and how long it rains. */
export function stormOf(rain: Rain | null): Storm {
  const steps = rainSteps(rain);
  const wet = steps.filter(({ intensity }) => intensity > 0);
  if (wet.length === 0) return { intensity_mm_h: 0, duration_s: 0 };
  const end = steps[steps.lastIndexOf(wet[wet.length - 1]) + 1]?.time ?? wet[wet.length - 1].time;
  return { intensity_mm_h: Math.max(...wet.map(({ intensity }) => intensity)), duration_s: end - wet[0].time };
}

/** Sum of the rain, mm. */
export function rainTotal(rain: Rain | null): number {
  return stepsTotal(rainSteps(rain));
}

export function stepsTotal(steps: readonly RainStep[]): number {
  return steps.reduce((sum, { time, intensity }, i) => sum + (intensity * Math.max(0, (steps[i + 1]?.time ?? time) - time)) / 3600, 0);
}

/** The document that the server runs for one side. */
export function compose(side: Side, view: View, city: CityInfo, library: readonly ReadyScenario[]): ScenarioDocument {
  const base = baseOf(view, library);
  const document: ScenarioDocument = { ...base, edits: [...base.edits] };
  if (side === "b") document.edits.push(...view.edits.map((edit) => lambert(edit, city.origin)));
  if (!floods(base)) return document;
  if (view.storm) {
    const { duration_s } = view.storm;
    document.forcing = { ...base.forcing, rain: rainOf(view.storm) };
    // The water needs time to gather after the rain has stopped.
    const needed = Math.ceil((duration_s + 900) / base.period.output_every_s) * base.period.output_every_s;
    document.period = { ...base.period, duration_s: Math.max(base.period.duration_s, needed) };
  }
  if (view.soil !== null) document.soil = view.soil ? (lawOf(base) === "none" ? { law: SOIL } : base.soil) : { law: "none" };
  if (view.sewers !== null) document.sewers = sewersOf(view.sewers);
  return document;
}

function rainOf({ intensity_mm_h, duration_s, return_period_years, climate_factor }: Storm): Rain {
  if (return_period_years !== undefined) return { kind: "design", return_period_years, duration_s, climate_factor: climate_factor ?? 1 };
  return { kind: "block", intensity_mm_h, duration_s, start_s: 0 };
}

function sewersOf(sewers: Sewers): NonNullable<ScenarioDocument["sewers"]> {
  if (sewers === "none" || sewers === "network") return { kind: sewers };
  return { kind: "sink", return_period_years: Number(sewers) };
}

/** The law of the soil in a document, which says nothing where it takes the usual one. */
export function lawOf(document: ScenarioDocument): string {
  return document.soil?.law ?? SOIL;
}

/** One word for the sewers of a document, which says nothing where it takes a sink of ten years. */
export function sewersIn(document: ScenarioDocument): Sewers {
  const { kind, return_period_years } = document.sewers ?? { kind: "sink", return_period_years: 10 };
  const word = kind === "sink" ? String(return_period_years) : kind;
  return SEWERS.includes(word as Sewers) ? (word as Sewers) : "none";
}

function lambert({ edit, id, points, buildings, values }: Edit, [easting, northing]: readonly [number, number]): Record<string, unknown> {
  const place = points.map(([x, y]) => [round(x + easting), round(y + northing)]);
  if (WORKS[edit].shape === "form") return { edit, id, ...(buildings.length ? { buildings: [...buildings] } : {}), ...(place.length ? { [edit === "heat_network" ? "plant" : "point"]: place[0] } : {}), ...(JSON.parse(String(values.said)) as object) };
  const where = {
    buildings: { buildings: [...buildings] },
    streets: { streets: [...buildings] },
    line: { line: place },
    area: { polygon: place },
    point: { point: place[0] },
    // A tree that stands there is called by its own name.
    tree: { id: buildings[0] },
    move: { id: buildings[0], point: place[0] },
    quarter: quarterOf(place, marked({ edit, buildings })),
    whole: { modes: ["car"] },
    form: {},
  }[WORKS[edit].shape];
  const { irrigated, modes, hours, days, ...said } = values;
  const when = {
    ...(modes === undefined ? {} : { modes: String(modes).split("+") }),
    ...(hours === undefined || hours === WHOLE_DAY ? {} : { hours: [hours] }),
    ...(days === undefined || days === EVERY_DAY ? {} : { days: String(days).split("+") }),
  };
  return { edit, id, ...where, ...said, ...when, ...(irrigated === "true" ? { irrigated: true } : {}) };
}

/** A quarter without a street to open both ways says nothing of them. */
function quarterOf(polygon: number[][], { closed, changed }: ReturnType<typeof marked>): Record<string, unknown> {
  return { polygon, filters: [...closed], ...(changed.length ? { both_ways: [...changed] } : {}) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
