/** One street: what it is, how much and how fast it carries in A and in B, and what one can do to it. */

import { css, html, nothing, svg, type TemplateResult } from "lit";
import type { Street, StreetFacts } from "../core/api";
import { change, hour, number } from "../core/format";
import { type Key, t } from "../core/i18n";
import { documentShown, momentAt } from "../core/moments";
import { session, type Side, SIDES, view } from "../core/state";
import { startOf } from "../core/works";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { editWords, modesRead } from "./street_words";
import type { StreetTool } from "./street_works";
import "./street_works";

const KM_H = 3.6;
const DEEDS: readonly StreetTool[] = ["close_street", "speed_limit", "bike_lane", "school_street"];
const [WIDE, HIGH] = [260, 74];

class StreetPanel extends Panel {
  private tabled = false;

  static override styles = [
    base,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
      }
      th,
      td {
        padding: 4px 0 4px 8px;
        border-top: 1px solid var(--line);
        text-align: right;
        font-weight: 400;
        white-space: nowrap;
      }
      thead th {
        border: 0;
        font-size: 12px;
        color: var(--ink-2);
      }
      th:first-child {
        padding-left: 0;
        text-align: left;
      }
      td {
        font-weight: 600;
      }
      .letter {
        width: 18px;
        height: 18px;
        font-size: 11px;
        border-radius: 6px;
      }
      .chart {
        padding-top: 8px;
      }
      .plot {
        width: 100%;
        height: auto;
        overflow: visible;
      }
      .plot path {
        fill: none;
        stroke-width: 2;
        stroke-linejoin: round;
      }
      path.a {
        stroke: var(--a);
      }
      path.b {
        stroke: var(--b);
      }
      line {
        stroke: var(--line);
      }
      line.now {
        stroke: var(--ink);
        stroke-dasharray: 2 3;
      }
      text {
        font-size: 10.5px;
        fill: var(--ink-2);
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }
      .deeds {
        display: grid;
        gap: 6px;
        padding-top: 10px;
      }
      .deeds button {
        display: flex;
        align-items: center;
        gap: 9px;
        text-align: left;
      }
      .deeds .primary {
        min-height: 42px;
        background: var(--b);
        font-size: 15px;
      }
      .more {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 6px;
      }
      .scroll {
        max-height: 190px;
        overflow-y: auto;
        scrollbar-width: thin;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const asked = session.state.street;
    if (!asked) return nothing;
    const { street, found } = asked;
    const sides = SIDES.filter((side) => found[side]);
    return html`${sides.length ? html`${this.now(street, sides)} ${this.course(sides)}` : html`<p class="quiet small">${t("street.not_yet")}</p>`} ${this.deeds(street)}`;
  }

  /** Each direction at the moment that is shown, A above B. */
  private now(street: Street, sides: readonly Side[]): TemplateResult {
    const { found } = session.state.street!;
    const rows = (found[sides[0]]?.directions ?? []).flatMap(({ along, link }) =>
      sides.map((side) => {
        const one = found[side]!.directions.find((each) => each.link === link);
        const flow = at(found[side]!, one?.series.traffic_flow?.values);
        // Where no motor drives, the speed would be that of the bicycles.
        const speed = flow ? at(found[side]!, one?.series.traffic_speed?.values) : null;
        return html`<tr data-link=${link} data-side=${side}>
          <th scope="row">${side === sides[0] ? t("street.towards", { where: heading(street, along) }) : nothing}</th>
          <td>${sides.length > 1 ? html`<span class="letter ${side}">${side.toUpperCase()}</span>` : nothing}</td>
          <td data-flow>${read(flow, 1, 0)}</td>
          <td data-speed>${read(speed, KM_H, 0)}</td>
        </tr>`;
      }),
    );
    return html`<table>
      <thead>
        <tr>
          <th scope="col"><span class="sr">${t("street.direction")}</span></th>
          <th scope="col"><span class="sr">${t("strip.scenario")}</span></th>
          <th scope="col">${t("unit.veh_h")}</th>
          <th scope="col">km/h</th>
        </tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>`;
  }

