/** Scenario A with its storm, scenario B with its edits, and the one button that runs both. */

import { css, html, nothing, type TemplateResult } from "lit";
import type { ScenarioDocument } from "../core/api";
import { ENERGY, mainOf, VOLUME } from "../core/fields";
import { day, hour, moment, percent } from "../core/format";
import { change, redo, undo } from "../core/history";
import { say, t } from "../core/i18n";
import { baseOf, floods } from "../core/scenario";
import { type Edit, session, type Side, SIDES, view } from "../core/state";
import { type Tool, WORKS } from "../core/works";
import { base, Panel } from "./base";
import { type Icon, icon } from "./icons";
import { stage } from "./stage";
import "./storm";
import { editWords } from "./street_words";
import { describe } from "./tools";

class Scenarios extends Panel {
  static override styles = [
    base,
    css`
      section {
        padding: 12px 18px 14px;
        border-top: 1px solid var(--line);
      }
      .head {
        display: flex;
        align-items: center;
        gap: 9px;
        min-height: 34px;
      }
      .head h2 {
        flex: 1;
        min-width: 0;
      }
      select {
        flex: 1;
        min-width: 0;
        height: 32px;
        padding: 0 6px;
        border: 1px solid var(--line);
        border-radius: 9px;
        background: #fff;
        font-weight: 600;
      }
      .edits li {
        display: flex;
        align-items: center;
        gap: 9px;
        min-height: 36px;
        border-bottom: 1px solid var(--line);
      }
      .edits li span {
        flex: 1;
        min-width: 0;
      }
      .edits li > svg {
        flex: none;
        color: var(--b);
      }
      .day {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 8px 0 4px;
        font-weight: 600;
      }
      .empty {
        padding: 2px 0 8px;
      }
      .run {
        display: grid;
        gap: 8px;
        padding-top: 12px;
        padding-bottom: 14px;
        /* However long the list of changes grows, the one button that starts stays in sight. */
        position: sticky;
        bottom: 0;
        z-index: 1;
        background: #fdfcf9;
      }
      .run > button {
        width: 100%;
        min-height: 42px;
        font-size: 15px;
      }
      .progress {
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        gap: 9px;
      }
      progress {
        appearance: none;
        width: 100%;
        height: 6px;
        border: 0;
        border-radius: 3px;
        overflow: hidden;
        background: var(--stone);
      }
      progress::-webkit-progress-bar {
        background: var(--stone);
      }
      progress::-webkit-progress-value {
        background: var(--a);
        transition: width var(--ease);
      }
      .b progress::-webkit-progress-value {
        background: var(--b);
      }
      progress::-moz-progress-bar {
        background: var(--a);
      }
    `,
  ];

  override render(): TemplateResult {
    const { library, canUndo, canRedo, city } = session.state;
    const { edits, scenario } = view.state;
    const groups = [
      { words: "scenario.rain" as const, ready: library.filter((one) => floods(one.scenario)) },
      { words: "scenario.heat" as const, ready: library.filter((one) => !floods(one.scenario) && mainOf(one.scenario.kernels) !== ENERGY) },
      { words: "fields.energy" as const, ready: library.filter((one) => mainOf(one.scenario.kernels) === ENERGY) },
    ].filter(({ ready }) => ready.length > 0);
    const document = baseOf(view.state, library);
    return html`<section aria-label=${t("scenario.a")}>
        <div class="head">
          <span class="letter a" aria-hidden="true">A</span>
          ${library.length > 1
            ? html`<select aria-label=${t("scenario.a")} @change=${(event: Event) => view.set({ scenario: (event.target as HTMLSelectElement).value, storm: null })}>
                ${groups.map(
                  ({ words, ready }) => html`<optgroup label=${t(words)}>
                    ${ready.map(({ key, name }) => html`<option value=${key} ?selected=${key === scenario}>${say(name)}</option>`)}
                  </optgroup>`,
                )}
              </select>`
            : html`<h2>${say(document.name)}</h2>`}
        </div>
        ${floods(document) ? html`<bxl-storm></bxl-storm>` : this.weather(document)}
      </section>
      <section aria-label=${t("scenario.b")}>
        <div class="head">
          <span class="letter b" aria-hidden="true">B</span>
          <h2>${t("scenario.b")}</h2>
          <button class="icon" ?disabled=${!canUndo} title=${t("undo")} aria-label=${t("undo")} @click=${undo}>${icon("undo")}</button>
          <button class="icon" ?disabled=${!canRedo} title=${t("redo")} aria-label=${t("redo")} @click=${redo}>${icon("redo")}</button>
        </div>
        ${edits.length ? html`<ul class="edits">${edits.map((edit) => this.edit(edit))}</ul>` : html`<p class="empty quiet small">${t("scenario.b.empty")}</p>`}
        ${mainOf(document.kernels) === ENERGY ? html`<bxl-energy-tools></bxl-energy-tools>` : nothing}
        <bxl-tools></bxl-tools>
      </section>
      <section class="run">
        ${city ? this.run() : nothing}
      </section>`;
  }

