/** Heat at a point, trees one points at, and the moment of a hot day; each number from the arithmetic that its test names. */

import { Ray, Vector3 } from "three";
import { describe, expect, test } from "vitest";
import type { ResultInfo } from "../src/core/api";
import { type Crown, crownAt, goneBy, plantedBy } from "../src/core/crowns";
import { at, hotCourse, hotCsv, peak, radiantOf } from "../src/core/heat_readings";
import { closureOf, sections } from "../src/core/ledger";
import { airOf, warmestOf } from "../src/core/moments";
import { baseOf, compose } from "../src/core/scenario";
import { DEFAULT_VIEW } from "../src/core/state";
import { sectorAt } from "../src/layers/sectors";

const kelvin = (values: number[]) => ({ units: "K", values: values.map((one) => one + 273.15) });
const watts = (values: number[]) => ({ units: "W m-2", values });
const facts = {
  cell: { x: 0, y: 0, size: 2 },
  times: [1800, 3600, 5400],
  whole: {},
  series: {
    utci: kelvin([25, 40, 33]),
    pedestrian_wind_speed: { units: "m s-1", values: [1, 2, null] },
    absorbed_direct: watts([0, 200, 0]),
    absorbed_sky: watts([100, 150, 100]),
    absorbed_walls: watts([150, 150, 150]),
    absorbed_ground: watts([200, 250, 200]),
  },
};

describe("a hot day at a point", () => {
  test("is told in degrees Celsius, winds as they are, what is missing as nothing", () => {
    const course = hotCourse(facts);
    expect(course.map(({ values }) => values.utci?.toFixed(6))).toEqual(["25.000000", "40.000000", "33.000000"]);
    expect(course.map(({ values }) => values.pedestrian_wind_speed)).toEqual([1, 2, null]);
    expect(course[0].values.air_temperature).toBeNull();
    expect(peak(course, "utci")?.time).toBe(3600);
    expect(at(course, 4000)?.time).toBe(3600);
    expect(at(course, 0)?.time).toBe(1800);
  });

  test("has parts whose sum is the radiant temperature by the law of Stefan and Boltzmann", () => {
    // 0.97 · 5.670374e-8 · 300⁴ = 445.51 W/m²: absorbed in an enclosure of 300 K.
    expect(radiantOf(0.97 * 5.670374419e-8 * 300 ** 4)).toBeCloseTo(26.85, 9);
    const [, noon] = hotCourse(facts);
    expect(Object.values(noon.parts!).reduce((sum, one) => sum + one)).toBe(750);
  });

  test("is a table for other programs, one row for each moment", () => {
    const lines = hotCsv([{ point: "P", x: 149000.04, y: 172000, side: "A", start: "2019-07-24T22:00:00Z", moments: hotCourse(facts) }]).trim().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[2]).toBe("P,149000.0,172000.0,A,2019-07-24T23:00:00.000Z,40.00,,,,2.00,200.0,150.0,150.0,250.0");
    expect(lines[0].split(",")).toHaveLength(lines[2].split(",").length);
  });
});

describe("the moment of a hot day", () => {
  const result = { times: [1800, 3600, 5400], manifest: { weather: { time_s: [0, 2000, 5400], course: { air_temperature: { units: "K", values: [295, 312, null] } } } } } as unknown as ResultInfo;

  test("is first the output nearest to the warmest air", () => {
    expect(airOf(result)).toEqual([{ time: 0, value: 295 }, { time: 2000, value: 312 }]);
    expect(warmestOf(result)).toBe(1800);
    expect(warmestOf({ ...result, manifest: {} })).toBeNull();
  });
});

