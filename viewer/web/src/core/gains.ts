/** Colours of sectors by whom B helps: what is better and what is worse as everywhere, paler where it is little. */

import type { TrafficCompared } from "./api";
import { parseHex } from "./palette";

const BETTER = "#2b6cb0";
const WORSE = "#c05621";
const SAME = "#d9d6cf";
/** The palest that still tells a sector from one where nothing changes. */
const PALEST = 0.35;

/** CSS colour of each sector whose trips are known. */
export function gainColors(sectors: TrafficCompared["sectors"]): Map<string, string> {
  const most = Math.max(1e-9, ...sectors.flatMap(({ verdict, values }) => (verdict === "better" || verdict === "worse" ? Math.abs(values.change ?? 0) : [])));
  const found = new Map<string, string>();
  for (const { id, verdict, values } of sectors) {
    if (verdict === "same") found.set(id, SAME);
    else if (verdict !== "unknown") found.set(id, mixed(verdict === "better" ? BETTER : WORSE, PALEST + (1 - PALEST) * (Math.abs(values.change ?? 0) / most)));
  }
  return found;
}

function mixed(hex: string, share: number): string {
  const [p, q] = [parseHex(SAME), parseHex(hex)];
  return `rgb(${p.map((one, i) => Math.round(one + (q[i] - one) * share)).join(" ")})`;
}
