/** Is the district positive? Four kinds of it by three boundaries and three ways to weigh, each with its band and why. */

import { css, html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import type { Answer, Exchange, PedTable, Verdict } from "../core/energy_facts";
import { e, type EnergyKey } from "../core/energy_words";
import { figure, number, percent } from "../core/format";
import { say } from "../core/i18n";
import { session, type Side, SIDES } from "../core/state";
import { base, Panel } from "./base";

const SIGNS: Readonly<Record<Answer, string>> = { yes: "✓", no: "✗", "within the band": "≈" };
const WORDS: Readonly<Record<Answer, EnergyKey>> = { yes: "answer.yes", no: "answer.no", "within the band": "answer.band" };

class EnergyVerdict extends Panel {
  /** The line that is asked about: type, boundary, factors. */
  private asked = "";
  private seen = "";

  static override styles = [
    base,
    css`
      :host {
        container-type: inline-size;
      }
      .sum {
        display: grid;
        gap: 6px;
        padding-bottom: 10px;
      }
      .sum p {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 8px 12px;
        border-radius: 10px;
        background: var(--iris-wash);
        line-height: 1.3;
      }
      .sum strong {
        font-size: 22px;
        font-weight: 660;
        white-space: nowrap;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        table-layout: fixed;
      }
      th,
      td {
        padding: 0;
        border-top: 1px solid var(--line);
        font-weight: 400;
        text-align: left;
        vertical-align: top;
      }
      thead th {
        padding: 0 6px 4px;
        border: 0;
        font-size: 12px;
        line-height: 1.25;
        color: var(--ink-2);
        vertical-align: bottom;
      }
      thead th:first-child {
        width: 25%;
      }
      .boundary th {
        padding: 9px 0 3px;
        border: 0;
        font-size: 12.5px;
        font-weight: 650;
      }
      .boundary span {
        font-weight: 400;
        color: var(--ink-2);
      }
      tbody th {
        padding: 5px 4px 5px 0;
        font-size: 12.5px;
        line-height: 1.25;
        hyphens: auto;
      }
      td button {
        display: block;
        width: 100%;
        min-height: 0;
        padding: 4px 6px;
        border-radius: 7px;
        text-align: left;
        font-size: 12px;
        line-height: 1.25;
      }
      td button[aria-pressed="true"] {
        background: var(--iris-wash);
        box-shadow: inset 0 0 0 1px var(--iris);
      }
      td span {
        display: block;
        white-space: nowrap;
      }
      td b {
        font-weight: 640;
      }
      td small {
        display: block;
        font-size: 11.5px;
        color: var(--ink-2);
      }
      .yes b {
        color: var(--better);
      }
      .no b {
        color: var(--worse);
      }
      .band b {
        color: var(--ink-2);
      }
      td .letter {
        display: inline-grid;
        width: 15px;
        height: 15px;
        margin-right: 4px;
        border-radius: 5px;
        font-size: 10px;
        vertical-align: 1px;
      }
      .why {
        margin-top: 10px;
        padding: 10px 12px;
        border-radius: 10px;
        background: #f4f1ea;
      }
      .why p {
        font-size: 13px;
      }
      .why h3 {
        padding-bottom: 3px;
        font-size: 13px;
        font-weight: 650;
      }
      .why svg {
        width: 100%;
        height: 34px;
        margin: 5px 0 2px;
        overflow: visible;
      }
      .why div {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0 8px;
        padding-top: 6px;
      }
      .exchange {
        margin-top: 14px;
      }
      .exchange th,
      .exchange td {
        padding: 4px 6px 4px 0;
        font-size: 12.5px;
      }
      .exchange td {
        text-align: right;
        white-space: nowrap;
      }
      .exchange thead th:not(:first-child) {
        text-align: right;
      }
      .exchange thead th:first-child {
        width: 40%;
      }
      h3 {
        font-size: 13px;
        font-weight: 650;
      }
      /* Where there is room A stands beside B. */
      @container (min-width: 760px) {
        td button {
          display: flex;
          gap: 26px;
        }
        .sum {
          grid-template-columns: 1fr 1fr;
        }
      }
      .notes {
        padding-top: 12px;
        font-size: 12px;
        color: var(--ink-2);
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const known = this.known;
    if (known.length === 0) return html`<p class="quiet">${e("verdict.none")}</p>`;
    const [, table] = known[0];
    return html`<div class="sum">${known.map(([side, ped]) => this.summary(side, ped, known.length > 1))}</div>
      <table data-verdicts>
        <caption class="sr">${e("verdict.caption")}</caption>
        <thead>
          <tr><th scope="col"><span class="sr">${e("verdict.type")}</span></th>${table.factor_sets.map(({ label, source, date }) => html`<th scope="col" title=${[date, source].filter(Boolean).join(" · ")}>${say(label)}</th>`)}</tr>
        </thead>
        <tbody>
          ${table.boundaries.map(
            (boundary) => html`<tr class="boundary"><th colspan=${table.factor_sets.length + 1} scope="colgroup">${say(boundary.label)}${boundary.help ? html` <span>· ${say(boundary.help)}</span>` : nothing}</th></tr>
              ${table.types.map(
                (type) => html`<tr>
                  <th scope="row" title=${say(type.help)}>${say(type.label)}</th>
                  ${table.factor_sets.map((factors) => this.cell(known, type.key, boundary.key, factors.key))}
                </tr>`,
              )}`,
          )}
        </tbody>
      </table>
      ${this.exchange(known)}
      <div class="notes">
        ${table.uncertainty ? html`<p>${say(table.uncertainty.why)}</p>` : nothing} ${table.notes.map((note) => html`<p>${say(note)}</p>`)}
      </div>`;
  }

  override updated(_changed: PropertyValues): void {
    // The answer stands under a long table: it comes to where one looks.
    if (this.asked !== this.seen) this.renderRoot.querySelector(".why")?.scrollIntoView({ block: "nearest" });
    this.seen = this.asked;
  }

  private get known(): (readonly [Side, PedTable])[] {
    const { energy } = session.state;
    return SIDES.flatMap((side) => {
      const ped = energy?.runs[side]?.facts.ped;
      return ped ? [[side, ped] as const] : [];
    });
  }

  private summary(side: Side, { verdicts }: PedTable, both: boolean): TemplateResult {
    const count = (answer: Answer): number => verdicts.filter(({ positive }) => positive === answer).length;
    const [yes, band] = [count("yes"), count("within the band")];
    return html`<p data-sum=${side}>
      ${both ? html`<span class="letter ${side}">${side.toUpperCase()}</span>` : nothing}<strong>${number(yes)} / ${number(verdicts.length)}</strong>
      <span>${e(yes === 0 ? "verdict.sum.no" : yes === verdicts.length ? "verdict.sum.yes" : "verdict.sum.some")}${band ? ` ${e("verdict.sum.band", { count: number(band) })}` : ""}</span>
    </p>`;
  }

  private find({ verdicts }: PedTable, key: string): Verdict | undefined {
    return verdicts.find(({ type, boundary, factors }) => `${type} ${boundary} ${factors}` === key);
  }

  private cell(known: readonly (readonly [Side, PedTable])[], type: string, boundary: string, factors: string): TemplateResult {
    const key = `${type} ${boundary} ${factors}`;
    const open = this.asked === key;
    const ask = (): void => {
      this.asked = open ? "" : key;
      this.requestUpdate();
    };
    return html`<td>
      <button data-verdict=${key} aria-pressed=${open} @click=${ask}>
        ${known.map(([side, ped]) => {
          const found = this.find(ped, key);
          if (!found) return html`<span>–</span>`;
          return html`<span class=${found.positive === "within the band" ? "band" : found.positive}>
            ${known.length > 1 ? html`<i class="letter ${side}">${side.toUpperCase()}</i>` : nothing}<b>${SIGNS[found.positive]} ${e(WORDS[found.positive])}</b>
            <small>${amount(found.balance, found.unit)}</small><small>± ${amount((found.high - found.low) / 2, found.unit, false)}</small>
          </span>`;
        })}
      </button>
    </td>`;
  }

  /** Why a line says what it says, with its band against nil. */
  private exchange(known: readonly (readonly [Side, PedTable])[]): TemplateResult {
    const asked = known.map(([side, ped]) => [side, this.find(ped, this.asked), ped] as const).filter(([, found]) => found !== undefined);
    const boundary = asked[0]?.[1]?.boundary ?? known[0][1].exchange[0]?.boundary;
    const rows = known.flatMap(([side, ped]) => ped.exchange.filter((one) => one.boundary === boundary).map((one) => [side, one] as const));
    const name = known[0][1].boundaries.find(({ key }) => key === boundary);
    return html`${asked.length ? this.why(asked as [Side, Verdict, PedTable][]) : html`<p class="quiet small">${e("verdict.ask")}</p>`}
      ${rows.length
        ? html`<table class="exchange">
            <caption class="sr">${e("exchange.title")}</caption>
            <thead><tr><th scope="col"><h3>${e("exchange.title")}</h3>${say(name?.label)}</th>${rows.map(([side]) => html`<th scope="col"><span class="letter ${side}">${side.toUpperCase()}</span></th>`)}</tr></thead>
            <tbody>
              ${LINES.map(([words, read]) => html`<tr><th scope="row">${e(words)}</th>${rows.map(([, one]) => html`<td>${read(one)}</td>`)}</tr>`)}
            </tbody>
          </table>`
        : nothing}`;
  }

  private why(asked: readonly [Side, Verdict, PedTable][]): TemplateResult {
    const [, first, ped] = asked[0];
    const names = [ped.types.find(({ key }) => key === first.type), ped.boundaries.find(({ key }) => key === first.boundary), ped.factor_sets.find(({ key }) => key === first.factors)];
    const [low, high] = [Math.min(0, ...asked.map(([, one]) => one.low)), Math.max(0, ...asked.map(([, one]) => one.high))];
    const share = (value: number): number => 4 + ((value - low) / (high - low || 1)) * 392;
    return html`<div class="why" role="status">
      <h3>${names.map((one) => say(one?.label)).join(" · ")}</h3>
      <svg viewBox="0 0 400 34" preserveAspectRatio="none" aria-hidden="true">
        <path d="M0 28H400" stroke="#d5cfc4" vector-effect="non-scaling-stroke" />
        ${asked.map(([side, one], i) => {
          const y = asked.length > 1 ? 4 + i * 12 : 9;
          return svg`<rect x=${share(one.low)} width=${Math.max(1, share(one.high) - share(one.low))} y=${y} height="9" rx="2" fill=${side === "a" ? "#00727a" : "#b84a14"} opacity="0.32" />
            <path d="M${share(one.balance)} ${y - 1}v11" stroke=${side === "a" ? "#00727a" : "#b84a14"} stroke-width="3" vector-effect="non-scaling-stroke" />`;
        })}
        <path d="M${share(0)} 0V32" stroke="#1f2933" stroke-width="1.2" vector-effect="non-scaling-stroke" />
      </svg>
      <p class="quiet small">${e("verdict.axis", { unit: first.unit })}</p>
      ${asked.map(
        ([side, one]) => html`<div><span class="letter ${side}">${side.toUpperCase()}</span><p><strong>${SIGNS[one.positive]} ${e(WORDS[one.positive])}</strong> · ${amount(one.balance, one.unit)} (${amount(one.low, one.unit)} … ${amount(one.high, one.unit)})<br />${say(one.why)}</p></div>`,
      )}
    </div>`;
  }
}

const share = (value: number | null): string => (value === null ? "–" : percent(value));
const LINES: readonly (readonly [EnergyKey, (one: Exchange) => string])[] = [
  ["exchange.consumption", ({ self_consumption }) => share(self_consumption)],
  ["exchange.sufficiency", ({ self_sufficiency }) => share(self_sufficiency)],
  ["exchange.bought", ({ bought_mwh }) => `${figure(bought_mwh.electricity ?? 0)} MWh`],
  ["exchange.given", ({ given_mwh }) => `${figure(given_mwh.electricity ?? 0)} MWh`],
  ["exchange.peak", ({ peak_bought_kw }) => `${figure(peak_bought_kw)} kW`],
  ["exchange.back", ({ peak_given_kw }) => `${figure(peak_given_kw)} kW`],
  ["exchange.cost", ({ cost_eur }) => `${figure(cost_eur)} €`],
  ["exchange.carbon", ({ carbon_dioxide_t }) => `${figure(carbon_dioxide_t)} t`],
];

/** A figure with its sign, which a balance needs, and with the unit that keeps it short. */
function amount(value: number, units: string, sign = true): string {
  const [factor, words] = Math.abs(value) >= 10_000 ? [1e-3, LARGE[units] ?? units] : [1, units];
  const size = figure(Math.abs(value) * factor);
  return `${sign ? (value < 0 ? "−" : "+") : ""}${size} ${words}`;
}

const LARGE: Readonly<Record<string, string>> = { MWh: "GWh", t: "kt" };

customElements.define("bxl-energy-verdict", EnergyVerdict);
