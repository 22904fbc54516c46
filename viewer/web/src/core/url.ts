/** The link: everything of `View` as short text after the #, and back; nonsense falls back to the default, key by key. */

import { type FieldName, FIELDS } from "./fields";
import {
  type CameraView,
  DEFAULT_VIEW,
  type Edit,
  ENERGY_TABS,
  type EnergyTab,
  LANGUAGES,
  type Language,
  type LayerName,
  LAYERS,
  PLACE_VIEWS,
  type PlaceView,
  type Point,
  PROBE_LETTERS,
  type ProbeLetter,
  SEWERS,
  type Sewers,
  type View,
} from "./state";
import { fewest, textsOf, type Tool, TOOLS, type Value, WORKS } from "./works";

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** Points as decimetres, each as the step from the one before: `12.-3~100.0`. */
function packPoints(points: readonly Point[]): string {
  let [px, py] = [0, 0];
  return points
    .map(([x, y]) => {
      const [dx, dy] = [Math.round(x * 10), Math.round(y * 10)];
      const step = `${dx - px}.${dy - py}`;
      [px, py] = [dx, dy];
      return step;
    })
    .join("~");
}

function unpackPoints(text: string): Point[] {
  let [px, py] = [0, 0];
  return text.split("~").map((step) => {
    const [dx, dy] = step.split(".").map(Number);
    if (!Number.isInteger(dx) || !Number.isInteger(dy)) throw new Error("not a point");
    [px, py] = [px + dx, py + dy];
    return [px / 10, py / 10] as const;
  });
}

const BY_LETTER = new Map(TOOLS.map((tool) => [WORKS[tool].letter, tool]));

/** `letter!id!values!points`, or things instead of points, or both; values in the order of the tool, parted by `~`. */
function packEdit({ edit, id, points, buildings, values }: Edit): string {
  const { shape, letter, knobs, choices } = WORKS[edit];
  if (shape === "form") return [letter, escaped(id), plain(String(values.said ?? "{}")), points.length ? packPoints(points) : "", buildings.map(marked).join("~")].join("!");
  const said = [...knobs, ...choices, ...textsOf(edit)].map(({ field }) => marked(String(values[field])));
  const place = shape === "buildings" || shape === "streets" || shape === "tree" ? buildings.map(marked).join("~") : packPoints(points);
  return [letter, escaped(id), said.join("~"), place, ...(shape === "move" || shape === "quarter" ? [buildings.map(marked).join("~")] : [])].join("!");
}

