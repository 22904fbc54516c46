/** Runs of energy: followed until they are done, for no field streams; then what they tell is fetched whole. */

import { api, type Job, type ResultInfo } from "./api";
import { type Problem, reason } from "./problem";
import { session, type Side, SIDES, view } from "./state";

/** Between two looks at a job, ms. */
const LOOK_MS = 350;
/** Looks that may fail one after the other, as while a network is away. */
const PATIENCE = 40;
const HOUR = 3600;
const DAY_H = 24;
/** Day of a year that begins in January. */
const MIDSUMMER = 171;

export class EnergyRuns {
  constructor(private readonly follow: (side: Side, job: Job) => Promise<void>) {}

  /** Ask for a job until it has ended, or no side shows it any more. */
  watch(id: string, failed = 0): void {
    setTimeout(async () => {
      const sides = SIDES.filter((side) => session.state[side].job?.id === id);
      if (sides.length === 0) return;
      const job = await api.job(id).catch(() => null);
      if (job) for (const side of sides) await this.follow(side, job);
      const going = job ? job.state === "queued" || job.state === "running" : failed < PATIENCE;
      if (going) this.watch(id, job ? 0 : failed + 1);
      else if (!job) session.set({ link: "lost" });
    }, LOOK_MS);
  }

  /** Fetch what a finished run tells, and show it at the middle of its sunniest day. */
  async open(side: Side, { digest }: ResultInfo, onProblem: (problem: Problem) => void): Promise<void> {
    const known = session.state.energy ?? { runs: { a: null, b: null }, monitoring: null, words: 0 };
    if (known.runs[side]?.digest === digest) return;
    try {
      const [facts, buildings] = await Promise.all([api.energy(digest), api.energyBuildings(digest)]);
      const rows = new Map(buildings.ids.map((id, row) => [id, row]));
      const now = session.state.energy ?? known;
      session.set({ energy: { ...now, runs: { ...now.runs, [side]: { digest, facts, buildings, rows } } } });
      if (view.state.time !== null) return;
      const most = Math.max(...facts.daily.made, 0);
      // Where nothing is made, midsummer shows the sun best.
      const best = most > 0 ? facts.daily.made.indexOf(most) : Math.min(MIDSUMMER, facts.daily.made.length - 1);
      view.set({ time: (Math.max(0, best) * DAY_H + DAY_H / 2) * HOUR });
    } catch (error) {
      onProblem({ what: "problem.energy", why: reason(error), remedy: "remedy.close", act: () => session.set({ problem: null }) });
    }
  }

  forget(side: Side): void {
    const { energy } = session.state;
    if (energy?.runs[side]) session.set({ energy: { ...energy, runs: { ...energy.runs, [side]: null } } });
  }

  /** The hours that can be shown, s. */
  times(): number[] {
    const { runs } = session.state.energy ?? { runs: { a: null, b: null } };
    return Array.from({ length: (runs.a ?? runs.b)?.facts.hours ?? 0 }, (_, i) => i * HOUR);
  }
}