  /** Both directions together over the hours. */
  private course(sides: readonly Side[]): TemplateResult {
    const { found } = session.state.street!;
    const all = sides.map((side) => ({ side, times: found[side]!.times, values: both(found[side]!) }));
    const document = documentShown();
    const said = (time: number): string => (document ? hour(momentAt(time, document)) : number(time));
    const [{ times }] = all;
    const most = Math.max(10, ...all.flatMap(({ values }) => values.map((value) => value ?? 0)));
    const end = Math.max(1, times.at(-1) ?? 1);
    const x = (time: number): number => (time / end) * WIDE;
    const y = (value: number): number => HIGH - (value / most) * (HIGH - 14);
    const now = view.state.time ?? end;
    const chart = html`<svg class="plot" viewBox="0 0 ${WIDE} ${HIGH + 16}" role="img" aria-label=${t("street.course")}>
      <line x1="0" y1=${HIGH} x2=${WIDE} y2=${HIGH} />
      <line class="now" x1=${x(now)} y1="8" x2=${x(now)} y2=${HIGH} />
      ${all.map(({ side, times: when, values }) => svg`<path class=${side} d=${path(when, values, x, y)} />`)}
      <text x="0" y="9">${number(most)}</text>
      <text x="0" y=${HIGH + 13}>${said(0)}</text>
      <text x=${WIDE} y=${HIGH + 13} text-anchor="end">${said(end)}</text>
    </svg>`;
    const table = html`<div class="scroll"><table>
      <thead><tr><th scope="col">${t("street.hour")}</th>${all.map(({ side }) => html`<th scope="col">${side.toUpperCase()}</th>`)}${all.length > 1 ? html`<th scope="col">Δ</th>` : nothing}</tr></thead>
      <tbody>${times.map((time, i) => html`<tr>
        <th scope="row">${said(time)}</th>
        ${all.map(({ values }) => html`<td>${read(values[i] ?? null, 1, 0)}</td>`)}
        ${all.length > 1 ? html`<td>${change((all[1].values[i] ?? 0) - (all[0].values[i] ?? 0))}</td>` : nothing}
      </tr>`)}</tbody>
    </table></div>`;
    return html`<div class="chart">
      <p class="head"><span class="small quiet">${t("street.course")}</span>
        <button class="icon" data-table aria-pressed=${this.tabled} title=${t("street.table")} aria-label=${t("street.table")} @click=${() => ((this.tabled = !this.tabled), this.requestUpdate())}>${icon("table", 18)}</button></p>
      ${this.tabled ? table : chart}
    </div>`;
  }

  private deeds({ id }: Street): TemplateResult {
    const known = new Set(session.state.catalogue?.edits ?? []);
    const offered = DEEDS.filter((each) => known.has(each));
    if (offered.length === 0) return html`${nothing}`;
    const closed = view.state.edits.filter(({ edit, buildings }) => edit === "close_street" && buildings.includes(id));
    const button = (tool: StreetTool): TemplateResult => html`<button class=${tool === "close_street" ? "primary" : "plain"} data-deed=${tool} @click=${() => this.take(tool, id)}>${icon(tool, 20)}${t(`street.${tool}` as Key)}</button>`;
    return html`<div class="deeds">
      ${session.state.ready.filter((one) => [...one.closed, ...one.changed].includes(id)).map((one) => html`<p class="small" data-ready=${one.id}>${t("street.ready", { what: editWords(one.edit) })}</p>`)}
      ${closed.map(({ values }) => html`<p class="small">${t("street.closed", { who: modesRead(String(values.modes)) })}</p>`)}
      ${offered.filter((each) => each === "close_street").map(button)}
      <div class="more">${offered.filter((each) => each !== "close_street").map(button)}</div>
    </div>`;
  }

  private take(tool: StreetTool, id: string): void {
    session.set({ tool, chosen: [id], draft: [], values: startOf(tool) });
  }
}

/** Where one drives to, as a point of the compass. */
export function heading({ points }: Street, along: boolean): string {
  const [[ax, ay], [bx, by]] = along ? [points[0], points[points.length - 1]] : [points[points.length - 1], points[0]];
  const eighth = Math.round(Math.atan2(bx - ax, by - ay) / (Math.PI / 4));
  return t("compass").split("|")[(eighth + 8) % 8];
}

/** The value that holds at the moment that is shown. */
function at({ times }: StreetFacts, values: readonly (number | null)[] | undefined): number | null {
  const { time } = view.state;
  if (!values) return null;
  const index = time === null ? values.length - 1 : Math.max(0, times.findLastIndex((each) => each <= time + 1e-6));
  return values[index] ?? null;
}

function both({ times, directions }: StreetFacts): (number | null)[] {
  return times.map((_, i) => {
    const known = directions.map(({ series }) => series.traffic_flow?.values[i] ?? null).filter((value) => value !== null);
    return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
  });
}

function path(times: readonly number[], values: readonly (number | null)[], x: (time: number) => number, y: (value: number) => number): string {
  const known = times.flatMap((time, i) => (values[i] === null ? [] : [`${x(time).toFixed(1)} ${y(values[i]!).toFixed(1)}`]));
  return known.length ? `M${known.join("L")}` : "";
}

function read(value: number | null, factor: number, digits: number): string {
  return value === null ? "–" : number(value * factor, digits);
}

customElements.define("bxl-street", StreetPanel);
