/** Runs of A and B: start, follow, cancel, replay; keeps the frames that came and shows the one of the chosen time. */

import { api, type GridInfo, type Job } from "./api";
import { EnergyRuns } from "./energy_runs";
import { DEPTH, differenceLook, ENERGY, FELT, type FieldName, isFitted, isHeat, isTraffic, isWhole, lookOf, mainOf, MAX_DEPTH, VOLUME } from "./fields";
import { apart, type Frame, FrameDecoder, fingerprint } from "./frames";
import { undo } from "./history";
import { meanOf } from "./link_maps";
import { differenceOf, mostOf, spanOf } from "./maps";
import { warmestOf } from "./moments";
import { type Problem, reason, ServerError } from "./problem";
import { compose } from "./scenario";
import type { FieldMap, Film, Flow, Screen } from "./screen";
import { NARROW_PX, NO_RUN, session, setRun, SIDES, type Side, view } from "./state";
import { StreamClient } from "./stream";
import { StreetRuns } from "./street_runs";

/** Between two moments while time plays, ms: water flows, shade wanders. */
const PLAY_MS = { flood: 110, heat: 380, energy: 260 };
/** Smallest change that the map of a difference tells at its ends. */
const LEAST_CHANGE = 0.5;
const VELOCITIES: readonly string[] = ["water_velocity_x", "water_velocity_y"];
/** Frames of other fields than the depth that are kept for each side. */
const MOST_OTHERS = 40;

const film = (): Film => ({ frames: new Map(), others: new Map(), grid: null, links: [], shown: -1, wanted: -1 });

export class Runs {
  private readonly films: Record<Side, Film> = { a: film(), b: film() };
  readonly stream: StreamClient;
  private readonly streets: StreetRuns;
  private readonly energy = new EnergyRuns((side, job) => this.follow(side, job));
  private player: ReturnType<typeof setInterval> | undefined;
  /** Frames that came over the stream, all together; read by tests. */
  received = 0;

