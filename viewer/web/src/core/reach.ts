/** What one reaches from a point, on foot or by bicycle: asked of the server, and painted on the ground as rings. */

import type { Shown } from "../layers/sectors";
import { api, type ReachMode } from "./api";
import { reason } from "./problem";
import { type Point, session, view } from "./state";

/** From near to far: the nearest is the strongest. */
export const BAND_COLORS = ["#0a4f9e", "#5b8fce", "#b3cdec"] as const;

export class Reach {
  constructor(private readonly show: (shown: Shown | null) => void) {}

  async open(at: Point, mode: ReachMode): Promise<void> {
    view.set({ selected: null, street: null, places: null });
    session.set({ reach: { at, mode, bands: null, places: null }, probe: null, tool: null, draft: [], chosen: [] });
    const still = (): boolean => session.state.reach?.at === at && session.state.reach.mode === mode;
    try {
      const bands = await api.reach(at, mode);
      if (!still()) return;
      session.set({ reach: { ...session.state.reach!, bands } });
      this.show({
        sectors: [...bands.bands].reverse().map(({ minutes, rings }) => ({ id: String(minutes), rings })),
        colors: new Map(bands.bands.map(({ minutes }, i) => [String(minutes), BAND_COLORS[i] ?? BAND_COLORS[2]])),
        lit: null,
      });
      const places = await api.tenMinutes(at, mode);
      if (still()) session.set({ reach: { ...session.state.reach!, places } });
    } catch (error) {
      if (!still()) return;
      this.close();
      session.set({ problem: { what: "problem.reach", why: reason(error), remedy: "remedy.close", act: () => session.set({ problem: null }) } });
    }
  }

  close(): void {
    if (!session.state.reach) return;
    session.set({ reach: null });
    this.show(null);
  }
}
