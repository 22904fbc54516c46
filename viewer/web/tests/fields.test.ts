/** Fields, their legends and what the card gets of them; the numbers come from the table or the arithmetic that each test names. */

import { describe, expect, test } from "vitest";
import type { GridInfo } from "../src/core/api";
import { shares } from "../src/core/field";
import { classOf, colorOf, coverOf, differenceLook, FIELD_GROUPS, FIELDS, hazardWords, isHeat, isTraffic, isWhole, lookOf, read, shareOf, stressWords, ticksOf, valueAt } from "../src/core/fields";
import { type Frame, valueOf } from "../src/core/frames";
import { differenceOf, mostOf, spanOf } from "../src/core/maps";
import { squareOf, streaks } from "../src/layers/flow";

const grid: GridInfo = { nx: 4, ny: 2, west: 0, south: 0, cell_size: 10 };

function frame(values: number[], mask: number[] | null = null): Frame {
  return {
    stream: 1,
    sequence: 1,
    time: 0,
    nx: 4,
    ny: 2,
    encoding: "uint16 linear",
    key: true,
    last: false,
    scale: 0.001,
    offset: -32.768,
    codes: Uint16Array.from(values.map((value) => Math.round((value + 32.768) * 1000))),
    mask: mask && Uint8Array.from(mask),
  };
}

describe("a legend", () => {
  test("has at most five numbers, all within it, for every field", () => {
    for (const name of FIELDS) {
      for (const end of [0, 1200, 3600, 86_400]) {
        const look = lookOf(name, null, end);
        expect(look.ticks.length, name).toBeGreaterThan(1);
        expect(look.ticks.length, name).toBeLessThanOrEqual(5);
        for (const tick of look.ticks) expect(valueAt(look, shareOf(look, tick)), `${name} ${tick}`).toBeCloseTo(tick, 6);
      }
    }
  });

  test("counts hours of a run in round minutes", () => {
    expect(ticksOf(0, 3600, 1 / 60).map((seconds) => seconds / 60)).toEqual([0, 20, 40, 60]);
  });

  test("parts hazard to people where table 13.1 of FD2321/TR1 does", () => {
    const { classes } = lookOf("max_hazard_rating", null, 0);
    expect([0.5, 0.75, 1.24, 1.25, 1.99, 2, 9].map((rating) => classOf(classes!, rating))).toEqual([0, 1, 1, 2, 2, 3, 3]);
    expect(hazardWords(1.3)).toBe("hazard.significant");
  });

  test("shows little where there is little, and early water as strongly as late", () => {
    const speed = lookOf("max_water_speed", null, 0);
    expect(coverOf(speed, 0)).toBe(0);
    expect(coverOf(speed, 1)).toBeGreaterThan(0.8);
    const arrival = lookOf("arrival_time", null, 3600);
    expect(coverOf(arrival, 0)).toBe(coverOf(arrival, 3600));
    // Viridis runs from dark to bright: Smith and van der Walt.
    const light = (value: number): number => colorOf(speed, value).reduce((sum, channel) => sum + channel);
    expect(light(2)).toBeGreaterThan(light(1));
    expect(light(1)).toBeGreaterThan(light(0));
  });

  test("knows which fields are those of a moment", () => {
    const water = FIELDS.filter((name) => !isHeat(name) && !isTraffic(name));
    expect(water.filter((name) => !isWhole(name))).toEqual(["water_depth", "water_speed"]);
    const heat = FIELDS.filter((name) => isHeat(name) && !isWhole(name));
    expect(heat).toEqual(["utci", "mean_radiant_temperature", "pet", "wbgt", "shadow", "surface_temperature", "air_temperature", "pedestrian_wind_speed"]);
    const streets = FIELDS.filter((name) => isTraffic(name) && !isWhole(name));
    expect(streets).toEqual(["traffic_flow", "traffic_speed", "traffic_saturation", "queue_length", "bicycle_flow", "road_noise_power"]);
    expect(FIELD_GROUPS.flatMap(({ fields }) => fields)).toEqual(FIELDS);
  });
});

