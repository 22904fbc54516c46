/** Who suffers from the heat: sectors and streets of a result, fetched when asked for, painted on the ground. */

import { type Sector, sectorAt, type Shown } from "../layers/sectors";
import { api } from "./api";
import { parseHex } from "./palette";
import { reason } from "./problem";
import { gainColors } from "./gains";
import { type PlaceView, type Point, session, type Side, SIDES, view } from "./state";

/** From little to much: the heat ramp, so turned that what is worst is darkest on the white model. */
export const PLACE_RAMP = ["#f6e08a", "#fbb61a", "#eb6628", "#b63458", "#6f196e", "#2d0b57"];

/** Colour of a share of the ramp, as CSS. */
export function rampColor(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (PLACE_RAMP.length - 1);
  const left = Math.min(Math.floor(at), PLACE_RAMP.length - 2);
  const [p, q] = [parseHex(PLACE_RAMP[left]), parseHex(PLACE_RAMP[left + 1])];
  return `rgb(${p.map((one, i) => Math.round(one + (q[i] - one) * (at - left))).join(" ")})`;
}

/** Lowest and highest of a number over the sectors; null where none is known. */
export function spanOfPlaces(key: PlaceView): readonly [number, number] | null {
  const values = (session.state.places?.sectors?.sectors ?? []).flatMap(({ values: all }) => all[key] ?? []);
  return values.length ? [Math.min(...values), Math.max(...values)] : null;
}

export class Places {
  /** The side whose result is asked; B where there is one. */
  side: Side = "a";
  private asked = "";

  constructor(private readonly show: (shown: Shown | null) => void) {
    view.on(["places", "weights"], () => void this.ask());
    session.on(["a", "b"], () => void this.ask());
    session.on(["places", "lit", "compared"], () => this.paint());
  }

  /** Ask for the places of another side. */
  of(side: Side): void {
    this.side = side;
    void this.ask();
  }

  /** Fetch what the chosen view needs and is not here. */
  async ask(): Promise<void> {
    const { places, weights } = view.state;
    if (places === "traffic") {
      await this.compare();
      return;
    }
    if (!places) {
      this.asked = "";
      this.paint();
      return;
    }
    const side = session.state[this.side].result ? this.side : (SIDES.find((each) => session.state[each].result) ?? "a");
    const digest = session.state[side].result?.digest;
    if (!digest) return;
    const key = JSON.stringify([digest, weights, session.state.a.result?.digest, session.state.b.result?.digest]);
    if (key !== this.asked) {
      this.asked = key;
      const known = session.state.places;
      const { a, b } = session.state;
      try {
        const [sectors, streets, affected] = await Promise.all([
          api.sectors(digest, weights),
          known?.digest === digest ? known.streets : api.hotStreets(digest),
          a.result && b.result ? api.affected(a.result.digest, b.result.digest).catch(() => null) : null,
        ]);
        if (this.asked === key) session.set({ places: { side, digest, sectors, streets, affected } });
      } catch (error) {
        view.set({ places: null });
        session.set({ problem: { what: "problem.places", why: reason(error), remedy: "close", act: () => session.set({ problem: null }) } });
      }
    }
    this.paint();
  }

  /** A against B in traffic, once both are done. */
  private async compare(): Promise<void> {
    const [a, b] = SIDES.map((side) => session.state[side].result?.digest);
    const key = a && b ? `${a} ${b}` : "";
    if (key && key !== session.state.compared?.key && key !== this.asked) {
      this.asked = key;
      session.set({ compared: null });
      try {
        const facts = await api.compared(a!, b!);
        if (this.asked === key) session.set({ compared: { key, facts } });
      } catch (error) {
        this.asked = "";
        view.set({ places: null });
        session.set({ problem: { what: "problem.compared", why: reason(error), remedy: "remedy.close", act: () => session.set({ problem: null }) } });
      }
    }
    this.paint();
  }

  /** The sector under a point, where sectors are shown. */
  at(point: Point | null): string | null {
    return point && this.shown ? sectorAt(this.sectors, point) : null;
  }

  get shown(): boolean {
    const { places } = view.state;
    if (places === "traffic") return session.state.compared !== null;
    return places !== null && places !== "streets" && session.state.places !== null;
  }

  private get sectors(): readonly Sector[] {
    if (view.state.places === "traffic") return session.state.compared?.facts.sectors ?? [];
    return session.state.places?.sectors?.sectors ?? [];
  }

  private paint(): void {
    const { places } = view.state;
    if (!this.shown || !places) {
      this.show(null);
      return;
    }
    if (places === "traffic") {
      this.show({ sectors: this.sectors, colors: gainColors(session.state.compared!.facts.sectors), lit: session.state.lit });
      return;
    }
    const span = spanOfPlaces(places);
    const colors = new Map<string, string>();
    for (const { id, values } of session.state.places?.sectors?.sectors ?? []) {
      const value = values[places];
      if (span && value !== null && value !== undefined) colors.set(id, rampColor((value - span[0]) / Math.max(1e-9, span[1] - span[0])));
    }
    this.show({ sectors: this.sectors, colors, lit: session.state.lit });
  }
}
