/** The bottom of the page: time, and the figures of A beside B. */

import { css, html, nothing, type TemplateResult } from "lit";
import { change, figure, percent, unit } from "../core/format";
import { type Key, say, t } from "../core/i18n";
import { isEnergy, isHot, isTraffic } from "../core/moments";
import type { Indicator } from "../core/api";
import { session, type Side, SIDES, view } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";
import "./timeline";

/** What people ask first, in this order; five fit. */
const FIRST = ["flooded_area", "max_depth", "buildings_touched", "people_touched", "roads_flooded", "mean_utci", "people_above_38", "hours_above_32", "people_tropical_night", "pavement_shade", "vehicle_km_local", "cut_through", "mean_speed", "delay_hours", "mean_trip_time", "vehicle_km", "final_energy_kwh_m2", "photovoltaic_mwh", "self_sufficiency", "carbon_dioxide_t", "peak_import_kw"];

/** Those whose own name is too long for a column. */
const SHORT = new Set(["mean_utci", "people_above_38", "hours_above_32", "people_tropical_night", "pavement_shade", "vehicle_km_local", "cut_through", "delay_hours", "mean_trip_time"]);

class Dock extends Panel {
  static override styles = [
    base,
    css`
      section {
        padding: 10px 16px 12px;
        container-type: inline-size;
      }
      /* Where five columns do not fit, the first three say most. */
      @container (max-width: 600px) {
        .strip tr > :nth-child(n + 5) {
          display: none;
        }
      }
      .strip {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: end;
        gap: 12px;
        margin-top: 6px;
        padding-top: 8px;
        border-top: 1px solid var(--line);
      }
      table {
        width: 100%;
        border-collapse: collapse;
        table-layout: fixed;
      }
      th,
      td {
        padding: 0 10px 0 0;
        text-align: left;
        font-weight: 400;
        vertical-align: bottom;
        line-height: 1.3;
      }
      thead th {
        font-size: 12px;
        color: var(--ink-2);
        padding-bottom: 3px;
        hyphens: auto;
      }
      th.side {
        width: 34px;
      }
      tbody td {
        font-size: 16px;
        font-weight: 620;
        padding-top: 3px;
        white-space: nowrap;
      }
      td small {
        font-size: 12px;
        font-weight: 450;
        color: var(--ink-2);
      }
      .delta th,
      .delta td {
        vertical-align: top;
      }
      .delta td {
        white-space: normal;
        font-size: 13.5px;
        line-height: 1.2;
      }
      .delta small {
        display: block;
        color: inherit;
        white-space: normal;
      }
      .better {
        color: var(--better);
      }
      .worse {
        color: var(--worse);
      }
      .same {
        color: var(--same);
      }
      .live td {
        color: var(--ink-2);
      }
      .deeds {
        display: grid;
        gap: 6px;
      }
      .compare[aria-pressed="true"] {
        background: var(--iris-wash);
        box-shadow: inset 0 0 0 1px var(--iris);
      }
      .compare {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      @media (max-width: 700px) {
        section {
          padding: 8px 12px;
        }
        .strip {
          grid-template-columns: 1fr;
          overflow-x: auto;
        }
        .deeds {
          display: flex;
          flex-wrap: wrap;
        }
      }
      .delta .letter {
        background: none;
        color: var(--ink-2);
        font-size: 15px;
      }
    `,
  ];

  override render(): TemplateResult {
    const { a, b } = session.state;
    const both = b.job !== null || b.result !== null;
    const swipe = view.state.swipe !== null;
    const { difference, places } = view.state;
    const hot = isHot();
    const powered = isEnergy();
    const known = new Set([...a.indicators, ...b.indicators].map(({ key }) => key));
    const shown = [...FIRST.filter((key) => known.has(key)), ...[...known].filter((key) => !FIRST.includes(key))].slice(0, 5);
    return html`<section class="card" aria-label=${t("dock.label")}>
      ${isEnergy() ? html`<bxl-energy-hours></bxl-energy-hours>` : html`<bxl-timeline></bxl-timeline>`}
      ${shown.length && !(powered && view.state.balance && !view.state.selected)
        ? html`<div class="strip">
            <table>
              <caption class="sr">${t("strip.caption")}</caption>
              <thead>
                <tr>
                  <th class="side" scope="col"><span class="sr">${t("strip.scenario")}</span></th>
                  ${shown.map((key) => this.heading(key))}
                </tr>
              </thead>
              <tbody>
                ${SIDES.filter((side) => side === "a" || both).map((side) => this.row(side, shown))} ${both ? this.delta(shown) : nothing}
              </tbody>
            </table>
            ${both || hot || powered
              ? html`<div class="deeds">
                  ${both
                    ? html`<button class="plain compare" data-swipe aria-pressed=${swipe} @click=${() => view.set({ swipe: swipe ? null : 0.5, difference: false })}>
                        ${icon("swipe", 18)}${swipe ? t("swipe.stop") : t("swipe.start")}
                      </button>`
                    : nothing}
                  ${a.result && b.result
                    ? html`<button class="plain compare" data-difference aria-pressed=${difference} @click=${() => view.set({ difference: !difference, swipe: null, places: null })}>
                        ${icon("difference", 18)}${t("difference.show")}
                      </button>`
                    : nothing}
                  ${powered && (a.result || b.result)
                    ? html`<button class="plain compare" data-balance aria-pressed=${view.state.balance !== null} @click=${() => this.balance()}>${icon("energy", 18)}${t("balance.show")}</button>`
                    : nothing}
                  ${isTraffic() && a.result && b.result
                    ? html`<button class="plain compare" data-gains aria-pressed=${places === "traffic"} @click=${() => this.who("traffic")}>${icon("people", 18)}${t("gains.show")}</button>`
                    : nothing}
                  ${hot && (a.result || b.result)
                    ? html`<button class="plain compare" data-places aria-pressed=${places !== null} @click=${() => this.who("vulnerability")}>${icon("people", 18)}${t("places.show")}</button>`
                    : nothing}
                </div>`
              : nothing}
          </div>`
        : nothing}
    </section>`;
  }

