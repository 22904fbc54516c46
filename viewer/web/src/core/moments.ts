/** When it is on the map: runs of heat and of energy have a day and an hour, and their sun stands where it stood. */

import type { ResultInfo, ScenarioDocument, WeatherCourse } from "./api";
import { ENERGY, FELT, mainOf, VOLUME } from "./fields";
import { baseOf } from "./scenario";
import { session, SIDES, view } from "./state";

/** The document of what is shown, A first. */
export function documentShown(): ScenarioDocument | null {
  return session.state.a.document ?? session.state.b.document;
}

/** Whether what is shown is a run of heat. */
export function isHot(): boolean {
  const document = documentShown();
  return document !== null && mainOf(document.kernels) === FELT;
}

/** Whether what is shown is a run of traffic; before anything is shown, whether one is about to be. */
export function isTraffic(): boolean {
  const document = documentShown() ?? (view.state.scenario ? baseOf(view.state, session.state.library) : null);
  return document !== null && mainOf(document.kernels) === VOLUME;
}

/** Whether what is shown is a run of energy; before anything is shown, whether one is about to be. */
export function isEnergy(): boolean {
  const document = documentShown() ?? (view.state.scenario ? baseOf(view.state, session.state.library) : null);
  return document !== null && mainOf(document.kernels) === ENERGY;
}

/** The moment in UTC of a time of the run that is shown. */
export function momentAt(time: number, document: ScenarioDocument): Date {
  return new Date(new Date(document.period.start).getTime() + time * 1000);
}

/** The moment that a run of heat or energy is shown at; null for other runs and before the first frame. */
export function momentShown(): Date | null {
  const document = documentShown();
  const reached = Math.max(...SIDES.map((side) => session.state[side].reached));
  if (document && isEnergy()) return view.state.time === null ? null : momentAt(view.state.time, document);
  if (!document || !isHot() || (reached === 0 && view.state.time === null)) return null;
  return momentAt(view.state.time ?? reached, document);
}

/** The temperature of the air that drove a run, K, where its result tells it. */
export function airOf(result: ResultInfo | null): { time: number; value: number }[] {
  const { time_s = [], course = {} } = (result?.manifest.weather as Partial<WeatherCourse> | undefined) ?? {};
  const values = course.air_temperature?.values ?? [];
  return time_s.flatMap((time, i) => {
    const value = values[i];
    return typeof value === "number" ? [{ time, value }] : [];
  });
}

/** The output time that is nearest to when the air was warmest; null where nobody knows. */
export function warmestOf(result: ResultInfo): number | null {
  const air = airOf(result);
  if (air.length === 0 || result.times.length === 0) return null;
  const { time } = air.reduce((best, one) => (one.value > best.value ? one : best));
  return result.times.reduce((best, one) => (Math.abs(one - time) < Math.abs(best - time) ? one : best));
}
