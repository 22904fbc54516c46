/** Small pieces whose answers are known from elsewhere. */

import { describe, expect, test } from "vitest";
import { change, clock, moment, number, percent, power } from "../src/core/format";
import { waterAlpha, waterColor, waterShare } from "../src/core/palette";
import { compose, rainSteps, rainTotal, stormOf } from "../src/core/scenario";
import { DEFAULT_VIEW } from "../src/core/state";
import { momentOf, sunPosition } from "../src/core/sun";

describe("the sun", () => {
  test("stands where the equinox and the solstice put it", () => {
    // At noon of the sun the height is 90 - latitude + declination; declination 23.44 on 21 June, 0 at the equinox.
    const june = Array.from({ length: 1440 }, (_, minute) => sunPosition(new Date(Date.UTC(2021, 5, 21, 0, minute))));
    expect(Math.max(...june.map(({ elevation }) => elevation))).toBeCloseTo(90 - 50.85 + 23.44, 1);
    const equinox = Array.from({ length: 1440 }, (_, minute) => sunPosition(new Date(Date.UTC(2021, 2, 20, 0, minute))));
    expect(Math.max(...equinox.map(({ elevation }) => elevation))).toBeCloseTo(90 - 50.85, 0);
    const noon = june.reduce((best, each) => (each.elevation > best.elevation ? each : best));
    expect(Math.abs(noon.azimuth - 180)).toBeLessThan(0.6);
  });

  test("is in the west in the afternoon", () => {
    const { azimuth, elevation } = sunPosition(momentOf(18));
    expect(azimuth).toBeGreaterThan(250);
    expect(azimuth).toBeLessThan(290);
    expect(elevation).toBeGreaterThan(15);
  });
});

describe("figures", () => {
  test("are written as Belgians write them", () => {
    // Narrow no-break space between thousands, comma before decimals: the style of the federal forms.
    expect(number(1234.5, 1).replace(/\s/g, " ")).toBe("1 234,5");
    expect(change(-0.254)).toBe("−0,25");
    expect(change(12)).toBe("+12");
    expect(percent(0.125, 1).replace(/\s/g, " ")).toBe("12,5 %");
    expect(moment(new Date(Date.UTC(2019, 6, 25, 13, 0)))).toBe("25.07.2019 15:00"); // summer time in Brussels
    expect(power(3.46e-10)).toBe("3,5 · 10⁻¹⁰");
    expect(clock(3661)).toBe("1:01:01");
  });
});

describe("water", () => {
  test("goes from the first to the last token between 5 cm and 2 m", () => {
    expect(waterColor(0.05)).toEqual([0xdb, 0xea, 0xfe]);
    expect(waterColor(2)).toEqual([0x1e, 0x40, 0xaf]);
    expect(waterColor(9)).toEqual([0x1e, 0x40, 0xaf]);
    expect(waterShare(Math.sqrt(0.05 * 2))).toBeCloseTo(0.5, 9);
  });

  test("is not there when dry and never less there when deeper", () => {
    expect(waterAlpha(0)).toBe(0);
    const depths = Array.from({ length: 300 }, (_, i) => i / 100);
    const alphas = depths.map(waterAlpha);
    for (let i = 1; i < alphas.length; i++) expect(alphas[i]).toBeGreaterThanOrEqual(alphas[i - 1]);
  });
});

describe("a scenario document", () => {
  const city = { name: "x", digest: "d", demo: true, bounds: [0, 0, 1, 1], origin: [149000, 172000], crs: "", counts: {}, sources: [], population: null } as const;

  test("of B is A with the edits, in Lambert 72", () => {
    const view = { ...DEFAULT_VIEW, edits: [{ edit: "wall", id: "w1", points: [[-10, 5.25], [3.3, 4]], buildings: [], values: { height_m: 1.5 } }] } as never;
    const [a, b] = [compose("a", view, city as never, []), compose("b", view, city as never, [])];
    expect(a.edits).toEqual([]);
    expect(b.edits).toEqual([{ edit: "wall", id: "w1", line: [[148990, 172005.3], [149003.3, 172004]], height_m: 1.5 }]);
    expect({ ...b, edits: [] }).toEqual(a);
  });

  test("takes the user's rain and leaves the water time to gather", () => {
    const document = compose("a", { ...DEFAULT_VIEW, storm: { intensity_mm_h: 40, duration_s: 7200 } }, city as never, []);
    expect(document.forcing.rain).toEqual({ kind: "block", intensity_mm_h: 40, duration_s: 7200, start_s: 0 });
    expect(document.period.duration_s).toBeGreaterThanOrEqual(7200 + 900);
  });

  test("sums its rain", () => {
    const rain = { kind: "hyetograph", time_s: [0, 600, 1200, 1800], intensity_mm_h: [30, 90, 30, 0] } as const;
    expect(rainTotal(rain as never)).toBeCloseTo(5 + 15 + 5, 9);
    expect(stormOf(rain as never)).toEqual({ intensity_mm_h: 90, duration_s: 1800 });
    expect(rainSteps({ kind: "block", intensity_mm_h: 60, duration_s: 1800 })).toHaveLength(2);
    expect(rainTotal(null)).toBe(0);
  });
});
