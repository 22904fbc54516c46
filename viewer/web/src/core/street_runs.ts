/** Runs of traffic: which field along streets is shown at a moment, B against A, and the course of the whole run. */

import { differenceLook, type FieldName, isWhole, lookOf, VOLUME } from "./fields";
import type { Frame } from "./frames";
import { changeOf, differenceMap, type LinkMap, mapOf, meanOf, mostChange } from "./link_maps";
import type { Film, Screen } from "./screen";
import { session, setRun, SIDES, type Side, view } from "./state";

/** Networks no larger than this show their whole course on the timeline at once. */
const MOST_LINKS_AHEAD = 20_000;
/** Smallest change that the map of a difference tells at its ends, in the units of each field. */
const LEAST: Partial<Record<FieldName, number>> = {
  traffic_flow: 10,
  traffic_speed: 0.5,
  bicycle_flow: 5,
  queue_length: 5,
  vehicles_passed: 20,
  road_noise_power: 0.5,
  traffic_saturation: 0.02,
  cut_through_share: 0.02,
};

/** What the runs keep, as far as streets need it. */
export interface Reels {
  film(side: Side): Film;
  chosen(side: Side): FieldName;
  load(side: Side, fields: readonly string[], index: number): Promise<void>;
  of(side: Side, field: FieldName, index: number): Promise<Frame | null>;
  indexAt(side: Side, time: number | null): number;
  screen: Pick<Screen, "streets" | "vehicles">;
}

export class StreetRuns {
  constructor(private readonly reels: Reels) {}

  async present(side: Side, index: number): Promise<void> {
    const { reels } = this;
    const film = reels.film(side);
    const field = reels.chosen(side);
    await reels.load(side, [VOLUME], index);
    const map = (await this.change(side)) ?? (await this.along(side, field, index, film.frames.get(index)));
    if (!map || film !== reels.film(side) || film.wanted !== index) return;
    film.shown = index;
    if (!map.look.difference && session.state.span) session.set({ span: null });
    reels.screen.streets(side, map);
    const { result } = session.state[side];
    // The next moment comes while this one is looked at.
    if (session.state.playing && result && index + 1 < result.times.length) void reels.load(side, isWhole(field) ? [VOLUME] : [...new Set([VOLUME, field])], index + 1);
  }

  /** The course of the whole run for the timeline, its vehicles, and its busiest moment to begin with. */
  async lookAhead(side: Side, links: readonly string[]): Promise<void> {
    const { result } = session.state[side];
    if (!result) return;
    this.reels.screen.vehicles(side, result.digest, links);
    if (links.length > MOST_LINKS_AHEAD) return;
    for (let index = 0; index < result.times.length; index++) await this.reels.load(side, [VOLUME], index);
    const { frames } = this.reels.film(side);
    const course = result.times.flatMap((time, index) => (frames.has(index) ? [{ time, value: meanOf(frames.get(index)!) }] : []));
    setRun(side, { course });
    if (view.state.time !== null || course.length === 0) return;
    view.set({ time: course.reduce((most, one) => (one.value > most.value ? one : most)).time });
  }

  private async along(side: Side, field: FieldName, index: number, volume: Frame | undefined): Promise<LinkMap | null> {
    const frame = field === VOLUME ? volume : await this.reels.of(side, field, index);
    return frame && volume ? mapOf(this.reels.film(side).links, frame, volume, lookOf(field, session.state.catalogue, 0)) : null;
  }

  /** B minus A along streets, where both are done and their difference is asked for. */
  private async change(side: Side): Promise<LinkMap | null> {
    const { reels } = this;
    const { a, b, catalogue } = session.state;
    if (!view.state.difference || !a.result || !b.result) return null;
    const field = reels.chosen(side);
    const { time } = view.state;
    const [p, q] = await Promise.all(SIDES.map((each) => reels.of(each, field, reels.indexAt(each, time))));
    if (!p || !q) return null;
    const { links } = reels.film("b");
    const values = changeOf(field, p, q, reels.film("a").links, links);
    const most = mostChange(values, LEAST[field] ?? 0.01);
    session.set({ span: { field, low: -most, high: most, difference: true } });
    return differenceMap(links, values, differenceLook(field, catalogue, most));
  }
}
