/** What the colours of buildings mean: classes with their letters, a ramp, or the state of the city's sites. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { CLASS_COLORS, colorAt, differenceRamp, fieldShown, isDifference, PALE, type Ramp, rampOf, SITE_COLORS } from "../core/energy_colors";
import { e, type EnergyKey } from "../core/energy_words";
import { ENERGY, type FieldName, FIELDS, isEnergyField } from "../core/fields";
import { number } from "../core/format";
import { t } from "../core/i18n";
import { session, view } from "../core/state";
import { base, Panel } from "./base";

class EnergyLegend extends Panel {
  static override styles = [
    base,
    css`
      section {
        width: 268px;
        padding: 8px 16px 11px;
      }
      select {
        width: calc(100% + 12px);
        margin: 0 -6px;
        height: 32px;
        padding: 0 4px;
        border: 0;
        border-radius: 8px;
        background: none;
        font-size: 13px;
        font-weight: 650;
        text-overflow: ellipsis;
        cursor: pointer;
      }
      .classes {
        display: grid;
        grid-template-columns: repeat(9, 1fr);
        gap: 2px;
        padding: 4px 0 2px;
      }
      .classes li {
        min-width: 0;
        font-size: 10.5px;
        color: var(--ink-2);
        text-align: right;
        line-height: 1.2;
      }
      .classes b {
        display: grid;
        place-items: center;
        height: 24px;
        margin-bottom: 2px;
        border-radius: 4px;
        font-size: 12px;
        color: #fff;
      }
      .classes .pale {
        color: #2c2a1c;
      }
      .ramp {
        height: 12px;
        margin: 5px 0 3px;
        border-radius: 4px;
      }
      .ticks {
        display: flex;
        justify-content: space-between;
        font-size: 12px;
        color: var(--ink-2);
      }
      .states li {
        display: flex;
        align-items: center;
        gap: 9px;
        min-height: 22px;
        font-size: 12.5px;
      }
      i {
        width: 22px;
        height: 12px;
        border-radius: 4px;
      }
      .source {
        padding-top: 5px;
        font-size: 11.5px;
        line-height: 1.35;
        color: var(--ink-2);
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { energy } = session.state;
    if (view.state.hidden.includes("water") || !energy || !(energy.runs.a ?? energy.runs.b)) return nothing;
    const field = fieldShown();
    const offered = FIELDS.filter((one) => isEnergyField(one) && (one !== "energy_saving" || energy.monitoring?.sites.length));
    return html`<section class="card" aria-label=${t("legend.label")}>
      <select data-field aria-label=${t("legend.field")} .value=${field} @change=${(event: Event) => view.set({ field: (event.target as HTMLSelectElement).value as FieldName })}>
        ${offered.map((one) => html`<option value=${one} ?selected=${one === field}>${e(`field.${one}` as EnergyKey)}</option>`)}
      </select>
      ${isDifference() ? this.ramp(differenceRamp(), true) : field === ENERGY ? this.classes() : field === "energy_saving" ? this.states() : this.ramp(rampOf(field)!, false)}
      <p class="source">${e(isDifference() ? "legend.difference" : (`source.${field}` as EnergyKey))}</p>
    </section>`;
  }

  override updated(_changed: PropertyValues): void {
    for (const one of this.renderRoot.querySelectorAll<HTMLElement>("[data-color]")) one.style.background = one.dataset.color!;
  }

  private classes(): TemplateResult {
    const { runs } = session.state.energy!;
    const classes = (runs.a ?? runs.b)?.facts.classes ?? [];
    return html`<ul class="classes">
        ${classes.map(({ letter, up_to }) => html`<li><b class=${PALE.includes(letter) ? "pale" : ""} data-color=${CLASS_COLORS[letter]}>${letter}</b>${up_to === null ? "\u00a0" : number(up_to)}</li>`)}
      </ul>
      <p class="ticks"><span>${e("legend.primary")}</span></p>`;
  }

  private ramp(ramp: Ramp, sign: boolean): TemplateResult {
    const stops = Array.from({ length: 21 }, (_, i) => colorAt(ramp, ramp.low + ((ramp.high - ramp.low) * i) / 20));
    return html`<div class="ramp" data-color="linear-gradient(90deg, ${stops.join(",")})"></div>
      <p class="ticks">${ramp.ticks.map((value, i) => html`<span>${sign && value > 0 ? "+" : ""}${number(value)}${i === ramp.ticks.length - 1 ? ` ${ramp.units}` : ""}</span>`)}</p>`;
  }

  private states(): TemplateResult {
    return html`<ul class="states">${(["alarm", "before", "calm", "unknown"] as const).map((state) => html`<li><i data-color=${SITE_COLORS[state]}></i>${e(`state.${state}`)}</li>`)}</ul>`;
  }
}

customElements.define("bxl-energy-legend", EnergyLegend);
