/**
 * `window.bxl`: a small read-only window for tests and for the curious.
 *
 * `ready` – city, tiles and layers are here; `view`, `session` – what the page knows; `report()` – frames received,
 * fingerprint of the field shown on each side, draw calls and triangles of the last picture; `pick(x, y)` – the building
 * at a point of the screen (-1..1 from the lower left) and the milliseconds it took to find it; `project(x, y)` – where a point of the ground stands on the page, px; `cut()` – drops the stream's line as a failing network would.
 */

import type { Planner } from "./planner";
import { type Session, session, type View, view } from "./state";

export interface Hooks {
  readonly ready: boolean;
  readonly view: Readonly<View>;
  readonly session: Readonly<Session>;
  report(): Planner["report"];
  pick(x: number, y: number): { id: string | null; ms: number };
  project(x: number, y: number): readonly [number, number];
  cut(): void;
}

declare global {
  interface Window {
    bxl?: Hooks;
  }
}

export function expose(planner: Planner): void {
  window.bxl = Object.freeze({
    get ready() {
      return session.state.tilesReady && session.state.catalogue !== null;
    },
    get view() {
      return view.state;
    },
    get session() {
      return session.state;
    },
    report: () => planner.report,
    pick: (x: number, y: number) => planner.find(x, y),
    project: (x: number, y: number) => planner.project(x, y),
    cut: () => planner.cut(),
  });
}