  /** The day of a run of heat in one line, and in the words of the scenario. */
  private weather({ period, description, kernels }: ScenarioDocument): TemplateResult {
    const from = new Date(period.start);
    const to = new Date(from.getTime() + period.duration_s * 1000);
    return html`<p class="small day">${icon(mainOf(kernels) === VOLUME ? "street" : mainOf(kernels) === ENERGY ? "energy" : "sun", 18)}${t("weather.span", { from: moment(from), to: day(from) === day(to) ? hour(to) : moment(to) })}</p>
      ${description ? html`<p class="quiet small">${say(description)}</p>` : nothing} ${this.standing()}`;
  }

  /** What the ready scenario already does to streets; the map marks where. */
  private standing(): TemplateResult | typeof nothing {
    const counts = new Map<string, number>();
    for (const { edit } of session.state.ready) counts.set(edit, (counts.get(edit) ?? 0) + 1);
    if (counts.size === 0) return nothing;
    return html`<p class="small" data-standing>${t("scenario.ready", { what: [...counts].map(([edit, count]) => (count > 1 ? `${editWords(edit)} × ${count}` : editWords(edit))).join(", ") })}</p>`;
  }

  private run(): TemplateResult {
    const busy = SIDES.filter((side) => ["queued", "running"].includes(session.state[side].job?.state ?? ""));
    if (session.state.starting && busy.length === 0) return html`<p class="quiet" role="status">${t("run.starting")}</p>`;
    if (busy.length === 0) {
      const both = view.state.edits.length > 0;
      return html`<button class="primary" data-run @click=${() => stage.planner?.start()}>${both ? t("run.both") : t("run.a")}</button>`;
    }
    return html`${busy.map((side) => this.progress(side))}
      <button class="plain" data-cancel @click=${() => stage.planner?.cancel()}>${t("run.cancel")}</button>`;
  }

  private progress(side: Side): TemplateResult {
    const job = session.state[side].job!;
    const words = job.state === "queued" ? t("run.queued") : percent(job.progress);
    return html`<div class="progress ${side}">
      <span class="letter ${side}">${side.toUpperCase()}</span>
      <progress max="1" .value=${job.progress} aria-label=${t("run.progress", { side: side.toUpperCase() })}></progress>
      <span class="small">${words}</span>
    </div>`;
  }

  private edit(edit: Edit): TemplateResult {
    const detail = describe(edit);
    const name = t(`tool.${edit.edit}` satisfies `tool.${Tool}`);
    return html`<li data-edit=${edit.id}>
      ${icon(WORKS[edit.edit].shape === "form" || edit.edit === "exemplary_building" ? "energy" : (edit.edit as Icon))}<span>${name} ${detail ? html`<span class="quiet">· ${detail}</span>` : nothing}</span>
      <button class="icon" aria-label=${t("edit.delete", { name })} title=${t("edit.delete", { name })} @click=${() => change(view.state.edits.filter(({ id }) => id !== edit.id))}>
        ${icon("trash")}
      </button>
    </li>`;
  }
}

customElements.define("bxl-scenarios", Scenarios);