  constructor(
    private readonly screen: Screen,
    private readonly onProblem: (problem: Problem) => void,
  ) {
    this.streets = new StreetRuns({
      film: (side) => this.films[side],
      chosen: (side) => this.chosen(side),
      load: (side, fields, index) => this.load(side, fields, index),
      of: (side, field, index) => this.of(side, field, index),
      indexAt: (side, time) => this.indexAt(side, time),
      screen,
    });
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/stream`;
    this.stream = new StreamClient(url, {
      onGrid: (job, _field, grid, links) => this.each(job, (side) => this.lay(side, grid, links)),
      onFrame: (job, _field, frame) => {
        this.received++;
        this.each(job, (side) => this.take(side, frame));
      },
      onJob: (job) => this.each(job.id, (side) => void this.follow(side, job)),
      onLink: (open) => session.set({ link: open ? "open" : "lost" }),
      onComplaint: (detail) => this.onProblem({ what: "problem.stream", why: detail, remedy: "remedy.reload", act: () => location.reload() }),
    });
    view.on(["time", "field", "hidden", "difference"], () => SIDES.forEach((side) => void this.present(side)));
    session.on(["playing"], ({ playing }) => this.play(playing));
  }

  /** Run what the page shows: A always, B where there are edits. */
  async start(): Promise<void> {
    const { city, library } = session.state;
    if (!city) return;
    session.set({ playing: false, problem: null, starting: true, ...(innerWidth <= NARROW_PX ? { rail: false } : {}) });
    view.set({ time: null });
    const sides: Side[] = view.state.edits.length > 0 ? ["a", "b"] : ["a"];
    if (sides.length === 1) this.forget("b");
    else if (view.state.swipe === null) view.set({ swipe: 0.5 });
    const documents = sides.map((side) => [side, compose(side, view.state, city, library)] as const);
    // A drawing that the server refuses stops both: half a comparison helps nobody.
    const refused = await api.check(documents[documents.length - 1][1]).then(
      () => null,
      (error: unknown) => error,
    );
    if (refused) {
      const drawn = refused instanceof ServerError && refused.pointer?.startsWith("/edits");
      this.onProblem({
        what: "problem.start",
        why: reason(refused),
        remedy: drawn ? "remedy.undo" : "remedy.retry",
        act: () => (drawn ? undo() : void this.start()),
      });
    }
    for (const [side, document] of refused ? [] : documents) {
      try {
        const job = await api.start(document);
        const known = view.state.runs[side] === job.digest && session.state[side].result;
        if (known) continue;
        this.forget(side);
        view.set({ runs: { ...view.state.runs, [side]: job.digest } });
        setRun(side, { ...NO_RUN, document, job });
        if (job.state === "done") await this.open(side, job.digest, true);
        else if (mainOf(document.kernels) === ENERGY) this.energy.watch(job.id);
        else this.stream.subscribe(job.id, mainOf(document.kernels));
      } catch (error) {
        this.onProblem({ what: "problem.start", why: reason(error), remedy: "remedy.retry", act: () => void this.start() });
        break;
      }
    }
    session.set({ starting: false });
  }

  async cancel(): Promise<void> {
    for (const side of SIDES) {
      const { job } = session.state[side];
      if (job && (job.state === "queued" || job.state === "running")) await api.cancel(job.id).catch(() => undefined);
    }
  }

  /** Show finished runs that a link names. */
  async restore(): Promise<void> {
    for (const side of SIDES) {
      const digest = view.state.runs[side];
      if (!digest || session.state[side].job || session.state[side].result) continue;
      await this.open(side, digest, false).catch((error: unknown) => {
        view.set({ runs: { ...view.state.runs, [side]: null } });
        this.onProblem({ what: "problem.gone", why: reason(error), remedy: "remedy.rerun", act: () => void this.start() });
      });
    }
  }

  /** Fingerprint of what one side shows now. */
  hash(side: Side): string | null {
    const { frames, shown } = this.films[side];
    const frame = frames.get(shown);
    return frame ? fingerprint(frame) : null;
  }

  private each(job: string, act: (side: Side) => void): void {
    for (const side of SIDES) if (session.state[side].job?.id === job) act(side);
  }

  private forget(side: Side): void {
    const { job } = session.state[side];
    if (job) this.stream.unsubscribe(job.id);
    this.films[side] = film();
    this.screen.dry(side);
    this.screen.streets(side, null);
    this.screen.vehicles(side, null, []);
    setRun(side, NO_RUN);
    this.energy.forget(side);
    if (view.state.runs[side]) view.set({ runs: { ...view.state.runs, [side]: null } });
  }

  private lay(side: Side, grid: GridInfo | null, links: readonly string[] | null): void {
    this.films[side].links = links ?? [];
    if (!grid || links) return;
    this.films[side].grid = grid;
    this.screen.grid(side, grid);
  }

  private take(side: Side, frame: Frame): void {
    const run = session.state[side];
    if (run.result) return;
    this.films[side].frames.set(frame.sequence - 1, frame);
    setRun(side, {
      frames: run.frames + 1,
      reached: Math.max(run.reached, frame.time),
      ...(this.main(side) === VOLUME ? { course: [...run.course, { time: frame.time, value: meanOf(frame) }] } : {}),
    });
    void this.present(side);
  }

  private async follow(side: Side, job: Job): Promise<void> {
    const before = session.state[side].job;
    const { result, indicators } = session.state[side];
    setRun(side, { job: { ...before, ...job }, indicators: result || !job.indicators?.length ? indicators : job.indicators });
    if (job.state === "done" && !session.state[side].result) await this.open(side, job.digest, false);
    if (job.state === "failed") {
      this.onProblem({ what: "problem.run", why: job.reason ?? "", remedy: "remedy.retry", act: () => void this.start() });
    }
    if (job.state !== "queued" && job.state !== "running") this.stream.unsubscribe(job.id);
  }

  private async open(side: Side, digest: string, replay: boolean): Promise<void> {
    const result = await api.result(digest);
    const links = Object.values(result.along ?? {}).includes("link") ? await api.links(digest) : null;
    this.lay(side, result.grid, links);
    // From here on the stored frames count: packed in steps, they differ from the streamed ones by a rounding.
    this.films[side].frames.clear();
    this.films[side].others.clear();
    this.films[side].shown = -1;
    const said = result.manifest.scenario as never;
    setRun(side, {
      document: session.state[side].document ?? said ?? null,
      result,
      indicators: result.indicators,
      times: result.times,
      reached: result.times.at(-1) ?? 0,
    });
    if (this.main(side) === ENERGY) {
      await this.energy.open(side, result, this.onProblem);
      return;
    }
    if (replay) session.set({ playing: true });
    // A hot day ends at night: it is shown first when it was hottest.
    else if (this.main(side) === FELT && view.state.time === null) view.set({ time: warmestOf(result) });
    if (links && this.main(side) === VOLUME) await this.streets.lookAhead(side, links);
    await this.present(side);
  }

  /** Show the frame that holds at the chosen time, fetched from the server where it did not stream by. */
  private async present(side: Side): Promise<void> {
    const reel = this.films[side];
    const index = this.indexAt(side, view.state.time);
    if (index < 0 || this.main(side) === ENERGY) return;
    reel.wanted = index;
    if (this.main(side) === VOLUME) {
      await this.streets.present(side, index);
      return;
    }
    const fields = [this.main(side), ...this.moving(side)];
    await this.load(side, fields, index);
    const frame = reel.frames.get(index);
    if (!frame || reel !== this.films[side] || reel.wanted !== index) return;
    const map = (await this.difference(side)) ?? (await this.map(side, index, frame));
    if (reel !== this.films[side] || reel.wanted !== index) return;
    reel.shown = index;
    if (this.main(side) === DEPTH) this.screen.frame(side, frame);
    this.screen.map(side, map);
    this.screen.flow(side, this.flow(side, index, frame));
    // The next moment comes while this one is looked at.
    const { result } = session.state[side];
    if (session.state.playing && result && index + 1 < result.times.length) void this.load(side, fields, index + 1);
  }

  private main(side: Side): FieldName {
    return mainOf(session.state[side].document?.kernels ?? []);
  }

  /** The chosen field where the run is done and has it, else the one by which it is first shown. */
  private chosen(side: Side): FieldName {
    const { field } = view.state;
    const main = this.main(side);
    return session.state[side].result?.fields.includes(field) && isTraffic(field) === (main === VOLUME) ? field : main;
  }

  /** Fields of each moment that are to be shown beside the main one. */
  private moving(side: Side): string[] {
    const { hidden } = view.state;
    const { result } = session.state[side];
    const field = this.chosen(side);
    if (!result || isWhole(field) || hidden.includes("water")) return [];
    // Arrows of one moment on a map of the whole run would be a lie: they are left out above.
    const flow = hidden.includes("flow") || isHeat(field) ? [] : VELOCITIES;
    return [...(field === this.main(side) ? [] : [field]), ...flow].filter((one) => result.fields.includes(one));
  }

  /** One frame of the chosen field: that of a moment, or of the whole run. */
  private async of(side: Side, field: FieldName, index: number): Promise<Frame | null> {
    const at = isWhole(field) ? 0 : index;
    await this.load(side, [field], at);
    const { frames, others } = this.films[side];
    return (field === this.main(side) ? frames.get(at) : others.get(`${field} ${at}`)) ?? null;
  }

  /** The chosen field as a map on the ground; null where the water itself is shown. */
  private async map(side: Side, index: number, main: Frame): Promise<FieldMap | null> {
    const field = this.chosen(side);
    if (field === DEPTH) return null;
    const { result } = session.state[side];
    const { catalogue } = session.state;
    const frame = field === this.main(side) ? main : await this.of(side, field, index);
    const wet = isHeat(field) ? null : isWhole(field) ? await this.of(side, MAX_DEPTH, 0) : main;
    if (!frame) return null;
    const span = isFitted(field) ? this.span(side, field, frame) : null;
    return { frame, depth: wet, look: lookOf(field, catalogue, result?.times.at(-1) ?? 0, span) };
  }

  /** Where both sides are done and their difference is asked for: B minus A of the chosen field. */
  private async difference(side: Side): Promise<FieldMap | null> {
    const { a, b, catalogue } = session.state;
    if (!view.state.difference || !a.result || !b.result) return null;
    const field = this.chosen(side) === DEPTH && a.result.fields.includes(MAX_DEPTH) ? MAX_DEPTH : this.chosen(side);
    const { time } = view.state;
    const [p, q] = await Promise.all(SIDES.map((each) => this.of(each, field, this.indexAt(each, time))));
    const frame = p && q && differenceOf(p, q);
    if (!frame) return null;
    const { factor } = lookOf(field, catalogue, 0).shown;
    const most = mostOf(frame, (factor === 100 ? 5 : isHeat(field) ? LEAST_CHANGE : 0.05) / factor);
    session.set({ span: { field, low: -most, high: most, difference: true } });
    return { frame, depth: null, look: differenceLook(field, catalogue, most) };
  }

  /** What the legend of a fitted field spans: one span for both sides, that of A where A is there. */
  private span(side: Side, field: FieldName, frame: Frame): readonly [number, number] | null {
    const { span, a, catalogue } = session.state;
    if (side === "b" && a.result && span?.field === field && !span.difference) return [span.low, span.high];
    const found = spanOf(frame, lookOf(field, catalogue, 0).shown.offset);
    if (found) session.set({ span: { field, low: found[0], high: found[1], difference: false } });
    return found;
  }

  private flow(side: Side, index: number, depth: Frame): Flow | null {
    const { grid, others } = this.films[side];
    if (!grid || !VELOCITIES.every((each) => this.moving(side).includes(each))) return null;
    const [east, north] = VELOCITIES.map((each) => others.get(`${each} ${index}`));
    return east && north ? { east, north, depth, grid } : null;
  }

  private indexAt(side: Side, time: number | null): number {
    const { frames } = this.films[side];
    const { result } = session.state[side];
    if (result) {
      if (time === null) return result.times.length - 1;
      return Math.max(0, result.times.findLastIndex((each) => each <= time + 1e-6));
    }
    let best = -1;
    for (const [index, frame] of frames) {
      if ((time === null || frame.time <= time + 1e-6) && index > best) best = index;
    }
    return best;
  }

  /** Fetch what is not here yet of some fields at one moment, all in one request. */
  private async load(side: Side, fields: readonly string[], index: number): Promise<void> {
    const { result } = session.state[side];
    const reel = this.films[side];
    const main = this.main(side);
    const missing = fields.filter((field) => !(field === main ? reel.frames.has(index) : reel.others.has(`${field} ${index}`)));
    if (!result || missing.length === 0) return;
    try {
      const messages = apart(await api.frames(result.digest, missing, index));
      missing.forEach((field, i) => {
        const frame = new FrameDecoder().decode(messages[i]);
        if (field === main) reel.frames.set(index, frame);
        else reel.others.set(`${field} ${index}`, frame);
      });
    } catch (error) {
      this.onProblem({ what: "problem.frame", why: reason(error), remedy: "remedy.retry", act: () => void this.present(side) });
    }
    for (const [oldest] of reel.others) {
      if (reel.others.size <= MOST_OTHERS) break;
      reel.others.delete(oldest);
    }
  }

  private play(playing: boolean): void {
    clearInterval(this.player);
    // Traffic has a clock of its own, by which its vehicles move; without motion it goes from moment to moment too.
    if (!playing || (this.main("a") === VOLUME && !matchMedia("(prefers-reduced-motion: reduce)").matches)) return;
    const times = this.times();
    if (times.length < 2) {
      session.set({ playing: false });
      return;
    }
    if (view.state.time === null || view.state.time >= times[times.length - 1]) view.set({ time: times[0] });
    this.player = setInterval(() => {
      const waiting = SIDES.some((side) => this.films[side].wanted !== this.films[side].shown);
      if (waiting) return;
      const next = this.times().find((time) => time > (view.state.time ?? Infinity) + 1e-6);
      if (next === undefined) session.set({ playing: false });
      else view.set({ time: next });
    }, PLAY_MS[this.main("a") === DEPTH ? "flood" : this.main("a") === ENERGY ? "energy" : "heat"]);
  }

  /** Times of all frames that can be shown, s. */
  times(): number[] {
    if (this.main("a") === ENERGY) return this.energy.times();
    const all = new Set<number>();
    for (const side of SIDES) {
      const { result } = session.state[side];
      for (const time of result?.times ?? [...this.films[side].frames.values()].map((frame) => frame.time)) all.add(time);
    }
    return [...all].sort((p, q) => p - q);
  }
}
