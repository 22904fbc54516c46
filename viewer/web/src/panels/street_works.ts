/** What is done to the streets in the hand: which they are, who is kept out, and when; then into B with it. */

import { css, html, nothing, type TemplateResult } from "lit";
import { number } from "../core/format";
import { type Key, t } from "../core/i18n";
import { session } from "../core/state";
import { KEPT_OUT, textsOf, type Tool, WORKS } from "../core/works";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { stage } from "./stage";
import { streetName } from "./street_words";
import "./clock";

class StreetWorks extends Panel {
  static override styles = [
    base,
    css`
      .streets {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        padding-bottom: 8px;
      }
      .streets button {
        display: flex;
        align-items: center;
        gap: 4px;
        min-height: 30px;
        padding: 3px 4px 3px 9px;
        background: #fbf1ea;
        font-size: 13px;
        text-align: left;
      }
      fieldset {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0 10px;
        margin: 0;
        padding: 0 0 8px;
        border: 0;
      }
      legend {
        padding: 0 0 2px;
        font-size: 12.5px;
        color: var(--ink-2);
      }
      label {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 30px;
        line-height: 1.2;
        cursor: pointer;
      }
      label.speed {
        display: block;
        padding-bottom: 6px;
      }
      label.speed span {
        display: flex;
        justify-content: space-between;
      }
      input[type="checkbox"] {
        accent-color: var(--b);
        width: 17px;
        height: 17px;
        margin: 0;
        flex: none;
      }
      .note {
        padding-bottom: 8px;
      }
      .deeds {
        display: flex;
        gap: 8px;
      }
      .deeds .primary {
        flex: 1;
        min-height: 40px;
        background: var(--b);
      }
      .deeds .primary:disabled {
        background: var(--stone);
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { tool, chosen, values } = session.state;
    if (!tool || WORKS[tool].shape !== "streets") return nothing;
    const texts = textsOf(tool).map(({ field }) => field);
    return html`${chosen.length
        ? html`<div class="streets">${this.named(chosen).map(({ name, ids }) => html`<button aria-label=${t("street.drop", { name })} title=${t("street.drop", { name })} @click=${() => this.drop(ids)}>${name}${icon("close", 14)}</button>`)}</div>`
        : html`<p class="quiet small">${t(tool === "school_street" ? "tool.school" : "tool.streets")}</p>`}
      ${tool === "school_street" ? html`<p class="quiet small note">${t("work.school_hours")}</p>` : nothing}
      ${texts.includes("modes") ? this.who(String(values.modes)) : nothing} ${WORKS[tool].knobs.map(({ field, words, min, max, step }) => html`<label class="speed">
        <span>${t(words)}<strong>${number(Number(values[field]))} km/h</strong></span>
        <input type="range" data-value=${field} min=${min} max=${max} step=${step} .value=${String(values[field])} @input=${(event: Event) => session.set({ values: { ...session.state.values, [field]: Number((event.target as HTMLInputElement).value) } })} />
      </label>`)}
      ${texts.includes("hours") ? html`<bxl-clock></bxl-clock>` : nothing}
      <div class="deeds">
        <button class="primary" data-apply ?disabled=${chosen.length === 0} @click=${() => stage.planner?.finish()}>${t(`do.${tool}` as Key)}</button>
        <button class="plain" @click=${() => session.set({ tool: null, chosen: [], draft: [] })}>${t("do.leave")}</button>
      </div>`;
  }

  /** Pieces of one street under its one name. */
  private named(chosen: readonly string[]): { name: string; ids: string[] }[] {
    const found = new Map<string, string[]>();
    for (const id of chosen) {
      const name = streetName(stage.planner?.streetOf(id) ?? null);
      found.set(name, [...(found.get(name) ?? []), id]);
    }
    return [...found].map(([name, ids]) => ({ name, ids }));
  }

  private drop(ids: readonly string[]): void {
    session.set({ chosen: session.state.chosen.filter((id) => !ids.includes(id)) });
  }

  private who(modes: string): TemplateResult {
    const kept = new Set(modes.split("+"));
    const has = (each: string): boolean => each.split("+").every((one) => kept.has(one));
    const toggle = (each: string): void => {
      const next = KEPT_OUT.filter((one) => (one === each ? !has(one) : has(one))).join("+");
      // Nobody kept out is no closure: the last one stays.
      if (next) session.set({ values: { ...session.state.values, modes: next } });
      else this.requestUpdate();
    };
    return html`<fieldset>
      <legend>${t("street.kept_out")}</legend>
      ${KEPT_OUT.map((each) => html`<label><input type="checkbox" data-mode=${each} .checked=${has(each)} @change=${() => toggle(each)} />${t(`mode.${each}` as Key)}</label>`)}
    </fieldset>`;
  }
}

export type StreetTool = Extract<Tool, "close_street" | "speed_limit" | "bike_lane" | "school_street">;

customElements.define("bxl-street-works", StreetWorks);
