/** What one can draw into B, in rows by purpose; while one draws, its numbers, its choices, and how to finish. */

import { css, html, nothing, type TemplateResult } from "lit";
import type { Catalogue } from "../core/api";
import { number, percent, unit } from "../core/format";
import { ENERGY, mainOf, VOLUME } from "../core/fields";
import { EVERY_DAY, WHOLE_DAY } from "../core/hours";
import { change } from "../core/history";
import { say, t } from "../core/i18n";
import { baseOf, floods } from "../core/scenario";
import { type Edit, NARROW_PX, session, view } from "../core/state";
import { type Choice, ENERGY_GROUPS, fewest, GROUPS, HEAT_GROUPS, type Knob, marked, startOf, type Tool, TRAFFIC_GROUPS, type Value, WORKS } from "../core/works";
import { base, Panel } from "./base";
import { type Icon, icon } from "./icons";
import { stage } from "./stage";
import { daysRead, hoursRead, modesRead, streetName } from "./street_words";
import { toolStyles } from "./tool_styles";

/** A number of a tool as it is read. */
function reading({ units, factor }: Knob, value: Value): string {
  const shown = Number(value) * factor;
  return units === "%" ? percent(Number(value)) : `${number(shown, 2)} ${unit(units)}`;
}

/** A choice of a tool as it is read. */
function named({ options }: Choice, value: Value): string {
  if (options === "species") return say(session.state.catalogue?.species?.find(({ key }) => key === value)?.label) || String(value);
  if (options === "covers") return say(session.state.catalogue?.covers.find(({ key }) => key === value)?.label) || String(value);
  const found = options.find((one) => one.value === value);
  return found ? t(found.words) : String(value);
}

/** Kinds of tree by their names in the page's language. */
function bySpecies(all: NonNullable<Catalogue["species"]>): string[] {
  return [...all].sort((p, q) => say(p.label).localeCompare(say(q.label))).map(({ key }) => key);
}

/** The numbers and choices of an edit in a few words. */
export function describe(one: Edit): string {
  const { edit, values, buildings } = one;
  if (WORKS[edit].shape === "form") return stage.describeForm?.(one) ?? "";
  const { knobs, choices } = WORKS[edit];
  const words = [...knobs.map((knob) => reading(knob, values[knob.field])), ...choices.map((choice) => named(choice, values[choice.field]))];
  if (buildings.length && WORKS[edit].shape === "buildings") words.push(t("work.buildings", { count: buildings.length }));
  if (WORKS[edit].shape === "quarter") {
    const { closed, changed } = marked({ edit, buildings });
    words.push(t("work.filters", { count: closed.length }));
    if (changed.length) words.push(t("work.both_ways", { count: changed.length }));
  }
  if (WORKS[edit].shape === "streets") {
    const names = new Set(buildings.map((id) => streetName(stage.planner?.streetOf(id) ?? null)));
    words.unshift(names.size > 1 ? t("work.streets", { count: names.size }) : [...names][0]);
    if (values.hours && values.hours !== WHOLE_DAY) words.push(hoursRead(String(values.hours)));
    if (values.days && values.days !== EVERY_DAY) words.push(daysRead(String(values.days)));
    if (values.modes) words.push(modesRead(String(values.modes)));
  }
  return words.join(", ");
}

class Tools extends Panel {
  /** Where the slider of cars is held. */
  private pulled: number | null = null;

  static override styles = [
    base,
    toolStyles,
    css`
      .group {
        padding-top: 7px;
      }
      h3 {
        padding-bottom: 3px;
        font-size: 11.5px;
        font-weight: 500;
        color: var(--ink-2);
      }
      .cars {
        display: block;
        padding-top: 8px;
      }
      .draft {
        margin-top: 8px;
        padding: 10px 12px;
        border-radius: 11px;
        background: #fbf1ea;
      }
      .row {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
      }
      .row + .row,
      label + .row {
        margin-top: 6px;
      }
      select {
        width: 100%;
        height: 32px;
        margin-bottom: 6px;
        border: 1px solid var(--line);
        border-radius: 9px;
        background: #fff;
        padding: 0 6px;
      }
      output {
        font-weight: 600;
      }
    `,
  ];

  override render(): TemplateResult {
    const { tool, catalogue } = session.state;
    const known = new Set(catalogue?.edits ?? []);
    // What helps against the heat stands first where a hot day is looked at.
    const base = baseOf(view.state, session.state.library);
    const driven = mainOf(base.kernels) === VOLUME;
    const first = driven ? TRAFFIC_GROUPS : floods(base) ? GROUPS.map(({ words }) => words).filter((each) => !HEAT_GROUPS.includes(each) && !TRAFFIC_GROUPS.includes(each)) : HEAT_GROUPS;
    // What no run feels is not offered: nobody drives through a flood here, and no tree slows a car.
    const own = mainOf(base.kernels) === ENERGY ? ENERGY_GROUPS : driven ? TRAFFIC_GROUPS : null;
    const felt = GROUPS.filter(({ words }) => (own ? own.includes(words) : !TRAFFIC_GROUPS.includes(words) && !ENERGY_GROUPS.includes(words)));
    const groups = [...felt].sort((p, q) => Number(first.includes(q.words)) - Number(first.includes(p.words)));
    return html`${groups.map(({ words, tools }) => ({ words, tools: tools.filter((each) => known.has(each)) }))
      .filter(({ tools }) => tools.length > 0)
      .map(
        ({ words, tools }) => html`<div class="group" role="group" aria-label=${t(words)}>
          <h3 aria-hidden="true">${t(words)}</h3>
          <div class="tools">
            ${tools.map(
              (each) => html`<button class="plain" data-tool=${each} aria-pressed=${tool === each} @click=${() => this.take(each)}>
                ${icon(each as Icon, 20)}<span>${t(`tool.${each}` satisfies `tool.${Tool}`)}</span>
              </button>`,
            )}
          </div>
        </div>`,
      )}
    ${driven && known.has("travel_demand") ? this.cars() : nothing} ${tool && WORKS[tool].shape !== "form" ? this.draft(tool) : nothing}`;
  }

