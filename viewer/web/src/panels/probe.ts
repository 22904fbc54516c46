/** The water at one point: how deep, how fast, when, for how long, how dangerous; its course as a chart or a table. */

import { css, html, nothing, svg, type TemplateResult } from "lit";
import { api } from "../core/api";
import { clock, figure, number } from "../core/format";
import { type Key, t } from "../core/i18n";
import { asCsv, course, type Moment, type Summary, summary } from "../core/readings";
import { type Probe, session, type Side, SIDES, view } from "../core/state";
import { base, Panel } from "./base";
import { deeds, download, pinning } from "./pins";
import { stage } from "./stage";

type Shown = "depth" | "speed" | "level";
const SHOWN: readonly Shown[] = ["depth", "speed", "level"];
const UNITS: Record<Shown, string> = { depth: "m", speed: "m/s", level: "m TAW" };
/** Axes no finer than this, in the units of each. */
const LEAST_SPAN: Record<Shown, number> = { depth: 0.05, speed: 0.1, level: 0.1 };
/** Rows of the table; more would not be read. */
const MOST_ROWS = 60;
const [WIDTH, HEIGHT, TOP, BASE] = [262, 96, 12, 80];

class ProbePanel extends Panel {
  private shown: Shown = "depth";
  private asTable = false;

  static override styles = [
    base,
    pinning,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
        padding-right: 8px;
      }
      th,
      td {
        padding: 3px 0;
        border-top: 1px solid var(--line);
        font-weight: 400;
        text-align: right;
        white-space: nowrap;
      }
      th:first-child {
        text-align: left;
        color: var(--ink-2);
        white-space: normal;
        padding-right: 8px;
      }
      td {
        padding-left: 8px;
        font-weight: 560;
      }
      thead th {
        border: 0;
        padding: 2px 0 4px;
      }
      thead .letter {
        width: 20px;
        height: 20px;
      }
      .scroll {
        max-height: 150px;
        overflow-y: auto;
        margin-top: 6px;
        scrollbar-width: thin;
      }
      .scroll td,
      .scroll th {
        padding: 2px 0;
        font-size: 12.5px;
      }
      .modes {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 2px;
        margin: 10px 8px 0 0;
        padding: 2px;
        border-radius: 10px;
        background: var(--stone);
      }
      .modes button {
        min-height: 28px;
        padding: 2px 4px;
        border-radius: 8px;
        font-size: 12.5px;
      }
      .modes [aria-pressed="true"] {
        background: #fff;
        font-weight: 620;
        box-shadow: 0 1px 2px rgb(31 41 51 / 0.16);
      }
      svg.chart {
        display: block;
        width: calc(100% - 8px);
        margin-top: 8px;
        overflow: visible;
      }
      .line {
        fill: none;
        stroke-width: 2;
        stroke-linejoin: round;
      }
      .line.a {
        stroke: var(--a);
      }
      .line.b {
        stroke: var(--b);
        stroke-dasharray: 5 2.5;
      }
      .axis {
        stroke: var(--line);
      }
      .now {
        stroke: var(--ink-2);
        stroke-dasharray: 2 2;
      }
      text {
        font-size: 10.5px;
        fill: var(--ink-2);
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { probe, a, b } = session.state;
    if (!probe) return nothing;
    const sides = SIDES.filter((side) => probe.found[side]);
    return html`${this.facts(probe, sides)}
    ${sides.length
      ? html`${this.modes()} ${this.asTable ? this.table(probe, sides) : this.chart(probe, sides)}`
      : html`<p class="quiet small">${a.job || b.job || a.result ? t(a.result ? "loading" : "point.later") : t("point.none")}</p>`}
    ${this.deeds(probe, sides.length > 0)}`;
  }

  private facts({ ground, found }: Probe, sides: readonly Side[]): TemplateResult {
    const said = sides.map((side) => summary(found[side]!));
    const row = (label: string, words: (one: Summary) => string): TemplateResult => html`<tr>
      <th scope="row">${label}</th>
      ${said.map((one) => html`<td>${words(one)}</td>`)}
    </tr>`;
    const metres = (value: number | null, units: string, digits = 2): string => (value === null ? "–" : `${number(value, digits)} ${units}`);
    const over = [...new Set(said.flatMap(({ durations }) => durations.map(({ over_cm }) => over_cm)))];
    return html`<table>
      <thead>
        <tr>
          <th><span class="sr">${t("point.title")}</span></th>
          ${sides.map((side) => html`<th scope="col"><span class="letter ${side}">${side.toUpperCase()}</span></th>`)}
        </tr>
      </thead>
      <tbody>
        ${sides.length
          ? html`${row(t("point.peak"), ({ depth }) => metres(depth, "m"))}
            ${row(t("point.top"), ({ depth }) => (depth === null ? "–" : t("unit.taw", { value: number(ground + depth, 2) })))}
            ${row(t("point.fast"), ({ speed }) => metres(speed, "m/s"))}
            ${row(t("point.arrival"), ({ arrival }) => (arrival === null ? t("point.never") : clock(arrival)))}
            ${over.length ? row(t("point.over", { depth: over.join(" / ") }), (one) => minutes(one, over)) : nothing}
            ${row(t("point.hazard"), ({ hazard }) => (hazard ? t(hazard) : "–"))}`
          : nothing}
      </tbody>
    </table>`;
  }