describe("heat", () => {
  const catalogue = { quantities: { air_temperature: { units: "K", range: [263.15, 313.15] }, utci: { units: "K", range: null } } } as never;

  test("is told in the words of the assessment scale of UTCI, edge by edge", () => {
    // Błażejczyk and others (2013), doi:10.7163/GPol.2013.1: 26, 32, 38 and 46 °C part the stress classes.
    const edges = [25.99, 26, 31.99, 32, 37.99, 38, 45.99, 46].map((celsius) => stressWords(celsius + 273.15 + 1e-9));
    expect(edges).toEqual(["stress.none", "stress.moderate", "stress.moderate", "stress.strong", "stress.strong", "stress.very_strong", "stress.very_strong", "stress.extreme"]);
  });

  test("gives every word one part of the ramp, and a step of colour between two", () => {
    const look = lookOf("utci", null, 0);
    expect(look.ticks.map((kelvin) => Math.round(kelvin - 273.15))).toEqual([26, 32, 38, 46]);
    expect(look.ticks.map((kelvin) => shareOf(look, kelvin))).toEqual([0.2, 0.4, 0.6, 0.8]);
    const jump = (at: number): number => Math.max(...colorOf(look, at - 0.01).map((one, c) => Math.abs(one - colorOf(look, at + 0.01)[c])));
    expect(jump(look.ticks[1])).toBeGreaterThan(10);
    expect(jump(look.ticks[1] + 3)).toBeLessThanOrEqual(1);
  });

  test("is read in degrees Celsius, with round ones on the legend", () => {
    const look = lookOf("air_temperature", catalogue, 0, [300.15, 304.15]);
    expect(look.shown.units).toBe("°C");
    expect(look.ticks.map((kelvin) => Math.round(1e6 * read(look.shown, kelvin)) / 1e6)).toEqual([27, 28, 29, 30, 31]);
  });

  test("spans what a map holds where it changes little from street to street", () => {
    // 100 cells from 27.3 to 29.28 °C in steps of 0.02 K: 2 % lie below 27.34, 2 % above 29.24.
    const cells = { ...frame([]), nx: 100, ny: 1, scale: 0.01, offset: 0, codes: Uint16Array.from({ length: 100 }, (_, i) => 30045 + 2 * i) };
    const [low, high] = spanOf(cells, -273.15)!;
    expect(low - 273.15).toBeCloseTo(27, 6);
    expect(high - 273.15).toBeCloseTo(29.5, 6);
  });
});

describe("a difference", () => {
  test("is B minus A with its sign, blank where either is", () => {
    const found = differenceOf(frame([1, 2, 3, 4, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0]), frame([1.5, 1, 3, 9, 0, 0, 0, 0]))!;
    expect([...found.codes].slice(0, 3).map((code) => Math.round(1000 * valueOf(code, found)) / 1000)).toEqual([0.5, -1, 0]);
    expect([...found.mask!]).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
    expect(mostOf(found, 0.1)).toBe(1);
    expect(differenceOf(frame([0, 0, 0, 0, 0, 0, 0, 0]), { ...frame([]), nx: 2 })).toBeNull();
  });

  test("is blue where it is cooler, orange where it is hotter, and nothing at zero", () => {
    const look = differenceLook("utci", null, 2);
    const [red, , blue] = colorOf(look, -2);
    expect(blue).toBeGreaterThan(red);
    const [hot, , cold] = colorOf(look, 2);
    expect(hot).toBeGreaterThan(cold);
    expect(coverOf(look, 0)).toBe(0);
    expect(coverOf(look, -2)).toBe(coverOf(look, 2));
    expect([look.shown.units, look.ticks.length]).toEqual(["K", 5]);
  });
});

describe("a map on the card", () => {
  test("is blank in buildings, and where less than 5 cm of water came", () => {
    const look = lookOf("max_water_speed", null, 0);
    const codes = new Uint8Array(16);
    const depth = frame([0.049, 0.051, 1, 1, 1, 1, 1, 1]);
    shares(frame([1, 1, 0.5, 2, 9, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 0]), depth, look, codes);
    expect([...codes.filter((_, i) => i % 2 === 1)]).toEqual([0, 255, 255, 255, 255, 0, 255, 255]);
    // Half of 0..2 m/s is 128 of 255, a quarter 64; faster than the legend is its end.
    expect([codes[2], codes[4], codes[6], codes[8]]).toEqual([128, 64, 255, 255]);
  });
});

describe("streaks", () => {
  const eye = { x: 20, y: 10, distance: 420 };
  const flow = (depth: number[], east: number[], north: number[]) => ({ depth: frame(depth), east: frame(east), north: frame(north), grid });
  const eight = (value: number): number[] => Array.from({ length: 8 }, () => value);

  test("lie on the water, along the flow, one for each square", () => {
    expect(squareOf(420, 10)).toBe(1);
    const found = streaks(flow(eight(0.4), eight(0.6), eight(0.8)), eye, () => 15);
    expect(found.length).toBe(8 * 8);
    const [x, y, z, weight, dx, dy, rise] = found;
    expect([x, y]).toEqual([5, 5]);
    expect(z).toBeCloseTo(15.4, 3);
    expect(weight).toBe(1);
    // 0.6 and 0.8 m/s are a speed of one in the direction (3, 4) / 5.
    expect(dx / Math.hypot(dx, dy)).toBeCloseTo(0.6, 6);
    expect(dy / Math.hypot(dx, dy)).toBeCloseTo(0.8, 6);
    expect(rise).toBe(0);
  });

  test("are none where water is thin, still or not there", () => {
    expect(streaks(flow(eight(0.01), eight(1), eight(0)), eye, () => 0).length).toBe(0);
    expect(streaks(flow(eight(1), eight(0.01), eight(0)), eye, () => 0).length).toBe(0);
    expect(streaks({ ...flow(eight(1), eight(1), eight(0)), depth: frame(eight(1), eight(1)) }, eye, () => 0).length).toBe(0);
  });

  test("thin out with the distance and stand where the flow is strongest", () => {
    const far = { ...eye, distance: 2000 };
    expect(squareOf(2000, 10)).toBeGreaterThan(3);
    const depth = [0.2, 0.2, 0.9, 0.2, 0.2, 0.2, 0.2, 0.2];
    const found = streaks(flow(depth, eight(1), eight(0)), far, () => 0);
    expect(found.length).toBe(8);
    expect([found[0], found[1]]).toEqual([25, 5]);
  });
});
