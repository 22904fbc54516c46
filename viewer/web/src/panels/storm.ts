/** The rain of scenario A, by hand or by return period, and what is assumed of soil and sewers. */

import { css, html, nothing, type TemplateResult } from "lit";
import { api } from "../core/api";
import { number, percent } from "../core/format";
import { type Key, t } from "../core/i18n";
import { baseOf, compose, lawOf, sewersIn, stepsTotal, stormOf } from "../core/scenario";
import { session, SEWERS, type Sewers, type Storm, view } from "../core/state";
import { base, Panel } from "./base";

/** Return periods that the sourced figures know for one hour of rain, years. */
const PERIODS: readonly number[] = [2, 10];
const HOUR_S = 3600;
/** Climate factors of the project's specification. */
const CLIMATES: readonly { factor: number; words: Key }[] = [
  { factor: 1, words: "climate.now" },
  { factor: 1.2, words: "climate.more" },
  { factor: 1.4, words: "climate.most" },
];

class StormPanel extends Panel {
  private asked = "";

  static override styles = [
    base,
    css`
      .modes {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: 1fr;
        gap: 2px;
        margin-top: 8px;
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
      .knob {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: baseline;
        padding-top: 6px;
      }
      .knob input {
        grid-column: span 2;
      }
      output {
        font-weight: 600;
      }
      .sum {
        padding: 8px 0 4px;
      }
      .row {
        display: grid;
        grid-template-columns: 1fr minmax(0, 150px);
        align-items: center;
        gap: 8px;
        min-height: 34px;
      }
      select {
        width: 100%;
        height: 30px;
        padding: 0 4px;
        border: 1px solid var(--line);
        border-radius: 8px;
        background: #fff;
        font-size: 13px;
      }
      details {
        margin-top: 6px;
      }
      summary {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 30px;
        cursor: pointer;
        list-style: none;
        font-size: 12.5px;
        border-radius: 6px;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary span {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .tag {
        flex: none;
        padding: 1px 8px;
        border-radius: 20px;
        background: #fbf1d9;
        color: #6b4a0c;
        font-size: 11px;
        font-weight: 600;
      }
    `,
  ];

  override render(): TemplateResult {
    const { library, catalogue } = session.state;
    const document = baseOf(view.state, library);
    const storm = view.state.storm ?? stormOf(document.forcing.rain ?? null);
    const designs = catalogue?.rains.includes("design") ?? false;
    const years = storm.return_period_years;
    return html`${designs ? this.modes(storm) : nothing}
      ${years === undefined ? this.byHand(storm) : this.byPeriod(storm, years)}
      ${catalogue?.parts.includes("soil") || catalogue?.parts.includes("sewers") ? this.assumed() : nothing}`;
  }

  override updated(): void {
    // A design storm gets its steps from the server, which has the table of the rain.
    const { storm } = view.state;
    const { city, library } = session.state;
    const key = storm?.return_period_years === undefined ? "" : JSON.stringify(storm);
    if (key === this.asked || !city) return;
    this.asked = key;
    session.set({ design: null });
    if (!key) return;
    api.check(compose("a", view.state, city, library)).then(
      ({ rain }) => this.asked === key && session.set({ design: rain.map(([time, intensity]) => ({ time, intensity })) }),
      () => undefined,
    );
  }

  private modes(storm: Storm): TemplateResult {
    const years = storm.return_period_years;
    const mode = (pressed: boolean, words: string, act: () => void): TemplateResult =>
      html`<button aria-pressed=${pressed} @click=${act}>${words}</button>`;
    return html`<div class="modes" role="group" aria-label=${t("storm.kind")}>
      ${mode(years === undefined, t("storm.even"), () => view.set({ storm: null }))}
      ${PERIODS.map((each) =>
        mode(years === each, t("storm.years", { years: each }), () =>
          view.set({ storm: { intensity_mm_h: storm.intensity_mm_h, duration_s: HOUR_S, return_period_years: each, climate_factor: storm.climate_factor ?? 1 } }),
        ),
      )}
    </div>`;
  }

  private byHand(storm: Storm): TemplateResult {
    return html`${this.knob("storm.intensity", storm.intensity_mm_h, 150, t("unit.mm_h", { value: number(storm.intensity_mm_h) }), (intensity_mm_h) => view.set({ storm: { ...storm, intensity_mm_h } }))}
    ${this.knob("storm.duration", storm.duration_s / 60, 180, t("unit.min", { value: number(storm.duration_s / 60) }), (minutes) => view.set({ storm: { ...storm, duration_s: minutes * 60 } }))}`;
  }

  private byPeriod(storm: Storm, years: number): TemplateResult {
    const { design } = session.state;
    const factor = storm.climate_factor ?? 1;
    const more = factor > 1 ? ` + ${percent(factor - 1)}` : "";
    return html`<p class="quiet small sum" aria-live="polite">
        ${design ? t("storm.design", { total: number(stepsTotal(design), 1), years, more }) : t("loading")}
      </p>
      <label class="row">
        <span class="quiet">${t("climate.label")}</span>
        <select data-climate @change=${(event: Event) => view.set({ storm: { ...storm, climate_factor: Number((event.target as HTMLSelectElement).value) } })}>
          ${CLIMATES.map((each) => html`<option value=${each.factor} ?selected=${each.factor === factor}>${t(each.words)}</option>`)}
        </select>
      </label>`;
  }

  /** Soil and sewers: closed, one line; open, two choices. */
  private assumed(): TemplateResult {
    const document = baseOf(view.state, session.state.library);
    const drinks = view.state.soil ?? lawOf(document) !== "none";
    const sewers = view.state.sewers ?? sewersIn(document);
    const soilWords = t(drinks ? "soil.drinks" : "soil.sealed");
    return html`<details>
      <summary><span class="quiet">${soilWords} · ${t(`sewers.${sewers}` satisfies Key)}</span><span class="tag">${t("assumed")}</span></summary>
      <label class="row">
        <span class="quiet">${t("soil.label")}</span>
        <select data-soil @change=${(event: Event) => view.set({ soil: (event.target as HTMLSelectElement).value === "1" })}>
          <option value="1" ?selected=${drinks}>${t("soil.drinks")}</option>
          <option value="0" ?selected=${!drinks}>${t("soil.sealed")}</option>
        </select>
      </label>
      <label class="row">
        <span class="quiet">${t("sewers.label")}</span>
        <select data-sewers @change=${(event: Event) => view.set({ sewers: (event.target as HTMLSelectElement).value as Sewers })}>
          ${SEWERS.filter((each) => each !== "network" || sewers === "network" || session.state.city?.counts.drains).map(
            (each) => html`<option value=${each} ?selected=${each === sewers}>${t(`sewers.${each}` satisfies Key)}</option>`,
          )}
        </select>
      </label>
    </details>`;
  }

  private knob(label: Key, value: number, max: number, words: string, change: (value: number) => void): TemplateResult {
    return html`<label class="knob">
      <span class="quiet">${t(label)}</span><output>${words}</output>
      <input type="range" data-knob=${label} min="5" max=${Math.max(max, value)} step="5" .value=${String(value)} aria-valuetext=${words} @input=${(event: Event) => change(Number((event.target as HTMLInputElement).value))} />
    </label>`;
  }
}

customElements.define("bxl-storm", StormPanel);