/** Percent signs also for the marks that part edits from each other. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
}

/** Percent signs for the marks alone: the whole is written with them once more. */
function plain(text: string): string {
  return text.replace(/[%!*~]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
}

/** As `escaped`, and for the mark between values too. */
function marked(text: string): string {
  return escaped(text).replace(/~/g, "%7e");
}

function unpackEdit(text: string): Edit {
  const [letter, name, said, place, things] = text.split("!");
  const tool = BY_LETTER.get(letter);
  if (!tool || !name || place === undefined) throw new Error("not an edit");
  const { shape, knobs, choices } = WORKS[tool];
  if (shape === "form") return unpackForm(tool, decodeURIComponent(name), decodeURIComponent(said), place, things ?? "");
  const found = said.split("~").map(decodeURIComponent);
  const values: Record<string, Value> = {};
  knobs.forEach(({ field }, i) => (values[field] = finite(found[i] ?? "", 0, 1e6)));
  [...choices, ...textsOf(tool)].forEach(({ field }, i) => (values[field] = found[knobs.length + i] ?? ""));
  if (knobs.some(({ field, min }) => min > 0 && values[field] === 0)) throw new Error("not a height");
  if (choices.some(({ field }) => values[field] === "")) throw new Error("not a choice");
  if (textsOf(tool).some(({ field, means }) => !means(String(values[field])))) throw new Error("not hours, days or modes");
  const picked = shape === "buildings" || shape === "streets" || shape === "tree";
  const points = picked || shape === "whole" ? [] : unpackPoints(place);
  const buildings = (picked ? place : shape === "move" || shape === "quarter" ? (things ?? "") : "").split("~").map(decodeURIComponent).filter(Boolean);
  if (points.length + buildings.length < fewest(tool) || (shape === "quarter" && buildings.length === 0)) throw new Error("not an edit");
  return { edit: tool, id: decodeURIComponent(name), points, buildings, values };
}

/** An edit that a form has filled in: what it says as JSON, at most one point, and buildings. */
function unpackForm(edit: Tool, id: string, said: string, place: string, things: string): Edit {
  const words: unknown = JSON.parse(said);
  if (typeof words !== "object" || words === null || Array.isArray(words)) throw new Error("not a form");
  return { edit, id, points: place ? unpackPoints(place) : [], buildings: things.split("~").map(decodeURIComponent).filter(Boolean), values: { said } };
}

const CAMERA: readonly (readonly [keyof CameraView, number])[] = [
  ["x", 1],
  ["y", 1],
  ["z", 1],
  ["distance", 1],
  ["azimuth", 1],
  ["tilt", 1],
];

interface Part {
  write(view: View): string | null;
  read(text: string): Partial<View>;
}

function finite(text: string, low: number, high: number): number {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value) || value < low || value > high) throw new Error("out of range");
  return value;
}

