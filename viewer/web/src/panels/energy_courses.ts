/** The months of a year, and its hours sorted by power: A beside B, each with its table. */

import { css, html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { FLOW_COLORS } from "../core/energy_colors";
import type { Course, EnergyFacts } from "../core/energy_facts";
import { roundUp } from "../core/energy_shapes";
import { e, type EnergyKey } from "../core/energy_words";
import { figure, number } from "../core/format";
import { say, t } from "../core/i18n";
import { session, type Side, SIDES } from "../core/state";
import { base, Panel } from "./base";
import { nodeColor } from "./energy_flows";

const styles = css`
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(360px, 100%), 1fr));
    gap: 16px 26px;
  }
  figure {
    min-width: 0;
  }
  figcaption {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 24px;
    font-size: 13px;
    font-weight: 620;
  }
  svg {
    width: 100%;
    height: auto;
    overflow: visible;
  }
  text {
    font: 400 11px var(--font);
    fill: var(--ink-2);
  }
  .key {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 12px;
    padding-top: 4px;
    font-size: 12px;
    color: var(--ink-2);
  }
  i {
    display: inline-block;
    width: 10px;
    height: 10px;
    margin-right: 5px;
    border-radius: 3px;
    vertical-align: -0.5px;
  }
  h3 {
    padding: 0 0 4px;
    font-size: 13px;
    font-weight: 650;
  }
  section + section {
    margin-top: 18px;
  }
  details {
    padding-top: 8px;
  }
  summary {
    cursor: pointer;
    font-size: 12.5px;
    color: var(--iris);
  }
  .rows {
    overflow-x: auto;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 12px;
  }
  th,
  td {
    padding: 3px 0 3px 8px;
    border-top: 1px solid var(--line);
    font-weight: 400;
    text-align: right;
    white-space: nowrap;
  }
  th:first-child {
    padding-left: 0;
    text-align: left;
  }
`;

const WIDE = 400;
const TALL = 150;
const LEFT = 38;

/** What the months show: what is used stands up, what is made beside it. */
const USED = /^(appliances|heat_pumps|resistance|chillers|vehicles|plant_electricity)$/;
const MADE = /^photovoltaic$/;
const HEAT = /^(heating|hot_water)$/;

function found(part: (facts: EnergyFacts) => unknown): [Side, EnergyFacts][] {
  const { energy } = session.state;
  return SIDES.flatMap((side) => {
    const facts = energy?.runs[side]?.facts;
    return facts && part(facts) ? [[side, facts] as [Side, EnergyFacts]] : [];
  });
}

function letter(side: Side, both: boolean): TemplateResult | typeof nothing {
  return both ? html`<span class="letter ${side}">${side.toUpperCase()}</span>` : nothing;
}

/** Lines of an axis from nil to `most`, with their numbers and units. */
function axis(most: number, units: string): TemplateResult[] {
  return [0, 0.5, 1].map((share) => {
    const y = TALL - share * TALL;
    return svg`<path d="M${LEFT} ${y}H${WIDE}" stroke=${share ? "#e3ded3" : "#52606d"} /><text x=${LEFT - 6} y=${y + 4} text-anchor="end">${number(most * share, 2)}</text>${share === 1 ? svg`<text x=${LEFT} y=${y - 5}>${units}</text>` : nothing}` as unknown as TemplateResult;
  });
}

class EnergyMonths extends Panel {
  static override styles = [base, styles];

  override render(): TemplateResult {
    const known = found(({ months }) => months);
    if (known.length === 0) return html`<p class="quiet">${e("verdict.none")}</p>`;
    return html`${this.block("months.electricity", known, USED, MADE)} ${this.block("months.heat", known, HEAT, null)}
      <details>
        <summary>${e("table.read")}</summary>
        ${known.map(([side, { months }]) => this.table(side, months!, known.length > 1))}
      </details>`;
  }

  override updated(_changed: PropertyValues): void {
    for (const swatch of this.renderRoot.querySelectorAll<HTMLElement>("i[data-color]")) swatch.style.background = swatch.dataset.color!;
  }

  private block(title: EnergyKey, known: readonly (readonly [Side, EnergyFacts])[], up: RegExp, beside: RegExp | null): TemplateResult | typeof nothing {
    const parts = known.map(([side, { months }]) => {
      const stack = months!.series.filter(({ key }) => up.test(key));
      const made = beside ? months!.series.filter(({ key }) => beside.test(key)) : [];
      return { side, names: months!.months, stack, made };
    });
    const total = (all: readonly Course[], i: number): number => all.reduce((sum, { values }) => sum + (values[i] ?? 0), 0);
    const most = roundUp(Math.max(1e-6, ...parts.flatMap(({ names, stack, made }) => names.flatMap((_, i) => [total(stack, i), total(made, i)]))));
    if (parts.every(({ stack }) => stack.length === 0)) return nothing;
    const legend = [...new Map(parts.flatMap(({ stack, made }) => [...stack, ...made]).map((one) => [one.key, one])).values()].filter(({ values }) => values.some((value) => value));
    return html`<section>
      <h3>${e(title)}</h3>
      <div class="pair">
        ${parts.map(({ side, names, stack, made }) => {
          const step = (WIDE - LEFT) / Math.max(1, names.length);
          const bar = step * (made.length ? 0.38 : 0.62);
          const column = (all: readonly Course[], i: number, x: number) => {
            let foot = TALL;
            return all.map(({ key, values }) => {
              const tall = ((values[i] ?? 0) / most) * TALL;
              foot -= tall;
              return svg`<rect x=${x} y=${foot} width=${bar} height=${tall} fill=${nodeColor(key)} />`;
            });
          };
          return html`<figure>
            ${known.length > 1 ? html`<figcaption>${letter(side, true)}</figcaption>` : nothing}
            <svg viewBox="0 -16 ${WIDE} ${TALL + 34}" role="img" aria-label=${`${e(title)} ${side.toUpperCase()}`}>
              ${axis(most, "MWh")}
              ${names.map((name, i) => {
                const x = LEFT + i * step + step * 0.12;
                return svg`${column(stack, i, x)}${column(made, i, x + bar + step * 0.04)}<text x=${LEFT + (i + 0.5) * step} y=${TALL + 14} text-anchor="middle">${Number(name.slice(5, 7))}</text>`;
              })}
            </svg>
          </figure>`;
        })}
      </div>
      <p class="key">${legend.map(({ key, label }) => html`<span><i data-color=${nodeColor(key)}></i>${say(label)}</span>`)}</p>
    </section>`;
  }

  private table(side: Side, { months, series }: NonNullable<EnergyFacts["months"]>, both: boolean): TemplateResult {
    return html`<div class="rows" tabindex="0">
      <table>
        <thead><tr><th scope="col">${letter(side, both)}<span class="sr">${e("tab.months")}</span></th>${months.map((name) => html`<th scope="col">${Number(name.slice(5, 7))}</th>`)}</tr></thead>
        <tbody>${series.map(({ label, units, values }) => html`<tr><th scope="row">${say(label)} (${units})</th>${values.map((value) => html`<td>${value === null ? "–" : figure(value)}</td>`)}</tr>`)}</tbody>
      </table>
    </div>`;
  }
}

const CURVES: readonly (readonly ["import_kw" | "export_kw" | "heat_kw", EnergyKey, string])[] = [
  ["import_kw", "grid.bought", FLOW_COLORS.grid],
  ["export_kw", "grid.given", FLOW_COLORS.sun],
  ["heat_kw", "load.heat", FLOW_COLORS.heating],
];
/** Hours at which the table reads the curves. */
const READ_AT = [0, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

class EnergyLoad extends Panel {
  static override styles = [
    base,
    styles,
    css`
      .line {
        width: 20px;
        height: 3px;
        vertical-align: 3px;
      }
    `,
  ];

  override render(): TemplateResult {
    const known = found(({ load }) => load);
    if (known.length === 0) return html`<p class="quiet">${e("verdict.none")}</p>`;
    return html`<p class="quiet small">${e("load.why")}</p>
      ${(["import_kw", "export_kw", "heat_kw"] as const).map((key) => this.curves(key, known))}
      <details>
        <summary>${e("table.read")}</summary>
        ${this.table(known)}
      </details>`;
  }

  /** One chart for each curve, with A and B in it: peaks are what one compares. */
  private curves(key: "import_kw" | "export_kw" | "heat_kw", known: readonly (readonly [Side, EnergyFacts])[]): TemplateResult | typeof nothing {
    const [, words] = CURVES.find(([one]) => one === key)!;
    const most = roundUp(Math.max(1e-6, ...known.map(([, { load }]) => load![key][0] ?? 0)));
    if (known.every(([, { load }]) => !load![key].some((value) => value > 0))) return nothing;
    const last = Math.max(...known.map(([, { load }]) => load!.hours.at(-1) ?? 1));
    const x = (hour: number): number => LEFT + (hour / last) * (WIDE - LEFT);
    const color = (side: Side): string => (known.length > 1 ? (side === "a" ? "#00727a" : "#b84a14") : CURVES.find(([one]) => one === key)![2]);
    return html`<section data-load=${key}>
      <h3>${e(words)}</h3>
      <figure>
        <svg viewBox="0 -16 ${WIDE} ${TALL + 34}" role="img" aria-label=${e(words)}>
          ${axis(most, "kW")}
          ${known.map(([side, { load }]) => svg`<path d=${load!.hours.map((hour, i) => `${i ? "L" : "M"}${x(hour).toFixed(1)} ${(TALL - (load![key][i] / most) * TALL).toFixed(1)}`).join("")} fill="none" stroke=${color(side)} stroke-width="2.2" />`)}
          ${[0, 0.25, 0.5, 0.75, 1].map((share) => svg`<text x=${x(share * last)} y=${TALL + 14} text-anchor=${share === 0 ? "start" : share === 1 ? "end" : "middle"}>${number(share * last)}${share === 1 ? " h" : ""}</text>`)}
        </svg>
        <p class="key">${known.map(([side, { load }]) => html`<span>${letter(side, known.length > 1)} ${e("load.peak", { value: figure(load![key][0] ?? 0) })}</span>`)}</p>
      </figure>
    </section>`;
  }

  private table(known: readonly (readonly [Side, EnergyFacts])[]): TemplateResult {
    return html`<div class="rows" tabindex="0">
      <table>
        <thead><tr><th scope="col">${t("time.label")} (h)</th>${known.flatMap(([side]) => CURVES.map(([, words]) => html`<th scope="col">${side.toUpperCase()} · ${e(words)} (kW)</th>`))}</tr></thead>
        <tbody>
          ${READ_AT.map(
            (hour) => html`<tr><th scope="row">${number(hour)}</th>
              ${known.flatMap(([, { load }]) => CURVES.map(([key]) => {
                const at = load!.hours.findIndex((each) => each >= hour);
                return html`<td>${at < 0 ? "–" : figure(load![key][at] ?? 0)}</td>`;
              }))}</tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

customElements.define("bxl-energy-months", EnergyMonths);
customElements.define("bxl-energy-load", EnergyLoad);
