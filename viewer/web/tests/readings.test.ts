/** Points and ledgers: what a result says there, in words, rows and files. */

import { describe, expect, test } from "vitest";
import type { PointFacts, ResultInfo } from "../src/core/api";
import { closureOf, largest, sections } from "../src/core/ledger";
import { asCsv, course, summary } from "../src/core/readings";

const facts: PointFacts = {
  cell: { x: 1, y: 2, size: 4 },
  times: [60, 120],
  whole: {
    max_water_depth: { value: 0.62, units: "m" },
    max_water_speed: { value: 1.1, units: "m s-1" },
    max_hazard_rating: { value: 1.99, units: "1" },
    arrival_time: { value: null, units: "s" },
    duration_25: { value: 64, units: "s" },
  },
  series: { water_depth: { values: [0.1, null], units: "m" }, water_speed: { values: [0.5, 0.25], units: "m s-1" } },
};

describe("a point", () => {
  test("says the highest of the whole run, not of the frames that were kept", () => {
    const { depth, speed, arrival, durations, hazard } = summary(facts);
    expect([depth, speed, arrival]).toEqual([0.62, 1.1, null]);
    expect(durations).toEqual([{ over_cm: 25, seconds: 64 }]);
    // Defra FD2321: 1.25 to 2.0 is significant.
    expect(hazard).toBe("hazard.significant");
  });

  test("has a level where it has a depth: ground and depth together", () => {
    const [first, second] = course(facts, 15.4);
    expect(first.level).toBeCloseTo(15.5, 9);
    expect(second.level).toBeNull();
  });

  test("where no water came has no hazard", () => {
    expect(summary({ ...facts, whole: { ...facts.whole, max_water_depth: { value: 0, units: "m" } } }).hazard).toBeNull();
  });

  test("goes into a file that programs read: point as decimal sign, nothing where nothing is known", () => {
    const text = asCsv([{ point: "P", x: 149_037.44, y: 171_887.8, side: "A", moments: course(facts, 15.4) }]);
    expect(text.split("\n").slice(1)).toEqual(["P,149037.4,171887.8,A,60,0.100,0.500,15.500", "P,149037.4,171887.8,A,120,,0.250,", ""]);
  });
});

describe("a ledger", () => {
  const result = (ledger: Record<string, number>) => ({ manifest: { closure: { flood: { kind: "mass", error: 1e-9, ledger } } } }) as unknown as ResultInfo;

  test("shows each account once, on its side, and none that is empty but the rain", () => {
    const a = closureOf(result({ volume_rain: 0, volume_stored: 900, volume_boundary_out: 100, volume_inflow: 0, volume_of_tomorrow: 3 }));
    const b = closureOf(result({ volume_rain: 1000, volume_stored: 800, volume_infiltrated: 200 }));
    const all = sections([a, b], null);
    expect(all.map(({ kind, accounts }) => [kind, accounts.map(({ name }) => name)])).toEqual([
      ["came", ["volume_rain"]],
      ["went", ["volume_infiltrated", "volume_boundary_out"]],
      ["held", ["volume_stored"]],
      ["moved", ["volume_of_tomorrow"]],
    ]);
    expect(all[1].accounts[0].values).toEqual([null, 200]);
    expect(largest(all)).toBe(1000);
  });
});
