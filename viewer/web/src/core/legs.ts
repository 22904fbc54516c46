/** Ways of traced vehicles: legs as the server sends them, and which of them are on the road at a moment. */

export const MODES = ["car", "van", "truck", "bus", "bike", "foot"] as const;
export type Mode = (typeof MODES)[number];

/** Legs are looked up by spans of this length, s. */
const SPAN_S = 60;

export interface Legs {
  count: number;
  /** Place of the link, number of the vehicle, place of its mode. */
  link: Int32Array;
  vehicle: Int32Array;
  mode: Int32Array;
  begin: Float32Array;
  /** Infinite where the vehicle was still there when the run ended. */
  until: Float32Array;
  /** Legs that touch each span, from `first` s on. */
  first: number;
  spans: readonly (readonly number[])[];
}

/** Read legs: their number as uint32, then three columns of int32 and two of float32, little-endian. */
export function readLegs(body: ArrayBuffer): Legs {
  const count = new DataView(body).getUint32(0, true);
  if (body.byteLength !== 4 + 20 * count) throw new Error(`${count} legs take ${4 + 20 * count} bytes, ${body.byteLength} came`);
  const whole = (column: number): Int32Array => new Int32Array(body, 4 + 4 * count * column, count);
  const real = (column: number): Float32Array => new Float32Array(body, 4 + 4 * count * column, count);
  const legs = { count, link: whole(0), vehicle: whole(1), mode: whole(2), begin: real(3), until: real(4) };
  return { ...legs, ...spansOf(legs.begin, legs.until) };
}

function spansOf(begin: Float32Array, until: Float32Array): Pick<Legs, "first" | "spans"> {
  if (begin.length === 0) return { first: 0, spans: [] };
  const first = begin.reduce((least, each) => Math.min(least, each), Infinity);
  const last = until.reduce((most, each) => (Number.isFinite(each) ? Math.max(most, each) : most), begin.reduce((most, each) => Math.max(most, each), first));
  const spans: number[][] = Array.from({ length: Math.floor((last - first) / SPAN_S) + 1 }, () => []);
  for (let leg = 0; leg < begin.length; leg++) {
    const to = Math.min(spans.length - 1, Math.floor((Math.min(until[leg], last) - first) / SPAN_S));
    for (let span = Math.floor((begin[leg] - first) / SPAN_S); span <= to; span++) spans[span].push(leg);
  }
  return { first, spans };
}

/** Call `see` for each leg that is on the road at a moment, with the share of its link that it has driven. */
export function onTheRoad(legs: Legs, time: number, see: (leg: number, share: number) => void): void {
  for (const leg of legs.spans[Math.floor((time - legs.first) / SPAN_S)] ?? []) {
    if (legs.begin[leg] > time || legs.until[leg] <= time) continue;
    // Who never left the street before the run ended stands at its end.
    const whole = legs.until[leg] - legs.begin[leg];
    see(leg, Number.isFinite(whole) ? (whole > 0 ? (time - legs.begin[leg]) / whole : 1) : 1);
  }
}
