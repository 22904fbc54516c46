/** What a point of a result says, as rows of words and numbers, as a table over time, and as a file. */

import type { PointFacts } from "./api";
import type { Key } from "./i18n";
import { hazardWords } from "./fields";

/** Values of one side at one moment. */
export interface Moment {
  time: number;
  depth: number | null;
  speed: number | null;
  level: number | null;
}

/** The course of the water at a point; the level is that of the ground there plus the depth. */
export function course({ times, series }: PointFacts, ground: number): Moment[] {
  return times.map((time, i) => {
    const depth = series.water_depth?.values[i] ?? null;
    const speed = series.water_speed?.values[i] ?? null;
    return { time, depth, speed, level: depth === null ? null : ground + depth };
  });
}

/** Highest of a course, null where nothing is known. */
export function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length ? Math.max(...known) : null;
}

export interface Summary {
  /** Deepest and fastest of the whole run, m and m/s. */
  depth: number | null;
  speed: number | null;
  /** Seconds since the start; null where no water came. */
  arrival: number | null;
  /** Seconds under more than 10, 25, 50 cm, where the result knows them. */
  durations: readonly { over_cm: number; seconds: number }[];
  hazard: Key | null;
}

const OVER_CM: readonly number[] = [10, 25, 50];
/** What no more than this much water came to has no hazard class, m. */
const LEAST = 0.01;

export function summary({ whole, series }: PointFacts): Summary {
  const of = (name: string): number | null => whole[name]?.value ?? null;
  const depth = of("max_water_depth") ?? highest(series.water_depth?.values ?? []);
  const rating = of("max_hazard_rating");
  return {
    depth,
    speed: of("max_water_speed") ?? highest(series.water_speed?.values ?? []),
    arrival: of("arrival_time"),
    durations: OVER_CM.flatMap((over_cm) => {
      const seconds = of(`duration_${over_cm}`);
      return seconds === null ? [] : [{ over_cm, seconds }];
    }),
    hazard: rating !== null && (depth ?? 0) >= LEAST ? hazardWords(rating) : null,
  };
}

/** A table with a point as decimal sign, as programs read it; one row for each moment of each point and side. */
export function asCsv(rows: readonly { point: string; x: number; y: number; side: string; moments: readonly Moment[] }[]): string {
  const text = (value: number | null, digits: number): string => (value === null ? "" : value.toFixed(digits));
  const lines = rows.flatMap(({ point, x, y, side, moments }) =>
    moments.map(({ time, depth, speed, level }) => [point, x.toFixed(1), y.toFixed(1), side, time, text(depth, 3), text(speed, 3), text(level, 3)].join(",")),
  );
  return ["point,x_lambert72_m,y_lambert72_m,scenario,time_s,water_depth_m,water_speed_m_s,water_level_m_taw", ...lines].join("\n") + "\n";
}