  /** The panel of energy in the right column, or away again. */
  private balance(): void {
    view.set({ balance: view.state.balance ? null : "verdict", selected: null });
    session.set({ tool: null, draft: [], chosen: [] });
  }

  /** Sectors in the right column, or away again; what else stands there gives way. */
  private who(by: "vulnerability" | "traffic"): void {
    // Whom B helps is told of the whole city, not of one side of the handle.
    view.set({ places: view.state.places ? null : by, selected: null, street: null, difference: false, ...(by === "traffic" ? { swipe: null } : {}) });
    session.set({ probe: null, tool: null, draft: [], chosen: [] });
  }

  /** A short name where the figure's own is a sentence, which then is its title. */
  private heading(key: string): TemplateResult {
    const whole = say(this.find("a", key)?.label ?? this.find("b", key)?.label);
    return SHORT.has(key) ? html`<th scope="col" title=${whole}>${t(`figure.${key}` as Key)}</th>` : html`<th scope="col">${whole}</th>`;
  }

  private find(side: Side, key: string): Indicator | undefined {
    return session.state[side].indicators.find((each) => each.key === key);
  }

  private row(side: Side, keys: readonly string[]): TemplateResult {
    const live = session.state[side].result === null;
    return html`<tr class=${live ? "live" : ""} data-side=${side}>
      <th scope="row"><span class="letter ${side}">${side.toUpperCase()}</span></th>
      ${keys.map((key) => html`<td data-key=${key}>${this.value(this.find(side, key))}</td>`)}
    </tr>`;
  }

  private value(indicator: Indicator | undefined): TemplateResult {
    if (!indicator || indicator.value === null) return html`<span aria-label=${t("strip.unknown")}>–</span>`;
    return html`${figure(indicator.value)} <small>${unit(indicator.units)}</small>`;
  }

  private delta(keys: readonly string[]): TemplateResult {
    return html`<tr class="delta">
      <th scope="row"><span class="letter" aria-hidden="true">Δ</span><span class="sr">${t("strip.change")}</span></th>
      ${keys.map((key) => html`<td>${this.compared(this.find("a", key), this.find("b", key))}</td>`)}
    </tr>`;
  }

  private compared(a: Indicator | undefined, b: Indicator | undefined): TemplateResult {
    const done = session.state.a.result && session.state.b.result;
    if (!done || a?.value == null || b?.value == null) return html`<span class="same">–</span>`;
    const step = b.value - a.value;
    const share = a.value === 0 ? null : step / Math.abs(a.value);
    // Less than half of a per cent is what the picture cannot show either.
    const same = step === 0 || (share !== null && Math.abs(share) < 0.005);
    const good = a.better === "lower" ? step < 0 : step > 0;
    const verdict = same || a.better === "neutral" ? "same" : good ? "better" : "worse";
    if (verdict === "same" && same) return html`<span class="same">= ${t("verdict.same")}</span>`;
    const arrow = step > 0 ? "↑" : "↓";
    const size = share === null ? `${change(step)} ${unit(a.units)}` : `${step > 0 ? "+" : "−"}${percent(Math.abs(share), Math.abs(share) < 0.1 ? 1 : 0)}`;
    // What is neither better nor worse has changed all the same.
    return html`<span class=${verdict}>${arrow} ${size} ${verdict === "same" ? nothing : html`<small>${t(`verdict.${verdict}` satisfies Key)}</small>`}</span>`;
  }
}

customElements.define("bxl-dock", Dock);
