/** Streets, ribbons, vehicles and hours; expected numbers follow from the drawing, or the arithmetic, that each test names. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Street } from "../src/core/api";
import { lookOf, differenceLook } from "../src/core/fields";
import { gainColors } from "../src/core/gains";
import { clockOf, DAYS, hoursOf, moved, pieces, QUARTERS, quartersOf, toggled } from "../src/core/hours";
import { onTheRoad, readLegs } from "../src/core/legs";
import { changeOf, differenceMap, inOrderOf, paintOf } from "../src/core/link_maps";
import type { Frame } from "../src/core/frames";
import { compose } from "../src/core/scenario";
import { DEFAULT_VIEW } from "../src/core/state";
import { along, driven, lineOf, linkOf, nearestStreet, ribbon, STATION, THINNEST_M, WIDEST_M, widthOf } from "../src/core/streets";

const street = (id: string, points: [number, number][]): Street => ({ id, name_fr: null, name_nl: null, kind: "residential", width: 6, lanes: 2, speed: 30, oneway: false, points });

describe("a ribbon", () => {
  test("of a street that runs east lies to its south, where one drives on the right", () => {
    const stations = ribbon([[0, 0], [100, 0]]);
    for (let i = 0; i < stations.length; i += STATION) expect([stations[i + 2], stations[i + 3]].map((one) => one + 0)).toEqual([0, -1]);
    const back = ribbon(lineOf(street("s", [[0, 0], [100, 0]]), false));
    expect(back[0]).toBeGreaterThan(90);
    expect(back[3]).toBe(1);
  });

  test("stops short of both crossings, is pointed at its end, and has no long pieces", () => {
    const stations = ribbon([[0, 0], [100, 0]]);
    const xs = Array.from({ length: stations.length / STATION }, (_, i) => stations[i * STATION]);
    expect(xs[0]).toBe(4);
    expect(xs.at(-1)).toBe(96);
    expect(stations.at(-1)).toBe(0);
    expect(stations[4]).toBe(1);
    for (let i = 1; i < xs.length; i++) expect(xs[i] - xs[i - 1]).toBeLessThanOrEqual(12.001);
  });

  test("keeps its width round a right angle", () => {
    const stations = ribbon([[0, 0], [50, 0], [50, 50]]);
    const rows = Array.from({ length: stations.length / STATION }, (_, i) => [...stations.subarray(i * STATION, (i + 1) * STATION)]);
    const corner = rows.find(([x, y]) => Math.hypot(x - 50, y) < 1e-6)!;
    // The mitre of a right angle is the square root of two long, to the south-east.
    expect(Math.hypot(corner[2], corner[3])).toBeCloseTo(Math.SQRT2, 5);
    expect(corner[2]).toBeCloseTo(1, 5);
    expect(corner[3]).toBeCloseTo(-1, 5);
  });

  test("is never anything but numbers, whatever line is drawn", () => {
    const point = fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -500, max: 500 }));
    fc.assert(fc.property(fc.array(point, { minLength: 2, maxLength: 8 }), (line) => [...ribbon(line)].every(Number.isFinite)));
    expect(ribbon([[3, 3], [3, 3]])).toHaveLength(0);
  });

  test("is as wide as its volume, up to a bound", () => {
    expect(widthOf(0)).toBe(THINNEST_M);
    expect(widthOf(1000) - THINNEST_M).toBeCloseTo(2 * (widthOf(500) - THINNEST_M), 9);
    expect(widthOf(1e6)).toBe(WIDEST_M);
    expect(widthOf(NaN)).toBe(0);
  });
});

describe("a street", () => {
  test("is told by its link, with its direction", () => {
    expect(linkOf("L-1>")).toEqual({ street: "L-1", along: true });
    expect(linkOf("L-1<")).toEqual({ street: "L-1", along: false });
  });

  test("is meant by a click beside it, the nearest one and none far off", () => {
    const all = [street("one", [[0, 0], [100, 0]]), street("two", [[0, 20], [100, 20]])];
    expect(nearestStreet(all, [50, 6], 11)?.id).toBe("one");
    expect(nearestStreet(all, [50, 14], 11)?.id).toBe("two");
    expect(nearestStreet(all, [50, -12], 11)).toBeNull();
    expect(nearestStreet(all, [108, 0], 11)?.id).toBe("one");
  });
});

describe("a vehicle", () => {
  const line = along([[0, 0], [60, 0], [60, 60], [60, 60]]);

  test("has driven half of a bent street at its corner's piece, on the right", () => {
    expect(driven(line, 0.25, 2)).toEqual({ x: 30, y: -2, heading: 0 });
    const { x, y, heading } = driven(line, 0.75, 2);
    expect([x, y]).toEqual([62, 30]);
    expect(heading).toBeCloseTo(Math.PI / 2, 9);
    expect(driven(line, 7, 0)).toMatchObject({ x: 60, y: 60 });
  });

  const legs = (rows: readonly (readonly [link: number, vehicle: number, mode: number, begin: number, until: number])[]) => {
    const body = new ArrayBuffer(4 + 20 * rows.length);
    new DataView(body).setUint32(0, rows.length, true);
    rows.forEach((row, i) => row.forEach((value, column) => (column < 3 ? new Int32Array(body, 4) : new Float32Array(body, 4)).fill(value, rows.length * column + i, rows.length * column + i + 1)));
    return body;
  };

  test("is on the road from its entry until it leaves, and nowhere else", () => {
    const found = readLegs(legs([[0, 0, 0, 10, 110], [1, 0, 0, 110, 130], [2, 1, 4, 50, Infinity]]));
    const at = (time: number) => {
      const seen: [number, number][] = [];
      onTheRoad(found, time, (leg, share) => seen.push([found.link[leg], share]));
      return seen;
    };
    expect(at(5)).toEqual([]);
    expect(at(35)).toEqual([[0, 0.25]]);
    expect(at(60)).toEqual([[0, 0.5], [2, 1]]);
    expect(at(110)).toEqual([[1, 0], [2, 1]]);
    expect(at(9e9)).toEqual([]);
  });

  test("that was cut off on its way here is an error, not a lonely road", () => {
    expect(() => readLegs(legs([[0, 0, 0, 1, 2]]).slice(0, 20))).toThrow("1 legs take 24 bytes");
    expect(readLegs(legs([])).count).toBe(0);
  });
});

describe("a map along streets", () => {
  const frame = (values: number[]): Frame => ({ stream: 1, sequence: 1, time: 0, nx: values.length, ny: 1, encoding: "uint16 linear", key: true, last: false, scale: 1, offset: 0, codes: Uint16Array.from(values), mask: null });

  test("compares links by their names where an edit has added one", () => {
    expect([...inOrderOf(Float32Array.of(1, 2), ["p", "q"], ["q", "new", "p"], 0)]).toEqual([2, 0, 1]);
    const change = changeOf("traffic_flow", frame([100, 50]), frame([40, 70, 110]), ["p", "q"], ["q", "new", "p"]);
    expect([...change]).toEqual([-10, 70, 10]);
  });

  test("shows more traffic in the colour of worse, less in that of better, and little in grey", () => {
    const map = differenceMap(["p", "q", "r"], Float32Array.of(100, -100, 1), differenceLook("traffic_flow", null, 100));
    const [more, less, same] = [0, 1, 2].map((link) => paintOf(map, link));
    expect(more[1]).toBeGreaterThan(more[3]);
    expect(less[3]).toBeGreaterThan(less[1]);
    expect(same[0]).toBe(THINNEST_M);
    expect(more[0]).toBeCloseTo(widthOf(100), 5);
    const faster = differenceLook("traffic_speed", null, 5);
    expect(faster.stops).toEqual([...differenceLook("traffic_flow", null, 5).stops].reverse());
  });

  test("reads speed in kilometres an hour: 3,6 for each metre a second", () => {
    const { shown, high } = lookOf("traffic_speed", null, 0);
    expect(shown.factor * high).toBeCloseTo(50, 9);
    expect(shown.units).toBe("km/h");
  });
});

describe("hours", () => {
  test("are read and written by quarters", () => {
    expect(quartersOf("07:00-11:00")).toEqual([28, 44]);
    expect(hoursOf(28, 44)).toBe("07:00-11:00");
    expect(clockOf(QUARTERS)).toBe("24:00");
    for (const wrong of ["7:00-11:00", "07:10-08:00", "24:00-25:00", "08:00-08:00", "nonsense"]) expect(quartersOf(wrong)).toBeNull();
  });

  test("stay hours however the handles are drawn", () => {
    const quarter = fc.integer({ min: -5, max: QUARTERS + 5 });
    const stay = fc.property(fc.array(fc.tuple(fc.constantFrom("from" as const, "to" as const), quarter), { maxLength: 30 }), (moves) => {
      let span: readonly [number, number] = [28, 44];
      for (const [which, to] of moves) span = moved(span, which, to);
      expect(quartersOf(hoursOf(...span))).toEqual(span);
    });
    fc.assert(stay, { numRuns: 500 });
  });

  test("over midnight cover both ends of the day", () => {
    expect(pieces([88, 24])).toEqual([[0, 0.25], [88 / 96, 1]]);
    expect(pieces([28, 44])).toEqual([[28 / 96, 44 / 96]]);
  });

  test("fall on days in the order of the week, on one at least", () => {
    expect(toggled("mon+wed", "tue")).toBe("mon+tue+wed");
    expect(toggled("mon", "mon")).toBe("mon");
    expect(toggled(DAYS.join("+"), "sun")).toBe(DAYS.slice(0, 6).join("+"));
  });
});

test("a closed street is written as the scenario has it, and leaves out what goes without saying", () => {
  const city = { origin: [0, 0] } as never;
  const edit = (hours: string, days: string) => ({ edit: "close_street" as const, id: "z1", points: [], buildings: ["L-1", "L-2"], values: { modes: "car+van+truck", hours, days } });
  const [some] = compose("b", { ...DEFAULT_VIEW, edits: [edit("07:00-11:00", "mon+tue")] }, city, []).edits;
  expect(some).toEqual({ edit: "close_street", id: "z1", streets: ["L-1", "L-2"], modes: ["car", "van", "truck"], hours: ["07:00-11:00"], days: ["mon", "tue"] });
  const [always] = compose("b", { ...DEFAULT_VIEW, edits: [edit("00:00-24:00", DAYS.join("+"))] }, city, []).edits;
  expect(always).toEqual({ edit: "close_street", id: "z1", streets: ["L-1", "L-2"], modes: ["car", "van", "truck"] });
});

describe("a neighbourhood", () => {
  const city = { origin: [100, 200] } as never;
  const corners = [[0, 0], [90, 0], [90, 90]] as const;
  const drawn = (buildings: string[]) => compose("b", { ...DEFAULT_VIEW, edits: [{ edit: "low_traffic_neighbourhood", id: "n1", points: corners, buildings, values: {} }] }, city, []).edits[0];

  test("is written with its filters, and with the streets that open both ways where there are some", () => {
    const whole = { edit: "low_traffic_neighbourhood", id: "n1", polygon: [[100, 200], [190, 200], [190, 290]] };
    expect(drawn(["L-1", "=L-2", "L-3"])).toEqual({ ...whole, filters: ["L-1", "L-3"], both_ways: ["L-2"] });
    expect(drawn(["L-1"])).toEqual({ ...whole, filters: ["L-1"] });
  });

  test("whose trips grow longer is orange, shorter blue, and more so where it is more", () => {
    const sector = (id: string, verdict: "better" | "worse" | "same" | "unknown", change: number | null) => ({ id, name_fr: "", name_nl: "", verdict, values: { change }, rings: [] });
    const colors = gainColors([sector("p", "better", -60), sector("q", "better", -6), sector("r", "worse", 60), sector("s", "same", 1), sector("t", "unknown", null)]);
    expect(colors.get("p")).toBe("rgb(43 108 176)");
    expect(colors.get("r")).toBe("rgb(192 86 33)");
    expect(colors.get("s")).toBe("#d9d6cf");
    expect(colors.has("t")).toBe(false);
    const red = (id: string) => Number(/\((\d+)/.exec(colors.get(id)!)![1]);
    expect(red("q")).toBeGreaterThan(red("p"));
    expect(red("q")).toBeLessThan(0xd9);
  });
});

test("fewer trips by car are a factor on cars alone, and a school street has the hours of schools without saying so", () => {
  const city = { origin: [0, 0] } as never;
  const edits = compose("b", {
    ...DEFAULT_VIEW,
    edits: [
      { edit: "travel_demand", id: "cars", points: [], buildings: [], values: { factor: 0.75 } },
      { edit: "school_street", id: "e1", points: [], buildings: ["L-1"], values: {} },
    ],
  }, city, []).edits;
  expect(edits).toEqual([
    { edit: "travel_demand", id: "cars", modes: ["car"], factor: 0.75 },
    { edit: "school_street", id: "e1", streets: ["L-1"] },
  ]);
});