/** One entry per part of the link; a part that is as by default is left out. */
const PARTS: Record<string, Part> = {
  l: {
    write: ({ language }) => (language === DEFAULT_VIEW.language ? null : language),
    read: (text) => {
      if (!LANGUAGES.includes(text as Language)) throw new Error("not a language");
      return { language: text as Language };
    },
  },
  c: {
    write: ({ camera }) => camera && CAMERA.map(([key, digits]) => round(camera[key], digits)).join("_"),
    read: (text) => {
      const values = text.split("_").map((each) => finite(each, -1e6, 1e6));
      if (values.length !== CAMERA.length || values[3] <= 0) throw new Error("not a camera");
      return { camera: Object.fromEntries(CAMERA.map(([key], i) => [key, values[i]])) as unknown as CameraView };
    },
  },
  x: {
    write: ({ hidden }) => (hidden.length ? LAYERS.filter((name) => hidden.includes(name)).join("_") : null),
    read: (text) => {
      const named = text.split("_");
      return { hidden: LAYERS.filter((name: LayerName) => named.includes(name)) };
    },
  },
  h: {
    write: ({ hour }) => (hour === DEFAULT_VIEW.hour ? null : String(round(hour, 2))),
    read: (text) => ({ hour: finite(text, 0, 24) }),
  },
  n: {
    write: ({ scenario }) => scenario,
    read: (text) => ({ scenario: text || null }),
  },
  r: {
    write: ({ storm }) =>
      storm && [storm.intensity_mm_h, storm.duration_s, storm.return_period_years, storm.climate_factor].filter((part) => part !== undefined).join("_"),
    read: (text) => {
      const [intensity, duration, years, climate] = text.split("_");
      const even = { intensity_mm_h: finite(intensity, 0, 1000), duration_s: finite(duration ?? "", 0, 1e6) };
      const design = years === undefined ? even : { ...even, return_period_years: finite(years, 1, 10_000) };
      return { storm: climate === undefined ? design : { ...design, climate_factor: finite(climate, 0.1, 10) } };
    },
  },
  i: {
    write: ({ soil }) => (soil === null ? null : soil ? "1" : "0"),
    read: (text) => ({ soil: text === "1" ? true : text === "0" ? false : null }),
  },
  d: {
    write: ({ sewers }) => sewers,
    read: (text) => {
      if (!SEWERS.includes(text as Sewers)) throw new Error("not a sewer");
      return { sewers: text as Sewers };
    },
  },
  f: {
    write: ({ field }) => (field === DEFAULT_VIEW.field ? null : field),
    read: (text) => {
      if (!FIELDS.includes(text as FieldName)) throw new Error("not a field");
      return { field: text as FieldName };
    },
  },
  p: {
    write: ({ probes }) => (probes.length ? probes.map(({ letter, at }) => `${letter}${packPoints([at])}`).join("~") : null),
    read: (text) => {
      const found = text.split("~").map((one) => ({ letter: one[0] as ProbeLetter, at: unpackPoints(one.slice(1))[0] }));
      return { probes: PROBE_LETTERS.flatMap((letter) => found.find((one) => one.letter === letter) ?? []) };
    },
  },
  e: {
    write: ({ edits }) => (edits.length ? edits.map(packEdit).join("*") : null),
    read: (text) => ({ edits: text.split("*").map(unpackEdit) }),
  },
  w: {
    write: ({ swipe }) => (swipe === null ? null : String(round(swipe, 3))),
    read: (text) => ({ swipe: finite(text, 0, 1) }),
  },
  q: {
    write: ({ difference }) => (difference ? "1" : null),
    read: (text) => ({ difference: text === "1" }),
  },
  k: {
    write: ({ street }) => street,
    read: (text) => ({ street: text || null }),
  },
  v: {
    write: ({ places }) => places,
    read: (text) => {
      if (!PLACE_VIEWS.includes(text as PlaceView)) throw new Error("not a view of places");
      return { places: text as PlaceView };
    },
  },
  g: {
    write: ({ weights }) => Object.entries(weights).map(([key, weight]) => `${key}:${round(weight, 2)}`).join("~"),
    read: (text) => ({
      weights: Object.fromEntries(
        text.split("~").map((one) => {
          const [key, weight] = one.split(":");
          if (!/^[a-z_0-9]{1,40}$/.test(key)) throw new Error("not a weight");
          return [key, finite(weight ?? "", 0, 10)];
        }),
      ),
    }),
  },
  o: {
    write: ({ balance }) => balance,
    read: (text) => {
      if (!ENERGY_TABS.includes(text as EnergyTab)) throw new Error("not a page of energy");
      return { balance: text as EnergyTab };
    },
  },
  t: {
    write: ({ time }) => (time === null ? null : String(round(time, 1))),
    read: (text) => ({ time: finite(text, 0, 1e9) }),
  },
  s: {
    write: ({ selected }) => selected,
    read: (text) => ({ selected: text || null }),
  },
  a: {
    write: ({ runs }) => runs.a,
    read: (text) => ({ runs: { a: text || null, b: null } }),
  },
  b: {
    write: ({ runs }) => runs.b,
    read: (text) => ({ runs: { a: null, b: text || null } }),
  },
};

/** The text after the #, without it. */
export function encode(view: View): string {
  const parts: string[] = [];
  for (const [key, part] of Object.entries(PARTS)) {
    const text = part.write(view);
    if (text !== null && text !== "") parts.push(`${key}=${encodeURIComponent(text)}`);
  }
  return parts.join("&");
}

/** What a link says; what it does not say, or says wrongly, is as by default. */
export function decode(hash: string): View {
  let view: View = DEFAULT_VIEW;
  for (const pair of hash.replace(/^#/, "").split("&")) {
    const cut = pair.indexOf("=");
    const part = cut > 0 && Object.hasOwn(PARTS, pair.slice(0, cut)) ? PARTS[pair.slice(0, cut)] : null;
    if (!part) continue;
    try {
      const said = part.read(decodeURIComponent(pair.slice(cut + 1)));
      const runs = said.runs ? { a: said.runs.a ?? view.runs.a, b: said.runs.b ?? view.runs.b } : view.runs;
      view = { ...view, ...said, runs };
    } catch {
      // A link that was cut or mistyped still opens; the damaged part is as by default.
    }
  }
  return view;
}
