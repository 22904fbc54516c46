/** What a point of a hot day says: its course, the parts that heat a body there, and both as a file. */

import type { PointFacts } from "./api";

const ZERO_C = 273.15;

/** Parts of what a standing body takes in, from the one that shade removes to the one that stays. */
export const PARTS = ["absorbed_direct", "absorbed_sky", "absorbed_walls", "absorbed_ground"] as const;
export type PartName = (typeof PARTS)[number];

/** Courses of a point: temperatures in degrees Celsius, wind in m/s. */
export const COURSES = ["utci", "mean_radiant_temperature", "air_temperature", "surface_temperature", "pedestrian_wind_speed"] as const;
export type CourseName = (typeof COURSES)[number];

/** Values of one side at one moment; null where nothing is known. */
export interface HotMoment {
  time: number;
  values: Readonly<Record<CourseName, number | null>>;
  /** W/m², or null where the result does not keep them. */
  parts: Readonly<Record<PartName, number>> | null;
}

export function hotCourse({ times, series }: PointFacts): HotMoment[] {
  const of = (name: string, i: number): number | null => series[name]?.values[i] ?? null;
  return times.map((time, i) => {
    const values = Object.fromEntries(
      COURSES.map((name) => {
        const value = of(name, i);
        return [name, value === null || series[name].units !== "K" ? value : value - ZERO_C];
      }),
    ) as Record<CourseName, number | null>;
    const known = PARTS.map((name) => of(name, i));
    const parts = known.every((one) => one !== null) ? (Object.fromEntries(PARTS.map((name, k) => [name, known[k]])) as Record<PartName, number>) : null;
    return { time, values, parts };
  });
}

/** The moment that holds at a time: the last one not after it. */
export function at(moments: readonly HotMoment[], time: number | null): HotMoment | null {
  if (time === null) return moments.at(-1) ?? null;
  return moments.findLast((one) => one.time <= time + 1e-6) ?? moments[0] ?? null;
}

/** Highest of a course and when; null where nothing is known. */
export function peak(moments: readonly HotMoment[], name: CourseName): { value: number; time: number } | null {
  return moments.reduce<{ value: number; time: number } | null>((best, { time, values }) => {
    const value = values[name];
    return value !== null && (best === null || value > best.value) ? { value, time } : best;
  }, null);
}

/** Mean radiant temperature in °C of what a body takes in, W/m²: Stefan and Boltzmann with an emissivity of 0.97. */
export function radiantOf(absorbed: number): number {
  return (absorbed / (0.97 * 5.670374419e-8)) ** 0.25 - ZERO_C;
}

/** A table with a point as decimal sign, as programs read it; one row for each moment of each point and side. */
export function hotCsv(rows: readonly { point: string; x: number; y: number; side: string; start: string; moments: readonly HotMoment[] }[]): string {
  const text = (value: number | null | undefined, digits: number): string => (value === null || value === undefined ? "" : value.toFixed(digits));
  const lines = rows.flatMap(({ point, x, y, side, start, moments }) =>
    moments.map(({ time, values, parts }) =>
      [
        point,
        x.toFixed(1),
        y.toFixed(1),
        side,
        new Date(new Date(start).getTime() + time * 1000).toISOString(),
        ...COURSES.map((name) => text(values[name], 2)),
        ...PARTS.map((name) => text(parts?.[name], 1)),
      ].join(","),
    ),
  );
  const head = ["point", "x_lambert72_m", "y_lambert72_m", "scenario", "time_utc", "utci_c", "mean_radiant_temperature_c", "air_temperature_c", "surface_temperature_c", "pedestrian_wind_speed_m_s", ...PARTS.map((name) => `${name}_w_m2`)];
  return [head.join(","), ...lines].join("\n") + "\n";
}
