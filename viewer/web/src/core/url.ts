/** The link: everything of `View` as short text after the #, and back; nonsense falls back to the default, key by key. */

import { type CameraView, DEFAULT_VIEW, type Edit, LANGUAGES, LAYERS, type LayerName, type Language, type Point, type View } from "./state";

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

const LETTER = { wall: "w", land_cover: "c", add_building: "b" } as const;

function packEdit(edit: Edit): string {
  const [value, points] =
    edit.edit === "wall"
      ? [edit.height_m, edit.line]
      : edit.edit === "land_cover"
        ? [edit.cover, edit.polygon]
        : [edit.height_m, edit.polygon];
  return [LETTER[edit.edit], edit.id, value, packPoints(points)].map((part) => escaped(String(part))).join("!");
}

/** Percent signs also for the marks that part edits from each other. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
}

function unpackEdit(text: string): Edit {
  const [letter, id, value, path] = text.split("!").map(decodeURIComponent);
  const points = unpackPoints(path);
  const height_m = Number(value);
  if (!id || points.length < (letter === "w" ? 2 : 3)) throw new Error("not an edit");
  if (letter === "c") return { edit: "land_cover", id, polygon: points, cover: value };
  if (!Number.isFinite(height_m) || height_m <= 0) throw new Error("not a height");
  if (letter === "w") return { edit: "wall", id, line: points, height_m };
  if (letter === "b") return { edit: "add_building", id, polygon: points, height_m };
  throw new Error("not an edit");
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
    write: ({ storm }) => storm && `${storm.intensity_mm_h}_${storm.duration_s}`,
    read: (text) => {
      const [intensity, duration] = text.split("_");
      return { storm: { intensity_mm_h: finite(intensity, 0, 1000), duration_s: finite(duration ?? "", 0, 1e6) } };
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