  override updated(): void {
    // What one sets stands where one sees it, however long the list of tools is.
    if (session.state.tool && session.state.draft.length + session.state.chosen.length === 0) this.renderRoot.querySelector(".draft")?.scrollIntoView({ block: "nearest" });
  }

  /** How many of the trips by car are still made; all of them is no change. */
  private cars(): TemplateResult {
    const [{ min, max, step }] = WORKS.travel_demand.knobs;
    const others = view.state.edits.filter(({ edit }) => edit !== "travel_demand");
    const set = view.state.edits.find(({ edit }) => edit === "travel_demand")?.values.factor;
    const value = this.pulled ?? Number(set ?? max);
    const put = (event: Event): void => {
      const factor = Number((event.target as HTMLInputElement).value);
      this.pulled = null;
      change(factor >= max ? others : [...others, { edit: "travel_demand", id: "cars", points: [], buildings: [], values: { factor } }]);
    };
    const pull = (event: Event): void => {
      this.pulled = Number((event.target as HTMLInputElement).value);
      this.requestUpdate();
    };
    return html`<label class="cars">
      <span class="row"><span>${t("work.cars")}</span><output>${percent(value)}</output></span>
      <input type="range" data-cars min=${min} max=${max} step=${step} .value=${String(value)} aria-valuetext=${percent(value)} @input=${pull} @change=${put} />
    </label>`;
  }

  private take(tool: Tool): void {
    const same = session.state.tool === tool;
    session.set({ tool: same ? null : tool, draft: [], chosen: [], values: startOf(tool) });
    // On a phone the panel makes room for the map.
    if (!same && innerWidth <= NARROW_PX) session.set({ rail: false });
    // A drawing that belongs to B is drawn on B, with the map listening to the keys.
    if (!same) document.querySelector("bxl-planner")?.shadowRoot?.querySelector("canvas")?.focus({ preventScroll: true });
  }

  private draft(tool: Tool): TemplateResult {
    const { draft, chosen } = session.state;
    const { knobs, choices, shape } = WORKS[tool];
    const placed = draft.length + chosen.length;
    const ready = placed >= fewest(tool);
    const once = shape === "point" || shape === "tree" || shape === "move";
    const hint =
      shape === "streets"
        ? t(placed > 1 ? "work.streets" : placed ? "work.street" : tool === "school_street" ? "tool.school" : "tool.streets", { count: placed })
        : shape === "buildings"
        ? placed
          ? t("work.buildings", { count: placed })
          : t("tool.building")
        : once
          ? t(shape === "point" ? "tool.point" : chosen.length ? "tool.place" : "tool.tree_pick")
          : t(draft.length === 0 ? "tool.first" : ready ? "tool.ready" : "tool.more");
    return html`<div class="draft">
      ${choices.map((choice) => this.choice(choice))} ${shape === "streets" ? nothing : knobs.map((knob) => this.knob(knob))}
      <div class="row">
        <span class="small quiet" aria-live="polite">${hint}</span>
        ${once
          ? html`<button class="plain" data-finish @click=${() => session.set({ tool: null, draft: [], chosen: [] })}>${t("tool.finish")}</button>`
          : html`<button class="primary" data-finish ?disabled=${!ready} @click=${() => stage.planner?.finish()}>${t("tool.finish")}</button>`}
      </div>
    </div>`;
  }

  private set(field: string, value: Value): void {
    // A kind of tree brings its usual size along.
    const kind = field === "species" ? session.state.catalogue?.species?.find(({ key }) => key === value) : undefined;
    const size: Record<string, Value> = kind ? { height_m: kind.height, crown_diameter_m: kind.crown_diameter } : {};
    session.set({ values: { ...session.state.values, ...size, [field]: value } });
  }

  private knob(knob: Knob): TemplateResult {
    const { field, words, min, max, step } = knob;
    const value = session.state.values[field] ?? knob.start;
    return html`<label>
      <span class="row"><span>${t(words)}</span><output>${reading(knob, value)}</output></span>
      <input type="range" data-value=${field} min=${min} max=${max} step=${step} .value=${String(value)} aria-valuetext=${reading(knob, value)} @input=${(event: Event) => this.set(field, Number((event.target as HTMLInputElement).value))} />
    </label>`;
  }

  private choice(choice: Choice): TemplateResult {
    const { field, words, options } = choice;
    const value = session.state.values[field] ?? choice.start;
    const { catalogue } = session.state;
    const offered =
      options === "covers" ? (catalogue?.covers ?? []).map(({ key }) => key) : options === "species" ? bySpecies(catalogue?.species ?? []) : options.map((one) => one.value);
    if (offered.length === 0) return html`${nothing}`;
    return html`<select aria-label=${t(words)} data-value=${field} @change=${(event: Event) => this.set(field, (event.target as HTMLSelectElement).value)}>
      ${offered.map((each) => html`<option value=${each} ?selected=${each === value}>${named(choice, each)}</option>`)}
    </select>`;
  }
}

customElements.define("bxl-tools", Tools);
