import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIELDS } from "../src/core/fields";
import { DEFAULT_VIEW, type Edit, ENERGY_TABS, LANGUAGES, LAYERS, PLACE_VIEWS, PROBE_LETTERS, SEWERS, type View } from "../src/core/state";
import { decode, encode } from "../src/core/url";
import { fewest, textsOf, TOOLS, type Value, WORKS } from "../src/core/works";

const tenth = (low: number, high: number) => fc.integer({ min: low * 10, max: high * 10 }).map((value) => value / 10);
const point = fc.tuple(tenth(-20_000, 20_000), tenth(-20_000, 20_000));
const id = fc.string({ minLength: 1, maxLength: 12 });
/** Any edit that its tool could have drawn, with values it knows. */
const edit: fc.Arbitrary<Edit> = fc.constantFrom(...TOOLS).chain((tool) => {
  const { shape, knobs, choices } = WORKS[tool];
  if (shape === "form") {
    const said = fc.record({ standard: id, share: fc.double({ noNaN: true, min: 0, max: 1 }) }).map((words) => ({ said: JSON.stringify(words) }));
    return fc.record({ edit: fc.constant(tool), id, points: fc.array(point, { maxLength: 1 }), buildings: fc.array(id, { maxLength: 6 }), values: said });
  }
  const values = fc.record(
    Object.fromEntries([
      ...knobs.map(({ field, min, max }) => [field, fc.integer({ min: Math.round(min * 100), max: Math.round(max * 100) }).map((value) => value / 100)]),
      ...choices.map(({ field }) => [field, id]),
      ...textsOf(tool).map(({ field, start }) => [field, fc.constantFrom(...{ modes: ["car", "bike+bus", start], hours: ["22:00-06:00", start], days: ["sun", start] }[field])]),
    ]) as Record<string, fc.Arbitrary<Value>>,
  );
  const things = shape === "buildings" || shape === "streets" || shape === "tree";
  const corners = things ? [0, 0] : shape === "move" ? [1, 1] : shape === "whole" ? [0, 0] : [fewest(tool), 12];
  const picked = things || shape === "quarter" ? [1, 6] : shape === "move" ? [1, 1] : [0, 0];
  return fc.record({
    edit: fc.constant(tool),
    id,
    points: fc.array(point, { minLength: corners[0], maxLength: corners[1] }),
    buildings: fc.array(id, { minLength: picked[0], maxLength: picked[1] }),
    values,
  });
});
const design = fc.record({
  intensity_mm_h: fc.integer({ min: 0, max: 1000 }),
  duration_s: fc.integer({ min: 0, max: 86_400 }),
  return_period_years: fc.constantFrom(2, 10, 100),
  climate_factor: fc.constantFrom(1, 1.2, 1.4),
});
const probes = fc.subarray([...PROBE_LETTERS]).chain((letters) => fc.tuple(...letters.map((letter) => fc.record({ letter: fc.constant(letter), at: point }))));
const digest = fc.option(fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 }));
const view: fc.Arbitrary<View> = fc.record({
  language: fc.constantFrom(...LANGUAGES),
  camera: fc.option(
    fc.record({ x: tenth(-9000, 9000), y: tenth(-9000, 9000), z: tenth(-20, 300), distance: tenth(1, 9000), azimuth: tenth(0, 360), tilt: tenth(0, 84) }),
  ),
  hidden: fc.subarray([...LAYERS]),
  hour: fc.integer({ min: 0, max: 96 }).map((value) => value / 4),
  scenario: fc.option(id),
  storm: fc.option(fc.record({ intensity_mm_h: fc.integer({ min: 0, max: 1000 }), duration_s: fc.integer({ min: 0, max: 86_400 }) })).chain((even) => fc.oneof(fc.constant(even), design)),
  soil: fc.option(fc.boolean()),
  sewers: fc.option(fc.constantFrom(...SEWERS)),
  edits: fc.array(edit, { maxLength: 6 }),
  field: fc.constantFrom(...FIELDS),
  probes,
  swipe: fc.option(fc.integer({ min: 0, max: 1000 }).map((value) => value / 1000)),
  difference: fc.boolean(),
  places: fc.option(fc.constantFrom(...PLACE_VIEWS)),
  weights: fc.dictionary(fc.constantFrom("hazard", "exposure", "hours_above_38"), fc.integer({ min: 0, max: 12 }).map((value) => value / 4)),
  balance: fc.option(fc.constantFrom(...ENERGY_TABS)),
  time: fc.option(tenth(0, 100_000)),
  selected: fc.option(id),
  street: fc.option(id),
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
      soil: false,
      sewers: "20",
      edits: [{ edit: "wall", id: "w1", points: [[0, 0], [10, 0]], buildings: [], values: { height_m: 1 } }],
      field: "max_hazard_rating",
      probes: [{ letter: "P", at: [12.5, -3] }],
      swipe: 0.25,
      difference: true,
      places: "hazard",
      weights: { hazard: 2, hours_above_38: 0.25 },
      balance: "flows",
      time: 600,
      selected: "b-7",
      street: "L-7",
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

  test("written before there were other tools still draws its wall", () => {
    const [wall] = decode("e=w!w1!1.2!0.0~100.0").edits;
    expect(wall).toEqual({ edit: "wall", id: "w1", points: [[0, 0], [10, 0]], buildings: [], values: { height_m: 1.2 } });
  });

  test("with a damaged part keeps the others", () => {
    expect(decode("l=nl&c=oops&t=60")).toEqual({ ...DEFAULT_VIEW, language: "nl", time: 60 });
  });
});
