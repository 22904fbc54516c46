/** What a run says of one building: its class, its figures in A and in B, and what of it is measured, guessed or assumed. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { ask, type Words } from "../core/api";
import { CLASS_COLORS, classOfBuilding, numberOf, PALE, SITE_COLORS } from "../core/energy_colors";
import { e, type EnergyKey } from "../core/energy_words";
import { figure, number } from "../core/format";
import { say } from "../core/i18n";
import { session, type Side, SIDES, view } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";

interface Tagged {
  tags: { key: string; label: Words; tag: "measured" | "archetype" | "assumed" | "edited" }[];
}

const ROWS: readonly (readonly [EnergyKey, string, string])[] = [
  ["card.final", "final_energy_per_area", "kWh/m²"],
  ["card.primary", "primary_energy_per_area", "kWh/m²"],
  ["card.need", "heating_need_per_area", "kWh/m²"],
  ["card.area", "heated_floor_area", "m²"],
  ["card.electricity", "electricity_used", "kWh"],
  ["card.fuel", "gas_used", "kWh"],
  ["card.network", "network_heat_used", "kWh"],
  ["card.made", "photovoltaic_energy", "kWh"],
  ["card.yield", "specific_yield", "kWh/kWp"],
  ["card.peak", "peak_heating_power", "kW"],
];
const SIGNS = { measured: "●", edited: "◆", archetype: "◐", assumed: "○" } as const;

class EnergyCard extends Panel {
  private asked = "";
  private tags: Tagged | null = null;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        padding: 2px 8px 10px 0;
      }
      .classes {
        display: flex;
        gap: 14px;
        padding-bottom: 8px;
      }
      .class {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .class b {
        display: grid;
        place-items: center;
        min-width: 46px;
        height: 40px;
        padding: 0 10px 0 8px;
        border-radius: 6px;
        clip-path: polygon(0 0, calc(100% - 10px) 0, 100% 50%, calc(100% - 10px) 100%, 0 100%);
        color: #fff;
        font-size: 20px;
        font-weight: 700;
      }
      .class .pale {
        color: #2c2a1c;
      }
      .class span.small {
        line-height: 1.25;
      }
      table {
        width: 100%;
        border-collapse: collapse;
      }
      th,
      td {
        padding: 4px 0 4px 8px;
        border-top: 1px solid var(--line);
        font-weight: 400;
        text-align: right;
        white-space: nowrap;
      }
      th:first-child {
        padding-left: 0;
        text-align: left;
        white-space: normal;
        color: var(--ink-2);
      }
      td {
        font-weight: 550;
      }
      [data-row="source"] td {
        white-space: normal;
        font-size: 13px;
        line-height: 1.25;
      }
      th small {
        font-size: 11.5px;
        white-space: nowrap;
      }
      thead th {
        border: 0;
      }
      ul {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 2px 10px;
        padding: 6px 0 0;
        font-size: 12.5px;
      }
      h3 {
        padding-top: 10px;
        font-size: 12.5px;
        font-weight: 650;
      }
      li i {
        font-style: normal;
        margin-right: 5px;
        color: var(--iris);
      }
      button.plain {
        display: flex;
        align-items: center;
        gap: 8px;
        width: 100%;
        margin-top: 10px;
      }
      .site {
        margin-top: 10px;
        padding: 7px 10px;
        border-left: 4px solid var(--line);
        background: #f6f3ec;
        font-size: 12.5px;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { selected: id } = view.state;
    const { energy } = session.state;
    if (!id || !energy) return nothing;
    const sides = SIDES.filter((side) => energy.runs[side]?.rows.has(id));
    if (sides.length === 0) return html`<p class="quiet small">${e("card.none")}</p>`;
    this.ask(sides, id);
    const site = energy.monitoring?.sites.find(({ building }) => building === id);
    const source = (side: Side): string => energy.runs[side]!.buildings.sources[energy.runs[side]!.rows.get(id)!] ?? "none";
    return html`<div class="classes">${sides.map((side) => this.badge(side, id, sides.length > 1))}</div>
      <table>
        ${sides.length > 1 ? html`<thead><tr><th><span class="sr">${e("card.title")}</span></th>${sides.map((side) => html`<th scope="col"><span class="letter ${side}">${side.toUpperCase()}</span></th>`)}</tr></thead>` : nothing}
        <tbody>
          <tr data-row="source"><th scope="row">${e("card.source")}</th>${sides.map((side) => html`<td>${e(`source.${source(side)}` as EnergyKey)}</td>`)}</tr>
          ${ROWS.flatMap(([words, key, units]) => {
            const values = sides.map((side) => numberOf(side, id, key));
            if (values.every((value) => value === null || value === 0)) return [];
            return [html`<tr data-row=${key}><th scope="row">${e(words)} <small>${units}</small></th>${values.map((value) => html`<td>${value === null ? "–" : figure(value)}</td>`)}</tr>`];
          })}
        </tbody>
      </table>
      ${site ? html`<p class="site" data-state=${SITE_COLORS[site.state]}>${say(site.words) || e(`state.${site.state}`)}${site.saving_kwh_a > 0 ? html`<br /><strong>${e("sites.saving", { value: number(site.saving_kwh_a) })}</strong>` : nothing}</p>` : nothing}
      ${this.tags?.tags.length
        ? html`<h3>${e("card.known")}</h3>
            <ul>${this.tags.tags.map(({ label, tag }) => html`<li title=${e(`tag.${tag}`)}><i aria-hidden="true">${SIGNS[tag]}</i>${say(label)}<span class="sr">${e(`tag.${tag}`)}</span></li>`)}</ul>
            <p class="quiet small">${[...new Set(this.tags.tags.map(({ tag }) => tag))].map((tag) => `${SIGNS[tag]} ${e(`tag.${tag}`)}`).join("  ")}</p>`
        : nothing}
      <button class="plain" data-edit-facts @click=${() => this.edit(id)}>${icon("energy", 18)}${e("card.edit")}</button>`;
  }

  override updated(_changed: PropertyValues): void {
    for (const one of this.renderRoot.querySelectorAll<HTMLElement>("[data-color]")) one.style.background = one.dataset.color!;
    for (const one of this.renderRoot.querySelectorAll<HTMLElement>("[data-state]")) one.style.borderColor = one.dataset.state!;
  }

  private badge(side: Side, id: string, both: boolean): TemplateResult | typeof nothing {
    const found = classOfBuilding(side, id);
    if (!found) return nothing;
    return html`<div class="class" data-class=${side}>${both ? html`<span class="letter ${side}">${side.toUpperCase()}</span>` : nothing}<b class=${PALE.includes(found) ? "pale" : ""} data-color=${CLASS_COLORS[found]}>${found}</b>${both ? nothing : html`<span class="small quiet">${e("card.class")}</span>`}</div>`;
  }

  /** What is known of a building, from the server; B's where there is one. */
  private ask(sides: readonly Side[], id: string): void {
    const digest = session.state.energy!.runs[sides[sides.length - 1]]!.digest;
    const key = `${digest} ${id}`;
    if (key === this.asked) return;
    this.asked = key;
    this.tags = null;
    ask(`/api/results/${digest}/energy/building/${encodeURIComponent(id)}`)
      .then((answer) => answer.json())
      .then((tags: Tagged) => {
        if (this.asked !== key) return;
        this.tags = tags;
        this.requestUpdate();
      })
      .catch(() => undefined);
  }

  private edit(id: string): void {
    session.set({ chosen: [id] });
    view.set({ balance: "facts", selected: null });
  }
}

customElements.define("bxl-energy-card", EnergyCard);
