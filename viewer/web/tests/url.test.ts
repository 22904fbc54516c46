import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_VIEW, type Edit, LANGUAGES, LAYERS, type View } from "../src/core/state";
import { decode, encode } from "../src/core/url";

const tenth = (low: number, high: number) => fc.integer({ min: low * 10, max: high * 10 }).map((value) => value / 10);
const point = fc.tuple(tenth(-20_000, 20_000), tenth(-20_000, 20_000));
const height = tenth(1, 300);
const id = fc.string({ minLength: 1, maxLength: 12 });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ edit: fc.constant("wall" as const), id, line: fc.array(point, { minLength: 2, maxLength: 12 }), height_m: height }),
  fc.record({ edit: fc.constant("land_cover" as const), id, polygon: fc.array(point, { minLength: 3, maxLength: 12 }), cover: id }),
  fc.record({ edit: fc.constant("add_building" as const), id, polygon: fc.array(point, { minLength: 3, maxLength: 12 }), height_m: height }),
);
const digest = fc.option(fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 }));
const view: fc.Arbitrary<View> = fc.record({
  language: fc.constantFrom(...LANGUAGES),
  camera: fc.option(
    fc.record({ x: tenth(-9000, 9000), y: tenth(-9000, 9000), z: tenth(-20, 300), distance: tenth(1, 9000), azimuth: tenth(0, 360), tilt: tenth(0, 84) }),
  ),
  hidden: fc.subarray([...LAYERS]),
  hour: fc.integer({ min: 0, max: 96 }).map((value) => value / 4),
  scenario: fc.option(id),
  storm: fc.option(fc.record({ intensity_mm_h: fc.integer({ min: 0, max: 1000 }), duration_s: fc.integer({ min: 0, max: 86_400 }) })),
  edits: fc.array(edit, { maxLength: 6 }),
  swipe: fc.option(fc.integer({ min: 0, max: 1000 }).map((value) => value / 1000)),
  time: fc.option(tenth(0, 100_000)),
  selected: fc.option(id),
  runs: fc.record({ a: digest, b: digest }),
});

/** Minus zero is zero in a link. */
const plain = (value: View): View => JSON.parse(JSON.stringify(value)) as View;

describe("a link", () => {
  test("brings back every part of every view", () => {
    const there = fc.property(view, (one) => {
      expect(plain(decode(`#${encode(one)}`))).toEqual(plain(one));
    });
    fc.assert(there, { numRuns: 500 });
  });

  test("is empty for the view one starts with", () => {
    expect(encode(DEFAULT_VIEW)).toBe("");
    expect(decode("")).toEqual(DEFAULT_VIEW);
  });

  test("carries each key of the view", () => {
    const full: View = {
      language: "nl",
      camera: { x: 1, y: 2, z: 3, distance: 400, azimuth: 50, tilt: 60 },
      hidden: ["trees"],
      hour: 9,
      scenario: "cloudburst",
      storm: { intensity_mm_h: 45, duration_s: 900 },
      edits: [{ edit: "wall", id: "w1", line: [[0, 0], [10, 0]], height_m: 1 }],
      swipe: 0.25,
      time: 600,
      selected: "b-7",
      runs: { a: "aa", b: "bb" },
    };
    for (const key of Object.keys(DEFAULT_VIEW) as (keyof View)[]) {
      const one = { ...DEFAULT_VIEW, [key]: full[key] };
      expect(decode(encode(one))[key], key).toEqual(full[key]);
      expect(encode(one), key).not.toBe("");
    }
  });

  test("that is nonsense opens the page as by default, never fails", () => {
    const opens = fc.property(fc.string(), (text) => {
      expect(LANGUAGES).toContain(decode(text).language);
    });
    fc.assert(opens, { numRuns: 500 });
    expect(decode("#l=xx&c=1_2&h=99&e=w!w1!-1!0.0~1.1&w=7&constructor=1&__proto__=2&t=&%%%")).toEqual(DEFAULT_VIEW);
  });

  test("with a damaged part keeps the others", () => {
    expect(decode("l=nl&c=oops&t=60")).toEqual({ ...DEFAULT_VIEW, language: "nl", time: 60 });
  });
});
