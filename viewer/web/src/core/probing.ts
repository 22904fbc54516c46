/** Asking for points on the ground: one that is open, up to five that stay pinned under a letter. */

import type { Pin } from "../layers/probes";
import { api } from "./api";
import { type Point, PROBE_LETTERS, type ProbeLetter, session, SIDES, view } from "./state";
import type { Terrain } from "./terrain";

export class Probing {
  private asked = "";

  constructor(
    private readonly terrain: Terrain,
    private readonly show: (pins: Pin[]) => void,
  ) {
    view.on(["probes"], () => this.mark());
    session.on(["probe"], () => this.mark());
    // What was asked before a run was done is asked again when it is.
    session.on(["a", "b"], () => {
      const results = SIDES.map((side) => session.state[side].result?.digest ?? "").join();
      if (results !== this.asked && session.state.probe) void this.open(session.state.probe.at);
    });
  }

  /** Open the first pinned point of a link. */
  restore(): void {
    this.mark();
    const [first] = view.state.probes;
    if (first && !view.state.selected) void this.open(first.at);
  }

  /** Ask for a point; null closes. */
  async open(where: Point | null): Promise<void> {
    // As fine as a link says it.
    const at = where && ([Math.round(where[0] * 10) / 10, Math.round(where[1] * 10) / 10] as const);
    const before = session.state.probe;
    const same = before && at && before.at[0] === at[0] && before.at[1] === at[1];
    this.asked = SIDES.map((side) => session.state[side].result?.digest ?? "").join();
    session.set({ probe: at && { at, ground: this.terrain.height(...at), found: same ? before.found : { a: null, b: null } } });
    if (!at) return;
    for (const side of SIDES) {
      const { result } = session.state[side];
      const found = result && (await api.point(result.digest, at).catch(() => null));
      const { probe } = session.state;
      if (probe?.at !== at) return;
      session.set({ probe: { ...probe, found: { ...probe.found, [side]: found } } });
    }
  }

  close(): void {
    session.set({ probe: null });
  }

  /** The letter of a point, if it is pinned. */
  letterOf(at: Point): ProbeLetter | null {
    return view.state.probes.find((one) => one.at[0] === at[0] && one.at[1] === at[1])?.letter ?? null;
  }

  /** Pin the open point under the first free letter, or take its pin away. */
  pin(): void {
    const { probe } = session.state;
    if (!probe) return;
    const { probes } = view.state;
    const letter = this.letterOf(probe.at);
    const free = PROBE_LETTERS.find((each) => probes.every((one) => one.letter !== each));
    if (letter) view.set({ probes: probes.filter((one) => one.letter !== letter) });
    else if (free) {
      const all = [...probes, { letter: free, at: probe.at }];
      view.set({ probes: PROBE_LETTERS.flatMap((each) => all.filter((one) => one.letter === each)) });
    }
  }

  private mark(): void {
    const { probe } = session.state;
    const lit = (at: Point): boolean => probe !== null && probe.at[0] === at[0] && probe.at[1] === at[1];
    const pins: Pin[] = view.state.probes.map(({ letter, at }) => ({ letter, at, lit: lit(at) }));
    if (probe && !this.letterOf(probe.at)) pins.push({ letter: "", at: probe.at, lit: true });
    this.show(pins);
  }
}
