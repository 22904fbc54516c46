/** A hot day at one point: how it feels hour by hour, which radiation makes it so, as charts or as a table. */

import { css, html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { api } from "../core/api";
import { colorOf, FELT, lookOf, STRESS, stressWords } from "../core/fields";
import { hour, number } from "../core/format";
import { at, COURSES, type CourseName, hotCourse, hotCsv, type HotMoment, PARTS, type PartName, peak } from "../core/heat_readings";
import { type Key, t } from "../core/i18n";
import { documentShown, momentAt } from "../core/moments";
import { type Probe, session, type Side, SIDES, view } from "../core/state";
import { base, Panel } from "./base";
import { deeds, download, pinning } from "./pins";

/** Colours of the parts, told apart without red or green: sun, sky, walls, ground. */
const COLORS: Record<PartName, string> = { absorbed_direct: "#f9a825", absorbed_sky: "#7fb2e5", absorbed_walls: "#8c4a86", absorbed_ground: "#a58a5c" };
const SHORT: Record<PartName, Key> = { absorbed_direct: "part.direct", absorbed_sky: "part.sky", absorbed_walls: "part.walls", absorbed_ground: "part.ground" };
const NAMES: Record<CourseName, Key> = { utci: "course.utci", mean_radiant_temperature: "course.radiant", air_temperature: "course.air", surface_temperature: "course.ground", pedestrian_wind_speed: "course.wind" };
/** Axes no finer than this, in the units of each. */
const LEAST_SPAN = { temperature: 6, wind: 1 };
const [WIDTH, HEIGHT, TOP, BASE] = [262, 108, 14, 92];
const ZERO_C = 273.15;
const HOURS_S = 6 * 3600;

class HeatProbe extends Panel {
  private shown: CourseName = "utci";
  private asTable = false;

  static override styles = [
    base,
    pinning,
    css`
      .felt {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 2px 10px;
        align-items: center;
        padding: 2px 8px 8px 0;
      }
      .felt strong {
        font-size: 24px;
        line-height: 1.1;
        font-weight: 660;
      }
      .stress {
        justify-self: start;
        padding: 2px 10px;
        border-radius: 20px;
        font-size: 12.5px;
        font-weight: 620;
      }
      .felt small {
        grid-column: span 2;
        color: var(--ink-2);
        font-size: 12.5px;
      }
      .modes {
        display: flex;
        gap: 2px;
        margin: 4px 8px 0 0;
        padding: 2px;
        border-radius: 10px;
        background: var(--stone);
      }
      .modes button {
        flex: 1 1 auto;
        min-height: 28px;
        padding: 2px 5px;
        border-radius: 8px;
        font-size: 12px;
      }
      .modes [aria-pressed="true"] {
        background: #fff;
        font-weight: 620;
        box-shadow: 0 1px 2px rgb(31 41 51 / 0.16);
      }
      h3 {
        padding: 10px 0 0;
        font-size: 12.5px;
        font-weight: 620;
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
        fill: none;
      }
      .now {
        stroke: var(--ink-2);
        stroke-dasharray: 2 2;
      }
      text {
        font-size: 10.5px;
        fill: var(--ink-2);
        paint-order: stroke;
        stroke: #fdfcf9;
        stroke-width: 3px;
        stroke-linejoin: round;
      }
      .parts {
        display: grid;
        grid-template-columns: auto 1fr auto;
        gap: 1px 8px;
        align-items: center;
        padding: 4px 8px 0 0;
        font-size: 12.5px;
      }
      .parts i {
        width: 12px;
        height: 12px;
        border-radius: 3px;
      }
      .parts b {
        font-weight: 560;
        text-align: right;
      }
      .scroll {
        max-height: 190px;
        overflow: auto;
        margin: 8px 8px 0 0;
        scrollbar-width: thin;
      }
      table {
        border-collapse: collapse;
        font-size: 12px;
      }
      th,
      td {
        padding: 2px 0 2px 9px;
        border-top: 1px solid var(--line);
        font-weight: 400;
        text-align: right;
        white-space: nowrap;
      }
      th:first-child {
        position: sticky;
        left: 0;
        padding-left: 0;
        background: #fdfcf9;
        text-align: left;
      }
      thead th {
        border: 0;
        color: var(--ink-2);
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { probe, a, b } = session.state;
    if (!probe) return nothing;
    const sides = SIDES.filter((side) => probe.found[side]);
    if (sides.length === 0) return html`<p class="quiet small">${a.job || b.job || a.result ? t(a.result ? "loading" : "point.later") : t("point.none.heat")}</p>${this.deeds(probe, false)}`;
    const courses = sides.map((side) => ({ side, moments: hotCourse(probe.found[side]!) }));
    const inside = courses.some(({ moments }) => moments.some(({ values }) => values.utci !== null));
    if (!inside) return html`<p class="quiet small">${t("point.roof")}</p>${this.deeds(probe, false)}`;
    return html`${courses.map(({ side, moments }) => this.felt(side, moments, probe, sides.length > 1))}
      ${this.modes()} ${this.asTable ? courses.map((one) => this.table(one.side, one.moments)) : html`${this.chart(courses)} ${this.parts(courses)}`}
      ${this.deeds(probe, true)}`;
  }

  override updated(_changed: PropertyValues): void {
    for (const one of this.renderRoot.querySelectorAll<HTMLElement>("[data-color]")) {
      one.style.background = one.dataset.color!;
      if (one.dataset.ink) one.style.color = one.dataset.ink;
    }
  }

  /** How it feels at the shown moment, in a number and in words; and the worst of the day. */
  private felt(side: Side, moments: readonly HotMoment[], { found }: Probe, both: boolean): TemplateResult {
    const now = at(moments, view.state.time);
    const utci = now?.values.utci ?? null;
    const most = peak(moments, "utci");
    const document = documentShown();
    const strong = found[side]?.whole.hours_utci_above_32?.value ?? null;
    const stress = (value: number): TemplateResult => {
      const color = colorOf(lookOf(FELT, null, 0), value + ZERO_C);
      const dark = color[0] * 0.3 + color[1] * 0.59 + color[2] * 0.11 < 140;
      return html`<span class="stress" data-color=${`rgb(${color.join(" ")})`} data-ink=${dark ? "#fff" : "#1f2933"}>${t(stressWords(value + ZERO_C))}</span>`;
    };
    return html`<div class="felt" data-side=${side}>
      <strong>${both ? html`<span class="letter ${side}">${side.toUpperCase()}</span> ` : nothing}${utci === null ? "–" : t("unit.celsius", { value: number(utci, 1) })}</strong>
      ${utci === null ? nothing : stress(utci)}
      <small>${most && document ? t("point.worst", { value: number(most.value, 1), hour: hour(momentAt(most.time, document)) }) : nothing}${strong === null ? nothing : html` · ${t("point.strong", { hours: number(strong, 1) })}`}</small>
    </div>`;
  }

  private modes(): TemplateResult {
    return html`<div class="modes" role="group" aria-label=${t("point.shown")}>
      ${COURSES.map((each) => html`<button data-shown=${each} aria-pressed=${each === this.shown} @click=${() => ((this.shown = each), this.requestUpdate())}>${t(NAMES[each])}</button>`)}
    </div>`;
  }

  /** Axis of time: where a moment stands, and the hours of Brussels that are named. */
  private clock(moments: readonly HotMoment[]): { x: (time: number) => number; axis: TemplateResult } {
    const [first, last] = [Math.min(0, moments[0]?.time ?? 0), Math.max(1, moments.at(-1)?.time ?? 1)];
    const x = (time: number): number => ((time - first) / (last - first)) * WIDTH;
    const document = documentShown();
    const hours: number[] = [];
    for (let time = Math.ceil(first / HOURS_S) * HOURS_S; time <= last; time += HOURS_S) hours.push(time);
    const now = view.state.time ?? last;
    const axis = svg`<path class="axis" d="M0 ${BASE}H${WIDTH}" /><path class="now" d="M${x(now).toFixed(1)} ${TOP}V${BASE}" />
      ${hours.map((time) => svg`<text x=${x(time)} y=${HEIGHT - 3} text-anchor=${time === first ? "start" : x(time) > WIDTH - 12 ? "end" : "middle"}>${document ? hour(momentAt(time, document)) : nothing}</text>`)}`;
    return { x, axis: axis as unknown as TemplateResult };
  }

  private chart(courses: readonly { side: Side; moments: readonly HotMoment[] }[]): TemplateResult {
    const name = this.shown;
    const windy = name === "pedestrian_wind_speed";
    const values = courses.flatMap(({ moments }) => moments.flatMap((one) => one.values[name] ?? []));
    const floor = windy ? 0 : Math.floor(Math.min(...values));
    const top = Math.max(floor + (windy ? LEAST_SPAN.wind : LEAST_SPAN.temperature), windy ? Math.max(...values) : Math.ceil(Math.max(...values)));
    const y = (value: number): number => BASE - ((value - floor) / (top - floor)) * (BASE - TOP);
    const { x, axis } = this.clock(courses[0].moments);
    const path = (moments: readonly HotMoment[]): string => moments.flatMap(({ time, values: all }) => (all[name] === null ? [] : [`${x(time).toFixed(1)} ${y(all[name]!).toFixed(1)}`])).join("L");
    const units = windy ? "m/s" : "°C";
    return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${t("point.course", { what: t(NAMES[name]) })}>
      ${name === "utci" ? this.bands(floor, top, y) : nothing}
      <path class="axis" d="M0 ${TOP}H${WIDTH}" />
      ${axis} ${courses.map(({ side, moments }) => svg`<path class="line ${side}" d=${`M${path(moments)}`} />`)}
      <text x="0" y=${TOP - 4}>${number(top, windy ? 1 : 0)} ${units}</text>
      <text x="2" y=${BASE - 4}>${number(floor)}</text>
    </svg>`;
  }

  /** The classes of stress behind the course of the felt temperature. */
  private bands(floor: number, top: number, y: (value: number) => number): TemplateResult {
    const look = lookOf(FELT, null, 0);
    const bands = STRESS.map(({ from }, i) => {
      const low = Math.max(floor, from - ZERO_C);
      const high = Math.min(top, (STRESS[i + 1]?.from ?? Infinity) - ZERO_C);
      return high > low ? svg`<rect x="0" width=${WIDTH} y=${y(high)} height=${y(low) - y(high)} fill=${`rgb(${colorOf(look, (Math.min(high, low + 8) + low) / 2 + ZERO_C).join(" ")})`} opacity="0.2" />` : nothing;
    });
    return svg`${bands}` as unknown as TemplateResult;
  }

  /** What a standing body takes in, part upon part, at every hour; beside it the numbers of the shown one. */
  private parts(courses: readonly { side: Side; moments: readonly HotMoment[] }[]): TemplateResult | typeof nothing {
    const { side, moments } = courses[courses.length - 1];
    const known = moments.filter(({ parts }) => parts !== null);
    if (known.length < 2) return nothing;
    const { x, axis } = this.clock(moments);
    const total = (one: HotMoment): number => PARTS.reduce((sum, name) => sum + one.parts![name], 0);
    const top = Math.max(...known.map(total));
    const y = (value: number): number => BASE - (value / top) * (BASE - TOP);
    // The ground lies at the bottom, the sun on top: what shade can take away is the crest.
    const order = [...PARTS].reverse();
    const sums = known.map(({ parts }) => order.reduce<number[]>((all, name) => [...all, (all.at(-1) ?? 0) + parts![name]], []));
    const areas = order.map((name, k) => {
      const upper = known.map(({ time }, i) => `${x(time).toFixed(1)} ${y(sums[i][k]).toFixed(1)}`);
      const lower = known.map(({ time }, i) => `${x(time).toFixed(1)} ${y(k ? sums[i][k - 1] : 0).toFixed(1)}`).reverse();
      return svg`<path d=${`M${[...upper, ...lower].join("L")}Z`} fill=${COLORS[name]} />`;
    });
    const now = at(known, view.state.time);
    return html`<h3>${courses.length > 1 ? html`<span class="letter ${side}">${side.toUpperCase()}</span> ` : nothing}${t("point.parts")}</h3>
      <svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${t("point.parts")}>
        ${areas} ${axis}
        <text x="0" y=${TOP - 4}>${number(top)} W/m²</text>
      </svg>
      <div class="parts">
        ${PARTS.map((name) => html`<i data-color=${COLORS[name]} aria-hidden="true"></i><span>${t(SHORT[name])}</span><b data-part=${name}>${now ? number(now.parts![name]) : "–"} W/m²</b>`)}
      </div>`;
  }

  private table(side: Side, moments: readonly HotMoment[]): TemplateResult {
    const document = documentShown();
    const text = (value: number | null | undefined, digits: number): string => (value === null || value === undefined ? "–" : number(value, digits));
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("point.table")}>
      <table>
        <thead>
          <tr>
            <th scope="col">${side.toUpperCase()}</th>
            ${COURSES.map((name) => html`<th scope="col">${t(NAMES[name])} (${name === "pedestrian_wind_speed" ? "m/s" : "°C"})</th>`)} ${PARTS.map((name) => html`<th scope="col">${t(SHORT[name])} (W/m²)</th>`)}
          </tr>
        </thead>
        <tbody>
          ${moments.map(
            ({ time, values, parts }) => html`<tr>
              <th scope="row">${document ? hour(momentAt(time, document)) : nothing}</th>
              ${COURSES.map((name) => html`<td>${text(values[name], 1)}</td>`)} ${PARTS.map((name) => html`<td>${text(parts?.[name], 0)}</td>`)}
            </tr>`,
          )}
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
  private async save({ at: here }: Probe): Promise<void> {
    const { probes } = view.state;
    const { origin } = session.state.city!;
    const rows = [];
    for (const point of probes.length ? probes : [{ letter: "", at: here }]) {
      for (const side of SIDES) {
        const { result, document } = session.state[side];
        const found = result && (await api.point(result.digest, point.at).catch(() => null));
        if (found && document) rows.push({ point: point.letter, x: point.at[0] + origin[0], y: point.at[1] + origin[1], side: side.toUpperCase(), start: document.period.start, moments: hotCourse(found) });
      }
    }
    download("points.csv", hotCsv(rows));
  }
}

customElements.define("bxl-heat-probe", HeatProbe);
