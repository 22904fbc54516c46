/** The hours of a district: what it uses and what it makes over a day or a week, of A and B, and the year to drag along. */

import { css, html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { api } from "../core/api";
import { FLOW_COLORS } from "../core/energy_colors";
import type { EnergyHours } from "../core/energy_facts";
import { highest, line, roundUp, stacked } from "../core/energy_shapes";
import { e, type EnergyKey } from "../core/energy_words";
import { day, hour, number } from "../core/format";
import { t } from "../core/i18n";
import { documentShown, momentAt } from "../core/moments";
import { session, type Side, SIDES, view } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";

const HOUR = 3600;
const SPANS = { day: 24, week: 168 } as const;
type Span = keyof typeof SPANS;
type Kind = "electricity" | "heat";
/** Height of the chart, and of the exchange with the grid under it, in its own measure. */
const TALL = 100;
/** From here on powers are read in megawatts, kW. */
const LARGE = 10_000;
const LOW = 30;

interface Layer {
  words: EnergyKey;
  color: string;
  parts: readonly string[];
}

/** What stands on each other, the lowest first. */
const LAYERS: Readonly<Record<Kind, readonly Layer[]>> = {
  electricity: [
    { words: "use.appliances", color: FLOW_COLORS.appliances, parts: ["district_appliances"] },
    { words: "use.pumps", color: FLOW_COLORS.pumps, parts: ["district_heat_pumps", "district_resistance", "district_plant_electricity"] },
    { words: "use.cooling", color: FLOW_COLORS.cooling, parts: ["district_chillers"] },
    { words: "use.vehicles", color: FLOW_COLORS.vehicles, parts: ["district_vehicles"] },
  ],
  heat: [
    { words: "use.heating", color: FLOW_COLORS.heating, parts: ["district_heating"] },
    { words: "use.water", color: FLOW_COLORS.water, parts: ["district_hot_water"] },
  ],
};

class EnergyHoursPanel extends Panel {
  private span: Span = "week";
  private kind: Kind = "electricity";
  private table = false;
  private readonly kept = new Map<string, EnergyHours>();
  private readonly asked = new Set<string>();

  static override styles = [
    base,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 10px;
        padding-bottom: 4px;
      }
      .play {
        width: 34px;
        height: 34px;
        border-radius: 50%;
      }
      .when {
        flex: 1;
        min-width: 118px;
        line-height: 1.15;
      }
      .when strong {
        display: block;
        font-size: 17px;
        font-weight: 640;
      }
      .pick {
        display: inline-flex;
        border-radius: 9px;
        box-shadow: inset 0 0 0 1px var(--line);
        overflow: hidden;
      }
      .pick button {
        min-height: 30px;
        padding: 4px 10px;
        border-radius: 0;
        font-size: 12.5px;
      }
      .pick [aria-pressed="true"] {
        background: var(--iris-wash);
        color: var(--iris);
        font-weight: 620;
      }
      .pair {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: minmax(0, 1fr);
        gap: 14px;
      }
      figure {
        position: relative;
        min-width: 0;
        padding-left: 34px;
      }
      figure .letter {
        position: absolute;
        left: 2px;
        top: 24px;
      }
      figure > svg {
        width: 100%;
        height: 84px;
        overflow: visible;
        cursor: ew-resize;
        touch-action: none;
      }
      figure > svg.grid {
        height: 22px;
        margin-top: 3px;
        cursor: default;
      }
      .tick {
        position: absolute;
        left: 0;
        width: 30px;
        translate: 0 -50%;
        font-size: 11px;
        line-height: 1;
        color: var(--ink-2);
        text-align: right;
        white-space: nowrap;
      }
      .days {
        display: flex;
        height: 14px;
        font-size: 11px;
        line-height: 14px;
        color: var(--ink-2);
      }
      .days span {
        flex: 1;
        min-width: 0;
        text-align: center;
        white-space: nowrap;
      }
      .days span:first-child {
        text-align: left;
      }
      .key {
        display: flex;
        flex-wrap: wrap;
        gap: 1px 12px;
        padding: 2px 0 0 34px;
        font-size: 11.5px;
        color: var(--ink-2);
      }
      .key b {
        color: var(--ink);
        font-weight: 600;
      }
      i {
        display: inline-block;
        width: 10px;
        height: 10px;
        margin-right: 5px;
        border-radius: 3px;
        vertical-align: -0.5px;
      }
      i.thin {
        height: 3px;
        vertical-align: 3px;
      }
      .year {
        position: relative;
        height: 30px;
        margin: 3px 0 0 34px;
      }
      .year svg {
        position: absolute;
        inset: 0 0 8px;
        width: 100%;
        height: 22px;
      }
      .year input {
        position: absolute;
        left: -8px;
        bottom: -5px;
        width: calc(100% + 16px);
      }
      .rows {
        max-height: 150px;
        overflow: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 12px;
      }
      th,
      td {
        padding: 1px 6px;
        text-align: right;
        font-weight: 400;
        border-top: 1px solid var(--line);
      }
      thead th {
        position: sticky;
        top: 0;
        border: 0;
        background: #fdfcf9;
        color: var(--ink-2);
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { energy, playing } = session.state;
    const sides = SIDES.filter((side) => energy?.runs[side]);
    const document = documentShown();
    if (!energy || sides.length === 0 || !document) return html`<p class="quiet small" role="status">${session.state.starting || session.state.a.job ? t("run.starting") : t("loading")}</p>`;
    const now = view.state.time ?? 0;
    const when = momentAt(now, document);
    const { facts } = energy.runs[sides[0]]!;
    const from = this.from(now, facts.hours);
    const found = sides.map((side) => [side, this.ask(energy.runs[side]!.digest, from)] as const);
    const most = roundUp(Math.max(1e-3, ...found.map(([, hours]) => (hours ? this.top(hours) : 0))));
    return html`<div class="head">
        <button class="primary icon play" aria-label=${playing ? t("time.pause") : t("time.play")} title=${playing ? t("time.pause") : t("time.play")} @click=${() => session.set({ playing: !playing })}>
          ${icon(playing ? "pause" : "play", 17)}
        </button>
        <p class="when" aria-live="off"><strong>${hour(when)}</strong><span class="quiet small">${day(when)}</span></p>
        ${this.choice("kind", ["electricity", "heat"] as const, this.kind, (kind) => (this.kind = kind))} ${this.choice("span", ["day", "week"] as const, this.span, (span) => (this.span = span))}
        <button class="plain small" data-table aria-pressed=${this.table} @click=${() => this.put(() => (this.table = !this.table))}>${e(this.table ? "chart" : "table")}</button>
      </div>
      <div class="pair">${found.map(([side, hours]) => this.chart(side, hours, most, now, from, sides.length > 1))}</div>
      ${this.legend(found, now - from * HOUR, most >= LARGE)} ${this.year(facts.daily, energy.runs[sides[sides.length - 1]]!.facts.daily, now, facts.hours)}`;
  }

  override updated(_changed: PropertyValues): void {
    for (const swatch of this.renderRoot.querySelectorAll<HTMLElement>("i[data-color]")) swatch.style.background = swatch.dataset.color!;
    for (const tick of this.renderRoot.querySelectorAll<HTMLElement>(".tick")) tick.style.top = `${Number(tick.dataset.share) * 84}px`;
    const input = this.renderRoot.querySelector<HTMLInputElement>(".year input");
    if (input) input.value = String(Math.floor((view.state.time ?? 0) / HOUR / 24));
  }

  private put(change: () => void): void {
    change();
    this.requestUpdate();
  }

  private choice<T extends string>(name: "kind" | "span", all: readonly T[], chosen: T, set: (one: T) => void): TemplateResult {
    return html`<span class="pick" role="group" aria-label=${e(`hours.${name}`)}>
      ${all.map((one) => html`<button data-pick=${one} aria-pressed=${one === chosen} @click=${() => this.put(() => set(one))}>${e(`hours.${one}` as EnergyKey)}</button>`)}
    </span>`;
  }

  /** The first hour that is shown. */
  private from(now: number, hours: number): number {
    const long = SPANS[this.span];
    return Math.max(0, Math.min(Math.floor(now / HOUR / long) * long, hours - long));
  }

  /** The hours of a run from one on; asked for where they are not here. */
  private ask(digest: string, from: number): EnergyHours | null {
    const key = `${digest} ${from} ${this.span}`;
    const kept = this.kept.get(key);
    if (kept || this.asked.has(key)) return kept ?? null;
    this.asked.add(key);
    api
      .energyHours(digest, from, SPANS[this.span])
      .then((hours) => {
        this.kept.set(key, hours);
        for (const oldest of this.kept.keys()) if (this.kept.size > 60) this.kept.delete(oldest);
        this.requestUpdate();
      })
      .catch(() => undefined)
      .finally(() => this.asked.delete(key));
    return null;
  }

  private rows(hours: EnergyHours): number[][] {
    return LAYERS[this.kind].map(({ parts }) => sum(hours, parts));
  }

  private top(hours: EnergyHours): number {
    return Math.max(highest(this.rows(hours)), ...(this.kind === "electricity" ? sum(hours, ["district_photovoltaic"]) : [0]));
  }

  private chart(side: Side, hours: EnergyHours | null, most: number, now: number, from: number, both: boolean): TemplateResult {
    const long = hours?.hours ?? SPANS[this.span];
    const letter = both ? html`<span class="letter ${side}">${side.toUpperCase()}</span>` : nothing;
    if (!hours) return html`<figure data-side=${side}>${letter}<svg viewBox="0 0 10 10" aria-hidden="true"></svg></figure>`;
    if (this.table) return html`<figure data-side=${side}>${letter}${this.asTable(hours)}</figure>`;
    const at = (now / HOUR - from + 0.5).toFixed(2);
    // Five digits do not fit beside a chart.
    const power = most >= LARGE ? ([1e-3, "MW"] as const) : ([1, "kW"] as const);
    const seek = (event: PointerEvent): void => {
      if (event.buttons !== 1) return;
      const box = (event.currentTarget as SVGElement).getBoundingClientRect();
      const share = Math.min(0.9999, Math.max(0, (event.clientX - box.left) / box.width));
      session.set({ playing: false });
      view.set({ time: (from + Math.floor(share * long)) * HOUR });
    };
    return html`<figure data-side=${side}>
      ${letter}
      <span class="tick" data-share="0">${number(power[0] * most, 2)}</span><span class="tick" data-share="0.97">0 ${power[1]}</span>
      <svg viewBox="0 0 ${long} ${TALL}" preserveAspectRatio="none" role="img" aria-label=${e("hours.label", { side: side.toUpperCase() })} @pointerdown=${seek} @pointermove=${seek}>
        ${[0, 0.5].map((share) => svg`<path d="M0 ${share * TALL}H${long}" stroke="#d5cfc4" stroke-width="1" vector-effect="non-scaling-stroke" />`)}
        ${stacked(this.rows(hours), most, TALL).map((path, i) => svg`<path d=${path} transform="translate(0.5 0)" fill=${LAYERS[this.kind][i].color} />`)}
        ${this.kind === "electricity" ? svg`<path d=${line(sum(hours, ["district_photovoltaic"]), most, TALL)} transform="translate(0.5 0)" fill="none" stroke=${FLOW_COLORS.sun} stroke-width="2.4" stroke-linejoin="round" vector-effect="non-scaling-stroke" />` : nothing}
        <path d="M0 ${TALL}H${long}" stroke="#52606d" stroke-width="1" vector-effect="non-scaling-stroke" />
        <path d="M${at} -4V${TALL + 4}" stroke="#1f2933" stroke-width="1.5" vector-effect="non-scaling-stroke" />
      </svg>
      ${this.kind === "electricity" ? this.grid(hours, most, long) : nothing}
      <div class="days" aria-hidden="true">${this.names(from, long).map((name) => html`<span>${name}</span>`)}</div>
    </figure>`;
  }

  /** What is bought stands over the line, what is given away hangs under it. */
  private grid(hours: EnergyHours, most: number, long: number): TemplateResult {
    const [bought, given] = [sum(hours, ["district_bought"]), sum(hours, ["district_given"])];
    const scale = LOW / 2 / most;
    const bar = (value: number, i: number, up: boolean): string => `M${i} ${LOW / 2}v${(up ? -value : value) * scale}h1v${(up ? value : -value) * scale}z`;
    return html`<svg class="grid" viewBox="0 0 ${long} ${LOW}" preserveAspectRatio="none" aria-hidden="true">
      <path d=${bought.map((value, i) => bar(value, i, true)).join("")} fill=${FLOW_COLORS.grid} />
      <path d=${given.map((value, i) => bar(value, i, false)).join("")} fill=${FLOW_COLORS.given} />
      <path d="M0 ${LOW / 2}H${long}" stroke="#52606d" stroke-width="1" vector-effect="non-scaling-stroke" />
    </svg>`;
  }

  private names(from: number, long: number): string[] {
    const document = documentShown()!;
    if (long <= 24) return [0, 4, 8, 12, 16, 20].map((each) => hour(momentAt((from + each) * HOUR, document)));
    // Where A stands beside B in little room, a number says the day.
    const narrow = this.clientWidth < 520;
    return Array.from({ length: Math.round(long / 24) }, (_, i) => day(momentAt((from + i * 24 + 12) * HOUR, document)).slice(0, i || narrow ? 2 : 5));
  }

  private legend(found: readonly (readonly [Side, EnergyHours | null])[], offset: number, large: boolean): TemplateResult {
    const at = Math.max(0, Math.floor(offset / HOUR));
    const [factor, units] = large ? [1e-3, "MW"] : [1, "kW"];
    const told = (parts: readonly string[]): string => found.map(([, hours]) => (hours ? number((sum(hours, parts)[at] ?? 0) * factor, large ? 2 : 1) : "–")).join(" | ");
    const one = (words: EnergyKey, color: string, parts: readonly string[], thin = false): TemplateResult =>
      html`<span><i class=${thin ? "thin" : ""} data-color=${color}></i>${e(words)} <b>${told(parts)}</b></span>`;
    return html`<p class="key">
      ${LAYERS[this.kind].map(({ words, color, parts }) => one(words, color, parts))}
      ${this.kind === "electricity"
        ? html`${one("made.sun", FLOW_COLORS.sun, ["district_photovoltaic"], true)} ${one("grid.bought", FLOW_COLORS.grid, ["district_bought"])} ${one("grid.given", FLOW_COLORS.given, ["district_given"])}`
        : nothing}
      <span translate="no">${units}</span>
    </p>`;
  }

  /** The year day by day: what A uses in grey, what is made in yellow, by B where there is one; the window that is shown, to drag along. */
  private year({ used }: { used: number[] }, { made }: { made: number[] }, now: number, hours: number): TemplateResult | typeof nothing {
    if (used.length < 2) return nothing;
    const most = Math.max(...used, ...made, 1e-9);
    const from = this.from(now, hours) / 24;
    const days = SPANS[this.span] / 24;
    const slide = (event: Event): void => {
      session.set({ playing: false });
      view.set({ time: Number((event.target as HTMLInputElement).value) * 24 * HOUR + (now % (24 * HOUR)) });
    };
    return html`<div class="year">
      <svg viewBox="0 0 ${used.length} 22" preserveAspectRatio="none" aria-hidden="true">
        ${stacked([used], most, 22).map((path) => svg`<path d=${path} fill="#d9d4c9" />`)}
        <path d=${line(made, most, 22)} fill="none" stroke=${FLOW_COLORS.sun} stroke-width="1.6" vector-effect="non-scaling-stroke" />
        <rect x=${from} width=${days} y="-2" height="26" fill="#0a4f9e" opacity="0.16" />
      </svg>
      <input type="range" min="0" max=${used.length - 1} step="1" data-day aria-label=${e("hours.year")} aria-valuetext=${day(momentAt(now, documentShown()!))} @input=${slide} />
    </div>`;
  }

  private asTable(hours: EnergyHours): TemplateResult {
    const document = documentShown()!;
    const columns: [EnergyKey, number[]][] = LAYERS[this.kind].map(({ words, parts }) => [words, sum(hours, parts)]);
    if (this.kind === "electricity") columns.push(["made.sun", sum(hours, ["district_photovoltaic"])], ["grid.bought", sum(hours, ["district_bought"])], ["grid.given", sum(hours, ["district_given"])]);
    return html`<div class="rows" tabindex="0">
      <table>
        <thead><tr><th scope="col">kW</th>${columns.map(([words]) => html`<th scope="col">${e(words)}</th>`)}</tr></thead>
        <tbody>
          ${Array.from({ length: hours.hours }, (_, i) => {
            const when = momentAt((hours.from + i) * HOUR, document);
            return html`<tr><th scope="row">${day(when).slice(0, 5)} ${hour(when)}</th>${columns.map(([, values]) => html`<td>${number(values[i], 1)}</td>`)}</tr>`;
          })}
        </tbody>
      </table>
    </div>`;
  }
}

/** Series of a district added up, hour by hour; what is not known counts nothing. */
function sum({ series, hours }: EnergyHours, parts: readonly string[]): number[] {
  return Array.from({ length: hours }, (_, i) => parts.reduce((all, key) => all + (series[key]?.[i] ?? 0), 0));
}

customElements.define("bxl-energy-hours", EnergyHoursPanel);
