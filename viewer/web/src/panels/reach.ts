/** What one reaches from a point: how far in 5, 10 and 15 minutes, and the fifteen kinds of places on a radar. */

import { css, html, nothing, svg, type PropertyValues, type TemplateResult } from "lit";
import type { ReachMode, TenMinutesFacts } from "../core/api";
import { number, percent } from "../core/format";
import { say, t } from "../core/i18n";
import { BAND_COLORS } from "../core/reach";
import { session } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { stage } from "./stage";

type Kind = TenMinutesFacts["categories"][number];

const MODES: readonly ReachMode[] = ["walk", "bike"];
const SIZE = 216;
const MIDDLE = SIZE / 2;
/** The ring of the time that is wanted; places that far again, or further, lie at the rim. */
const WANTED = 52;
const RIM = 2;

class ReachPanel extends Panel {
  private tabled = false;

  static override styles = [
    base,
    css`
      .modes {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 5px;
        padding-bottom: 8px;
      }
      .modes [aria-pressed="true"] {
        background: var(--iris);
        color: #fff;
        box-shadow: none;
      }
      li.band {
        display: grid;
        grid-template-columns: 22px 1fr auto;
        align-items: center;
        gap: 9px;
        min-height: 24px;
      }
      i {
        height: 12px;
        border-radius: 4px;
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        margin-top: 8px;
        padding-top: 6px;
        border-top: 1px solid var(--line);
      }
      svg.radar {
        width: 100%;
        max-width: 250px;
        margin: 0 auto;
        overflow: visible;
      }
      .ring {
        fill: none;
        stroke: var(--line);
      }
      .ring.wanted {
        stroke: var(--ink-2);
        stroke-dasharray: 3 3;
      }
      .spoke {
        stroke: var(--line);
      }
      .shape {
        fill: rgb(10 79 158 / 0.1);
        stroke: none;
      }
      circle.met {
        fill: var(--better);
      }
      circle.late {
        fill: #fff;
        stroke: var(--worse);
        stroke-width: 2.5;
      }
      text {
        font-size: 10px;
        fill: var(--ink-2);
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 13px;
      }
      th,
      td {
        padding: 4px 0;
        border-top: 1px solid var(--line);
        font-weight: 400;
        text-align: left;
        vertical-align: top;
      }
      td {
        padding-left: 8px;
        text-align: right;
        white-space: nowrap;
        font-weight: 600;
      }
      td.met {
        color: var(--better);
      }
      td.late {
        color: var(--worse);
      }
      td.none {
        color: var(--same);
        font-weight: 400;
      }
      small {
        display: block;
        color: var(--ink-2);
        font-size: 12px;
        overflow-wrap: anywhere;
      }
      .names {
        columns: 2;
        column-gap: 10px;
        padding-top: 6px;
        font-size: 11.5px;
        line-height: 1.35;
      }
      .names li {
        display: grid;
        grid-template-columns: 16px 1fr;
        break-inside: avoid;
      }
      .names .met span {
        color: var(--better);
        font-weight: 650;
      }
      .names .late {
        color: var(--worse);
        font-weight: 600;
      }
      .names .none {
        color: var(--same);
      }
      .note {
        padding-top: 6px;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { reach } = session.state;
    if (!reach) return nothing;
    const { at, mode, bands, places } = reach;
    return html`<div class="modes" role="group" aria-label=${t("reach.by")}>
        ${MODES.map((each) => html`<button class="plain" data-by=${each} aria-pressed=${each === mode} @click=${() => stage.planner?.askReach(at, each)}>${t(`reach.${each}`)}</button>`)}
      </div>
      ${bands
        ? html`<ul>${bands.bands.map(({ minutes, area }, i) => html`<li class="band" data-band=${minutes}><i data-color=${BAND_COLORS[i] ?? BAND_COLORS[2]} aria-hidden="true"></i>${t("unit.min", { value: number(minutes) })}<span class="quiet">${number(area / 1e6, 2)} km²</span></li>`)}</ul>`
        : html`<p class="quiet small" role="status">${t("loading")}</p>`}
      ${places ? this.kinds(places) : bands ? html`<p class="quiet small" role="status">${t("loading")}</p>` : nothing}`;
  }

  override updated(_changed: PropertyValues): void {
    for (const swatch of this.renderRoot.querySelectorAll<HTMLElement>("i[data-color]")) swatch.style.background = swatch.dataset.color!;
  }

  private kinds({ categories, residents }: TenMinutesFacts): TemplateResult {
    const known = categories.filter((one) => one.known);
    const met = known.filter((one) => one.met).length;
    return html`<p class="head">
        <strong>${t("reach.met", { met: number(met), all: number(known.length) })}</strong>
        <button class="icon" data-table aria-pressed=${this.tabled} title=${t("street.table")} aria-label=${t("street.table")} @click=${() => ((this.tabled = !this.tabled), this.requestUpdate())}>${icon("table", 18)}</button>
      </p>
      ${this.tabled ? this.table(categories, residents) : this.radar(categories)}
      <p class="note small quiet">${t("reach.note")}</p>`;
  }

  private radar(kinds: readonly Kind[]): TemplateResult {
    const radius = ({ minutes, within }: Kind): number => WANTED * Math.min(RIM, minutes === null ? RIM : Math.max(0.08, minutes / within));
    const spot = (i: number, far: number): readonly [number, number] => {
      const angle = (i / kinds.length) * 2 * Math.PI - Math.PI / 2;
      return [MIDDLE + far * Math.cos(angle), MIDDLE + far * Math.sin(angle)];
    };
    const shape = kinds.flatMap((one, i) => (one.known ? [spot(i, radius(one)).map((each) => each.toFixed(1)).join(",")] : [])).join(" ");
    return html`<svg class="radar" viewBox="-22 -6 ${SIZE + 44} ${SIZE + 12}" role="img" aria-label=${t("reach.radar")}>
      ${[WANTED, WANTED * RIM].map((far, i) => svg`<circle class="ring ${i === 0 ? "wanted" : ""}" cx=${MIDDLE} cy=${MIDDLE} r=${far} />`)}
      <polygon class="shape" points=${shape} />
      ${kinds.map((one, i) => {
        const [x, y] = spot(i, radius(one));
        const [rx, ry] = spot(i, WANTED * RIM);
        const [tx, ty] = spot(i, WANTED * RIM + 9);
        const words = one.known ? `${say(one.label)} : ${this.minutes(one)}` : `${say(one.label)} : ${t("reach.unknown")}`;
        return svg`<g data-kind=${one.key}>
          <title>${words}</title>
          <line class="spoke" x1=${MIDDLE} y1=${MIDDLE} x2=${rx} y2=${ry} />
          ${one.known ? svg`<circle class=${state(one)} cx=${x} cy=${y} r="4.5" />` : nothing}
          <text x=${tx} y=${ty + 3} text-anchor=${tx < MIDDLE - 8 ? "end" : tx > MIDDLE + 8 ? "start" : "middle"}>${i + 1}</text>
        </g>`;
      })}
    </svg>
    <ol class="names" aria-hidden="true">${kinds.map((one, i) => html`<li class=${state(one)}><span>${i + 1}</span>${say(one.label)}</li>`)}</ol>`;
  }

  private table(kinds: readonly Kind[], residents: boolean): TemplateResult {
    return html`<table>
      <thead class="sr"><tr><th scope="col">${t("reach.kind")}</th><th scope="col">${t("reach.minutes")}</th></tr></thead>
      <tbody>
        ${kinds.map((one, i) => html`<tr data-kind=${one.key}>
          <th scope="row">${i + 1}. ${say(one.label)}
            <small>${one.known ? html`${one.name ? html`${one.name}. ` : nothing}${t("reach.within", { within: number(one.within) })}${one.share !== null && residents ? html` ${t("reach.share", { share: percent(one.share) })}` : nothing}` : t("reach.unknown")}</small></th>
          <td class=${state(one)}>${one.known ? html`${one.met ? "✓" : "✗"} ${this.minutes(one)}` : "–"}</td>
        </tr>`)}
      </tbody>
    </table>`;
  }

  private minutes({ minutes }: Kind): string {
    return minutes === null ? t("reach.far") : t("unit.min", { value: number(minutes, minutes < 10 ? 1 : 0) });
  }
}

function state({ known, met }: Kind): string {
  return known ? (met ? "met" : "late") : "none";
}

customElements.define("bxl-reach", ReachPanel);