describe("trees", () => {
  const ball: Crown = { id: "t1", x: 10, y: 0, z: 0, height: 8, width: 6, base: 2 };
  const terrain = { height: () => 0 } as never;
  const planted = { edit: "tree", id: "a1", points: [[3, 4]], buildings: [], values: { height_m: 12, crown_diameter_m: 5 } } as const;
  const moved = { edit: "move_tree", id: "m1", points: [[7, 7]], buildings: ["t1"], values: {} } as const;

  test("are met where a ball of their crown is", () => {
    // The crown is a ball of radius 3 about (10, 0, 5): from x = 0 a level ray meets it at x = 7.
    const hit = crownAt(new Ray(new Vector3(0, 0, 5), new Vector3(1, 0, 0)), [ball]);
    expect(hit?.crown.id).toBe("t1");
    expect(hit?.distance).toBeCloseTo(7, 9);
    expect(crownAt(new Ray(new Vector3(0, 0, 8.1), new Vector3(1, 0, 0)), [ball])).toBeNull();
    expect(crownAt(new Ray(new Vector3(20, 0, 5), new Vector3(1, 0, 0)), [ball])).toBeNull();
  });

  test("of B are those planted and those moved, and A keeps what B takes away", () => {
    expect(plantedBy([planted, moved], [ball], terrain).map(({ id, x, y, height }) => [id, x, y, height])).toEqual([["a1", 3, 4, 12], ["t1", 7, 7, 8]]);
    expect([...goneBy([planted, moved])]).toEqual(["t1"]);
  });

  test("go into the document under the names that the scenario has for them", () => {
    const city = { name: "x", digest: "d", demo: true, bounds: [0, 0, 1, 1], origin: [149000, 172000], crs: "", counts: {}, sources: [], population: null } as never;
    const felled = { edit: "remove_tree", id: "f1", points: [], buildings: ["t9"], values: {} } as const;
    const hot = [{ key: "h", name: {}, description: {}, scenario: { scenario: 1, name: {}, cell_size_m: 2, period: { start: "2019-07-24T22:00:00Z", duration_s: 86400, output_every_s: 3600 }, kernels: ["heat"], forcing: { weather: { kind: "heat_day" } }, edits: [] } }] as never;
    const view = { ...DEFAULT_VIEW, scenario: "h", soil: false, sewers: "none", edits: [planted, moved, felled] } as never;
    const document = compose("b", view, city, hot);
    expect(document.edits).toEqual([
      { edit: "tree", id: "a1", point: [149003, 172004], height_m: 12, crown_diameter_m: 5 },
      { edit: "move_tree", id: "t1", point: [149007, 172007] },
      { edit: "remove_tree", id: "t9" },
    ]);
    // Rain, soil and sewers do not belong to a day without rain.
    expect([document.soil, document.sewers, document.forcing]).toEqual([undefined, undefined, { weather: { kind: "heat_day" } }]);
    expect(baseOf(DEFAULT_VIEW, hot).kernels).toEqual(["flood"]);
  });
});

describe("energy", () => {
  test("stands in the accounts where it came from, where it went, what stayed", () => {
    const closure = { kind: "energy", error: 1e-8, ledger: { energy_shortwave_in: 10, energy_longwave_in: 5, energy_longwave_out: 12, energy_stored: 3, energy_shortwave_absorbed: 9, energy_waste: 1 } };
    const found = sections([closureOf({ manifest: { closure: { heat: closure } } } as never)], null);
    expect(found.map(({ kind, accounts }) => [kind, accounts.map(({ name }) => name)])).toEqual([
      ["came", ["energy_shortwave_in", "energy_longwave_in"]],
      ["went", ["energy_longwave_out"]],
      ["held", ["energy_stored"]],
      ["moved", ["energy_shortwave_absorbed", "energy_waste"]],
    ]);
  });
});

describe("sectors", () => {
  test("hold a point in their outline and none in their hole", () => {
    const square = (size: number): [number, number][] => [[-size, -size], [size, -size], [size, size], [-size, size]];
    const sectors = [{ id: "s", rings: [square(10), square(2)] }];
    expect(sectorAt(sectors, [5, 5])).toBe("s");
    expect(sectorAt(sectors, [0, 0])).toBeNull();
    expect(sectorAt(sectors, [11, 0])).toBeNull();
  });
});
