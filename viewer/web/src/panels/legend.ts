/** What the colours mean: the field that is shown and may be changed here, its numbers or classes, source and age. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { moment, number, unit } from "../core/format";
import { TRACE_DEPTH } from "../core/field";
import { colorOf, DEPTH, differenceLook, FIELD_GROUPS, type FieldName, FIELDS, isFitted, isHeat, isTraffic, isWhole, type Look, lookOf, mainOf, MAX_DEPTH, read, shareOf, valueAt } from "../core/fields";
import { type Key, say, t } from "../core/i18n";
import { isEnergy } from "../core/moments";
import { HATCH_DEPTH } from "../core/palette";
import { session, SIDES, view } from "../core/state";
import { base, Panel } from "./base";

class Legend extends Panel {
  static override styles = [
    base,
    css`
      section {
        width: 268px;
        padding: 8px 16px 11px;
      }
      select,
      h2 {
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
      h2 {
        line-height: 32px;
        cursor: default;
      }
      select:hover {
        background: rgb(31 41 51 / 0.06);
      }
      .ramp {
        margin: 4px 0 3px;
      }
      canvas {
        display: block;
        width: 100%;
        height: 12px;
        border-radius: 4px;
      }
      .ticks {
        position: relative;
        height: 18px;
        font-size: 12px;
        color: var(--ink-2);
      }
      .ticks span {
        position: absolute;
        translate: -50% 0;
        white-space: nowrap;
      }
      .ticks span.start {
        translate: 0 0;
      }
      .ticks span.end {
        translate: -100% 0;
      }
      .note {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 2px 0 6px;
        font-size: 12.5px;
        line-height: 1.3;
      }
      i {
        flex: none;
        width: 22px;
        height: 12px;
        border-radius: 4px;
      }
      .wide {
        justify-content: space-between;
        padding-bottom: 2px;
      }
      .wide span {
        display: inline-flex;
        align-items: center;
        gap: 5px;
      }
      i[data-thick] {
        background: #47516c;
        border-radius: 1px;
        width: 16px;
      }
      i.long {
        width: 36px;
      }
      .hatch {
        background: repeating-linear-gradient(-45deg, #9dbcf2 0 2px, #3272dd 2px 6px);
      }
      .classes {
        padding: 4px 0 5px;
        font-size: 12.5px;
      }
      .classes li {
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        gap: 9px;
        min-height: 22px;
        line-height: 1.25;
      }
      .source {
        font-size: 11.5px;
        color: var(--ink-2);
        line-height: 1.35;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { hidden, places } = view.state;
    if (isEnergy() || session.state.reach || hidden.includes("water") || (places && places !== "streets")) return nothing;
    const { look } = this;
    const units = look.shown.units === "1" ? "" : look.shown.units === "veh/h" ? t("unit.veh_h") : unit(look.shown.units);
    return html`<section class="card" aria-label=${t("legend.label")}>
      ${this.chooser(units)}
      ${look.classes ? this.classes(look) : look.grades ? this.grades(look) : this.ramp(look)} ${this.note(look)}
      <p class="source">${look.classes ? html`${t("legend.hazard")}<br />` : nothing}${this.source(look)}</p>
    </section>`;
  }

  /** How wide a ribbon is, by example. */
  private volume(look: Look): TemplateResult {
    if (look.difference) return html`<p class="note quiet">${t("legend.more_less")}</p>`;
    return html`<p class="note quiet wide">${t("legend.width")}
      ${[200, 600, 1200].map((flow) => html`<span><i data-thick=${flow} aria-hidden="true"></i>${number(flow)}</span>`)}</p>`;
  }

  private note(look: Look): TemplateResult | typeof nothing {
    if (isTraffic(look.name)) return this.volume(look);
    if (look.water) return html`<p class="note"><i class="hatch" aria-hidden="true"></i>${t("legend.hatch", { depth: number(HATCH_DEPTH * 100) })}</p>`;
    const words: Key | null = look.difference
      ? "legend.difference"
      : isHeat(look.name)
        ? isFitted(look.name) ? (isWhole(look.name) ? "legend.fitted.run" : "legend.fitted") : null
        : isWhole(look.name) ? "legend.trace" : "legend.wet";
    return words ? html`<p class="note quiet">${t(words, { depth: number(TRACE_DEPTH * 100) })}</p>` : nothing;
  }

  override updated(_changed: PropertyValues): void {
    const { look } = this;
    const pen = this.renderRoot.querySelector("canvas")?.getContext("2d");
    for (let i = 0; pen && i < 200; i++) {
      pen.fillStyle = `rgb(${colorOf(look, valueAt(look, i / 199)).join(" ")})`;
      pen.fillRect(i, 0, 1, 1);
    }
    for (const tick of this.renderRoot.querySelectorAll<HTMLElement>(".ticks span")) tick.style.left = `${Number(tick.dataset.share) * 100}%`;
    for (const swatch of this.renderRoot.querySelectorAll<HTMLElement>("[data-thick]")) swatch.style.height = `${1 + Number(swatch.dataset.thick) / 120}px`;
    for (const swatch of this.renderRoot.querySelectorAll<HTMLElement>(".classes i")) swatch.style.background = swatch.dataset.color!;
  }

  /** The field that the map shows: the chosen one where a result has it, else the one a run is first shown by. */
  private get look(): Look {
    const { a, b, catalogue, span } = session.state;
    const main = mainOf((a.document ?? b.document)?.kernels ?? []);
    const chosen = this.offered.includes(view.state.field) ? view.state.field : main;
    if (view.state.difference && a.result && b.result) {
      const field = chosen === DEPTH && a.result.fields.includes(MAX_DEPTH) ? MAX_DEPTH : chosen;
      return differenceLook(field, catalogue, span?.difference && span.field === field ? span.high : 1);
    }
    const fitted = span?.field === chosen && !span.difference ? ([span.low, span.high] as const) : null;
    return lookOf(chosen, catalogue, Math.max(a.result?.times.at(-1) ?? 0, b.result?.times.at(-1) ?? 0), fitted);
  }

  private get offered(): FieldName[] {
    const known = new Set(SIDES.flatMap((side) => session.state[side].result?.fields ?? []));
    const main = mainOf((session.state.a.document ?? session.state.b.document)?.kernels ?? []);
    return FIELDS.filter((field) => field === main || known.has(field));
  }

  private chooser(units: string): TemplateResult {
    const { catalogue } = session.state;
    // Heat has short names of its own: those of the catalogue are sentences.
    const name = (field: FieldName): string => (isHeat(field) || isTraffic(field) ? t(`field.${field}` as Key) : say(catalogue?.quantities[field]?.label) || t("layer.water"));
    const { offered, look } = this;
    const tail = units ? ` (${units})` : "";
    const option = (field: FieldName): TemplateResult => html`<option value=${field} ?selected=${field === look.name}>${name(field)}${field === look.name ? tail : ""}</option>`;
    const groups = FIELD_GROUPS.map(({ words, fields }) => ({ words, fields: fields.filter((field) => offered.includes(field)) })).filter(({ fields }) => fields.length > 0);
    if (offered.length < 2) return html`<h2>${name(look.name)}${tail}</h2>`;
    return html`<select
      data-field
      aria-label=${t("legend.field")}
      .value=${look.name}
      @change=${(event: Event) => view.set({ field: (event.target as HTMLSelectElement).value as Look["name"] })}
    >
      ${groups.length > 1 ? groups.map(({ words, fields }) => html`<optgroup label=${t(words)}>${fields.map(option)}</optgroup>`) : offered.map(option)}
    </select>`;
  }

  private ramp(look: Look): TemplateResult {
    const share = (value: number): number => shareOf(look, value);
    const edge = (at: number): string => (at < 0.04 ? "start" : at > 0.96 ? "end" : "");
    return html`<div class="ramp"><canvas width="200" height="1" aria-hidden="true"></canvas></div>
      <div class="ticks">${look.ticks.map((value) => html`<span class=${edge(share(value))} data-share=${share(value)}>${look.difference && value > 0 ? "+" : ""}${number(read(look.shown, value), 2)}</span>`)}</div>`;
  }

  /** Words for the parts of the ramp, each with its piece of it; from the hottest down, as one reads a thermometer. */
  private grades(look: Look): TemplateResult {
    const all = look.grades!;
    const from = (i: number): string => number(read(look.shown, all[i].from));
    const span = (i: number): string => (i === 0 ? `< ${from(1)}` : i === all.length - 1 ? `> ${from(i)}` : `${from(i)} – ${from(i + 1)}`);
    const color = (share: number): string => `rgb(${colorOf(look, valueAt(look, share)).join(" ")})`;
    return html`<ul class="classes">
      ${all.map((_, k) => {
        const i = all.length - 1 - k;
        const piece = `linear-gradient(90deg, ${color((i + 0.01) / all.length)}, ${color((i + 0.99) / all.length)})`;
        return html`<li><i class="long" data-color=${piece} aria-hidden="true"></i>${t(all[i].words)}<span class="quiet">${span(i)}</span></li>`;
      })}
    </ul>`;
  }

  private classes({ classes }: Look): TemplateResult {
    const all = classes!;
    const span = (i: number): string =>
      i === 0 ? `< ${number(all[1].from, 2)}` : i === all.length - 1 ? `≥ ${number(all[i].from, 2)}` : `${number(all[i].from, 2)} – ${number(all[i + 1].from, 2)}`;
    return html`<ul class="classes">
      ${all.map(({ color, words }, i) => html`<li><i data-color=${color} aria-hidden="true"></i>${t(words)}<span class="quiet">${span(i)}</span></li>`)}
    </ul>`;
  }

  private source({ name }: Look): string {
    const side = SIDES.find((each) => session.state[each].job || session.state[each].result);
    const run = side && session.state[side];
    const cell = run?.document?.cell_size_m;
    const ended = run?.job?.ended;
    const age = ended ? moment(new Date(ended * 1000)) : run?.result ? t("legend.stored") : t("legend.now");
    return t(isHeat(name) ? "legend.source.heat" : isTraffic(name) ? "legend.source.traffic" : "legend.source", { cell: cell ? number(cell, 1) : "?", age });
  }
}

customElements.define("bxl-legend", Legend);
