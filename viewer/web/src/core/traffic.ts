/** Traffic on the stage: ribbons, vehicles that move, streets that are asked for or chosen, and what one reaches. */

import * as marks from "../layers/street_marks";
import * as ribbons from "../layers/ribbons";
import * as vehicles from "../layers/vehicles";
import { api, type Street } from "./api";
import { readLegs } from "./legs";
import { type LinkMap, paintOf } from "./link_maps";
import { isTraffic } from "./moments";
import { reason } from "./problem";
import { baseOf } from "./scenario";
import { type Point, session, SIDES, type Side, view } from "./state";
import { nearestStreet } from "./streets";
import type { Terrain } from "./terrain";
import { marked, shapeOf } from "./works";
import type { World } from "./world";

/** A click this near to a street's line means it, m. */
const NEAR_M = 11;
/** A school, or its yard, means the nearest of its local streets no further away, m; as the server has it. */
const SCHOOL_M = 150;
const LOCAL = ["residential", "living_street", "unclassified", "service", "tertiary"];
/** Model seconds in one second of play: with vehicles to look at, and without. */
const RATE = { vehicles: 30, ribbons: 240 };
const TICK_MS = { card: 40, software: 150 };
/** Between two moments that the other panels hear of while time plays, ms. */
const TELL_MS = 500;

export class Traffic {
  private readonly ribbons: ribbons.Ribbons;
  private readonly vehicles: vehicles.Vehicles;
  private readonly marks: marks.StreetMarks;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private player: ReturnType<typeof setInterval> | undefined;
  private fleets: Record<Side, string | null> = { a: null, b: null };
  private asked = "";

  constructor(
    private readonly world: World,
    terrain: Terrain,
    private readonly streets: readonly Street[],
  ) {
    this.ribbons = ribbons.add(world, terrain, streets);
    this.vehicles = vehicles.add(world, terrain, streets);
    this.marks = marks.add(world, terrain, streets);
    session.on(["playing"], ({ playing }) => this.play(playing));
    session.on(["chosen", "tool", "ready"], () => this.mark());
    session.on(["a", "b"], () => void this.ask());
    view.on(["street", "edits", "hidden"], () => this.mark());
    view.on(["street"], () => void this.ask());
    view.on(["time"], () => this.move(view.state.time));
    view.on(["scenario"], () => void this.know());
    this.mark();
    void this.ask();
    void this.know();
  }

  /** What the edits of the ready scenario do to streets, which are marked in A and in B. */
  private async know(): Promise<void> {
    const { scenario } = view.state;
    session.set({ ready: [] });
    const base = baseOf(view.state, session.state.library);
    if (!scenario || base.edits.length === 0 || !base.kernels.includes("traffic")) return;
    const { edits } = await api.readyStreets(scenario).catch(() => ({ edits: [] }));
    if (view.state.scenario === scenario) session.set({ ready: edits });
  }

  /** Show a field along streets; null takes the ribbons of a side away. */
  show(side: Side, map: LinkMap | null): void {
    ribbons.update(this.ribbons, { side, links: map?.links ?? null, ...(map ? { paint: (link: number) => paintOf(map, link) } : {}) });
    if (map && view.state.time === null) this.move(null);
  }

  /** Fetch the ways of the traced vehicles of a finished run; null takes them away. */
  async follow(side: Side, digest: string | null, links: readonly string[]): Promise<void> {
    if (this.fleets[side] === digest) return;
    this.fleets[side] = digest;
    vehicles.update(this.vehicles, { side, ways: null });
    if (!digest || this.calm.matches) return;
    try {
      const legs = readLegs(await api.vehicles(digest));
      if (this.fleets[side] === digest) vehicles.update(this.vehicles, { side, ways: { legs, links } });
      this.move(view.state.time);
    } catch (error) {
      session.set({ problem: { what: "problem.vehicles", why: reason(error), remedy: "remedy.close", act: () => session.set({ problem: null }) } });
    }
  }

  setVisible(streets: boolean, moving: boolean): void {
    ribbons.update(this.ribbons, { visible: streets });
    vehicles.update(this.vehicles, { visible: streets && moving });
  }

  /** The street that a click on the ground means. */
  at(point: Point | null, school = false): Street | null {
    if (!point) return null;
    return nearestStreet(this.streets, point, NEAR_M) ?? (school ? nearestStreet(this.streets.filter(({ kind }) => LOCAL.includes(kind)), point, SCHOOL_M) : null);
  }

  street(id: string): Street | null {
    return this.streets.find((one) => one.id === id) ?? null;
  }

  private move(time: number | null): void {
    const last = Math.max(...SIDES.map((side) => session.state[side].result?.times.at(-1) ?? 0));
    vehicles.update(this.vehicles, { time: isTraffic() && !this.calm.matches ? (time ?? last) : null });
  }

  private play(playing: boolean): void {
    clearInterval(this.player);
    if (!playing || !isTraffic() || this.calm.matches) return;
    const last = Math.max(...SIDES.map((side) => session.state[side].result?.times.at(-1) ?? 0));
    let time = view.state.time === null || view.state.time >= last ? 0 : view.state.time;
    let [before, told] = [performance.now(), 0];
    this.player = setInterval(
      () => {
        const now = performance.now();
        const rate = SIDES.some((side) => this.vehicles.fleets[side]) ? RATE.vehicles : RATE.ribbons;
        // A page that was hidden goes on where it was.
        time = Math.min(last, time + (Math.min(now - before, 400) / 1000) * rate);
        before = now;
        if (now - told > TELL_MS || time >= last) {
          told = now;
          view.set({ time });
        } else this.move(time);
        if (time >= last) session.set({ playing: false });
      },
      this.world.software ? TICK_MS.software : TICK_MS.card,
    );
  }

  private mark(): void {
    const { edits, street, hidden } = view.state;
    const { tool, chosen } = session.state;
    const drawn = hidden.includes("edits") ? [] : edits.map(marked);
    const ready = hidden.includes("edits") ? [] : session.state.ready;
    const inHand = tool && shapeOf(tool) === "streets" ? chosen : [];
    const asked = street && !inHand.includes(street) ? [street] : [];
    marks.update(this.marks, {
      rim: [...asked, ...inHand],
      selected: asked,
      chosen: inHand,
      closed: drawn.flatMap(({ closed }) => closed),
      changed: drawn.flatMap(({ changed }) => changed),
      standing: ready.flatMap(({ closed }) => closed),
      altered: ready.flatMap(({ closed, changed }) => changed.filter((id) => !closed.includes(id))),
    });
  }

  /** What the results know of the street that is asked about. */
  private async ask(): Promise<void> {
    const { street: id } = view.state;
    const asked = [id, ...SIDES.map((side) => session.state[side].result?.digest ?? "")].join();
    if (asked === this.asked) return;
    this.asked = asked;
    const street = id ? this.street(id) : null;
    session.set({ street: street && { street, found: { a: null, b: null } } });
    if (!street) return;
    const found = await Promise.all(
      SIDES.map(async (side) => {
        const { result } = session.state[side];
        return result && Object.keys(result.along ?? {}).length > 0 ? api.street(result.digest, street.id).catch(() => null) : null;
      }),
    );
    if (asked === this.asked) session.set({ street: { street, found: { a: found[0], b: found[1] } } });
  }
}
