/** Key figures from one frame while the run goes on; the server's own replace them when it is done. */

import type { GridInfo, Indicator } from "./api";
import { type Frame, valueOf } from "./frames";

/** Water from here on counts as flooding, as in the server's figures, m. */
export const FLOODED_DEPTH = 0.05;

const LABELS = {
  flooded_area: { fr: "Surface inondée", nl: "Overstroomde oppervlakte", en: "Flooded area" },
  max_depth: { fr: "Profondeur maximale", nl: "Grootste diepte", en: "Greatest depth" },
};

export function liveFigures(frame: Frame, grid: GridInfo | null): Indicator[] {
  if (!grid) return [];
  let [cells, most] = [0, 0];
  const wet = codeAtLeast(frame, FLOODED_DEPTH);
  for (const [i, code] of frame.codes.entries()) {
    if (frame.mask?.[i]) continue;
    if (code >= wet) cells++;
    if (code > most) most = code;
  }
  return [
    { key: "flooded_area", label: LABELS.flooded_area, value: cells * grid.cell_size ** 2, units: "m2", better: "lower" },
    { key: "max_depth", label: LABELS.max_depth, value: Math.max(0, valueOf(most, frame)), units: "m", better: "lower" },
  ];
}

function codeAtLeast(frame: Frame, value: number): number {
  const top = frame.encoding === "uint8 log" ? 255 : 65535;
  for (let code = 0; code <= top; code++) if (valueOf(code, frame) >= value) return code;
  return top + 1;
}
