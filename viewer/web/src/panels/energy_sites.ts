/** The city's own meters: sites ranked by what could be saved, and the days of a meter against the weather. */

import { css, html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { api } from "../core/api";
import { SITE_COLORS } from "../core/energy_colors";
import type { Meter, MeterDays, Site } from "../core/energy_facts";
import { roundUp } from "../core/energy_shapes";
import { e, type EnergyKey } from "../core/energy_words";
import { day, figure, number, percent } from "../core/format";
import { say } from "../core/i18n";
import { session, view } from "../core/state";
import { base, Panel } from "./base";
import { stage } from "./stage";

const WIDE = 400;
const TALL = 170;
const LEFT = 44;
/** Distance from which one looks at a site, m. */
const NEAR = 260;

class EnergySites extends Panel {
  private open = -1;
  private readonly days = new Map<string, MeterDays | null>();

  static override styles = [
    base,
    css`
      .demo {
        margin: 0 0 10px;
        padding: 6px 10px;
        border-radius: 8px;
        background: repeating-linear-gradient(135deg, #fdf1d8 0 10px, #fae9c6 10px 20px);
        color: #6b4a0c;
        font-size: 12.5px;
        font-weight: 600;
      }
      li {
        border-top: 1px solid var(--line);
      }
      li > button {
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        gap: 2px 10px;
        width: 100%;
        padding: 8px 4px;
        text-align: left;
        border-radius: 0;
      }
      li > button strong {
        font-weight: 620;
      }
      li > button .small {
        grid-column: 2 / -1;
        color: var(--ink-2);
        line-height: 1.3;
      }
      i {
        width: 12px;
        height: 12px;
        border-radius: 50%;
      }
      .saving {
        font-weight: 640;
        white-space: nowrap;
      }
      .meter {
        margin: 0 0 10px 26px;
        padding: 8px 12px;
        border-radius: 9px;
        background: #f6f3ec;
        font-size: 12.5px;
      }
      h3 {
        font-size: 12.5px;
        font-weight: 650;
      }
      svg {
        width: 100%;
        height: auto;
        margin-top: 6px;
        overflow: visible;
      }
      text {
        font: 400 11px var(--font);
        fill: var(--ink-2);
      }
      details {
        padding-top: 10px;
        font-size: 12.5px;
      }
      summary {
        cursor: pointer;
        color: var(--iris);
      }
    `,
  ];

  override render(): TemplateResult {
    const found = session.state.energy?.monitoring;
    if (!found || found.sites.length === 0) return html`<p class="quiet">${e("sites.none")}</p>`;
    const assumed = found.assumptions[view.state.language] ?? [];
    return html`${found.demo ? html`<p class="demo" role="note">${e("sites.demo")}</p>` : nothing}
      <p class="quiet small">${e("sites.why", { from: date(found.from), to: date(found.to) })}</p>
      <ol>${found.sites.map((site, i) => this.site(site, i))}</ol>
      ${assumed.length ? html`<details><summary>${e("sites.assumed")}</summary>${assumed.map((words) => html`<p>${words}</p>`)}</details>` : nothing}`;
  }

  override updated(_changed: PropertyValues): void {
    for (const one of this.renderRoot.querySelectorAll<HTMLElement>("[data-color]")) one.style.background = one.dataset.color!;
  }

  private site(site: Site, place: number): TemplateResult {
    const open = this.open === place;
    const saving = site.saving_kwh_a > 0 ? e("sites.saving", { value: number(site.saving_kwh_a) }) : site.water_lost_m3_a > 0 ? e("sites.water", { value: number(site.water_lost_m3_a) }) : "";
    return html`<li data-site=${place}>
      <button aria-expanded=${open} @click=${() => this.ask(site, open ? -1 : place)}>
        <i data-color=${SITE_COLORS[site.state]} title=${e(`state.${site.state}`)}></i><strong>${number(site.rank)}. ${site.name}</strong><span class="saving">${saving}</span>
        <span class="small">${e(`state.${site.state}`)}${say(site.words) ? ` · ${say(site.words)}` : ""}</span>
      </button>
      ${open ? site.meters.map((meter) => this.meter(meter)) : nothing}
    </li>`;
  }

  private ask(site: Site, place: number): void {
    this.open = place;
    this.requestUpdate();
    if (place < 0) return;
    view.set({ field: "energy_saving" });
    if (site.point) stage.planner?.flyTo(site.point, NEAR);
    for (const { meter, kind } of site.meters) {
      if (kind === "water" || this.days.has(meter)) continue;
      this.days.set(meter, null);
      api
        .meter(meter)
        .then((days) => (this.days.set(meter, days), this.requestUpdate()))
        .catch(() => this.days.delete(meter));
    }
  }

  private meter(meter: Meter): TemplateResult {
    const days = this.days.get(meter.meter);
    const facts: string[] = [];
    if (meter.cv_rmse != null) facts.push(e("sites.fit", { cv: percent(meter.cv_rmse, 1), nmbe: percent(meter.nmbe ?? 0, 1) }));
    if (meter.within_limits === false) facts.push(e("sites.outside"));
    if (meter.leaking) facts.push(e("sites.leak", { flow: figure(meter.leak_flow_l_h ?? 0) }));
    if (meter.alarms.length) facts.push(e("sites.alarms", { count: number(meter.alarms.length), last: date(meter.alarms[meter.alarms.length - 1].since) }));
    return html`<div class="meter">
      <h3>${meter.meter} · ${e(`kind.${meter.kind}` as EnergyKey)}</h3>
      ${facts.map((words) => html`<p>${words}</p>`)} ${days ? this.scatter(days) : nothing}
    </div>`;
  }

  /** Each day by the air outside; what was expected as a line, days of an alarm in orange. */
  private scatter({ outdoor_c, measured_w, expected_w, alarm }: MeterDays): TemplateResult {
    const points = outdoor_c.flatMap((air, i) => (air === null || measured_w[i] === null ? [] : [[air, measured_w[i]! / 1000, expected_w[i] === null ? null : expected_w[i]! / 1000, alarm[i]] as const]));
    if (points.length === 0) return html`${nothing}`;
    const most = roundUp(Math.max(...points.map(([, value]) => value)));
    const [cold, warm] = [Math.floor(Math.min(...points.map(([air]) => air))), Math.ceil(Math.max(...points.map(([air]) => air)))];
    const x = (air: number): number => LEFT + ((air - cold) / Math.max(1, warm - cold)) * (WIDE - LEFT);
    const y = (value: number): number => TALL - (value / most) * TALL;
    const expected = points.filter(([, , value]) => value !== null).sort(([p], [q]) => p - q);
    return html`<svg viewBox="0 -16 ${WIDE} ${TALL + 36}" role="img" aria-label=${e("sites.scatter")}>
      ${[0, 0.5, 1].map((share) => svg`<path d="M${LEFT} ${TALL - share * TALL}H${WIDE}" stroke="#d9d3c6" /><text x=${LEFT - 6} y=${TALL - share * TALL + 4} text-anchor="end">${number(most * share, 2)}</text>`)}
      <text x=${LEFT} y="-5">kW</text>
      ${points.map(([air, value, , bad]) => svg`<circle cx=${x(air).toFixed(1)} cy=${y(value).toFixed(1)} r="2.1" fill=${bad ? "#c05621" : "#52606d"} opacity=${bad ? 0.9 : 0.42} />`)}
      <path d=${expected.map(([air, , value], i) => `${i ? "L" : "M"}${x(air).toFixed(1)} ${y(value!).toFixed(1)}`).join("")} fill="none" stroke="#0a4f9e" stroke-width="1.8" />
      <text x=${LEFT} y=${TALL + 15}>${number(cold)} °C</text><text x=${WIDE} y=${TALL + 15} text-anchor="end">${number(warm)} °C</text>
    </svg>`;
  }
}

/** A day of a meter as people write it. */
function date(text: string | null): string {
  return text ? day(new Date(`${text}T12:00:00Z`)) : "?";
}

customElements.define("bxl-energy-sites", EnergySites);