  private modes(): TemplateResult {
    return html`<div class="modes" role="group" aria-label=${t("point.shown")}>
      ${SHOWN.map(
        (each) => html`<button data-shown=${each} aria-pressed=${each === this.shown} @click=${() => ((this.shown = each), this.requestUpdate())}>${t(`shown.${each}` satisfies Key)}</button>`,
      )}
    </div>`;
  }

  private chart({ found, ground }: Probe, sides: readonly Side[]): TemplateResult {
    const lines = sides.map((side) => ({ side, moments: course(found[side]!, ground) }));
    const values = lines.flatMap(({ moments }) => moments.map((moment) => moment[this.shown]).filter((value) => value !== null));
    const floor = this.shown === "level" ? Math.min(ground, ...values) : 0;
    const top = Math.max(floor + LEAST_SPAN[this.shown], ...values);
    const end = Math.max(1, ...lines.flatMap(({ moments }) => moments.map(({ time }) => time)));
    const x = (time: number): number => (time / end) * WIDTH;
    const y = (value: number): number => BASE - ((value - floor) / (top - floor)) * (BASE - TOP);
    const path = (moments: readonly Moment[]): string =>
      moments.flatMap((moment) => (moment[this.shown] === null ? [] : [`${x(moment.time).toFixed(1)} ${y(moment[this.shown]!).toFixed(1)}`])).join("L");
    const now = view.state.time ?? end;
    return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${t("point.chart", { what: t(`shown.${this.shown}` satisfies Key) })}>
      <path class="axis" d="M0 ${BASE}H${WIDTH}M0 ${TOP}H${WIDTH}" />
      <path class="now" d="M${x(now).toFixed(1)} ${TOP}V${BASE}" />
      ${lines.map(({ side, moments }) => (path(moments) ? svg`<path class="line ${side}" d=${`M${path(moments)}`} />` : nothing))}
      <text x="0" y=${HEIGHT - 3}>0:00</text>
      <text x=${WIDTH} y=${HEIGHT - 3} text-anchor="end">${clock(end)}</text>
      <text x="0" y=${TOP - 4}>${figure(top)} ${UNITS[this.shown]}</text>
      ${floor ? svg`<text x="0" y=${BASE - 4}>${figure(floor)}</text>` : nothing}
    </svg>`;
  }

  private table({ found, ground }: Probe, sides: readonly Side[]): TemplateResult {
    const lines = sides.map((side) => course(found[side]!, ground));
    const longest = lines.reduce((p, q) => (q.length > p.length ? q : p));
    const step = Math.max(1, Math.ceil(longest.length / MOST_ROWS));
    const rows = longest.filter((_, i) => i % step === step - 1 || i === longest.length - 1);
    const at = (line: readonly Moment[], time: number): string => {
      const value = line.find((one) => one.time === time)?.[this.shown] ?? null;
      return value === null ? "–" : number(value, 2);
    };
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("point.table")}>
      <table>
        <thead>
          <tr>
            <th scope="col">${t("point.time")}</th>
            ${sides.map((side) => html`<th scope="col">${side.toUpperCase()} (${UNITS[this.shown]})</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(({ time }) => html`<tr><th scope="row">${clock(time)}</th>${lines.map((line) => html`<td>${at(line, time)}</td>`)}</tr>`)}
        </tbody>
      </table>
    </div>`;
  }

  private deeds(probe: Probe, known: boolean): TemplateResult {
    return deeds(probe, known, this.asTable, {
      table: () => ((this.asTable = !this.asTable), this.requestUpdate()),
      csv: () => void this.save(probe),
    });
  }

  /** The pinned points, or the open one where none is pinned, as a table for other programs. */
  private async save({ at }: Probe): Promise<void> {
    const { probes } = view.state;
    const { origin } = session.state.city!;
    const points = probes.length ? probes : [{ letter: "", at }];
    const rows = [];
    for (const point of points) {
      const ground = stage.planner!.heightAt(point.at);
      for (const side of SIDES) {
        const { result } = session.state[side];
        const found = result && (await api.point(result.digest, point.at).catch(() => null));
        if (found) rows.push({ point: point.letter, x: point.at[0] + origin[0], y: point.at[1] + origin[1], side: side.toUpperCase(), moments: course(found, ground) });
      }
    }
    download("points.csv", asCsv(rows));
  }
}

/** Minutes over each of some depths, in one line. */
function minutes({ durations }: Summary, over: readonly number[]): string {
  const each = over.map((cm) => durations.find(({ over_cm }) => over_cm === cm)?.seconds ?? null);
  return t("unit.min", { value: each.map((seconds) => (seconds === null ? "–" : number(seconds / 60))).join(" / ") });
}

customElements.define("bxl-probe", ProbePanel);
