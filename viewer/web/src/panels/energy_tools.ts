/** Changes of energy: one form for each, for all buildings, for those of a filter, or for those clicked on the map. */

import { css, html, nothing, type TemplateResult } from "lit";
import { type Field, fieldsOf, FORMS, type Form, saidBy, type Where, startsOf } from "../core/energy_forms";
import { type Stock, stockOf } from "../core/energy_stock";
import { e, type EnergyKey } from "../core/energy_words";
import { number, percent } from "../core/format";
import { change, freshId } from "../core/history";
import { t } from "../core/i18n";
import { reason } from "../core/problem";
import { type Edit, NARROW_PX, session, view } from "../core/state";
import { type Tool, WORKS } from "../core/works";
import { base, Panel } from "./base";
import { energyIcon } from "./energy_icons";
import { foundWords, whereRows, whereStyles, whereWords } from "./energy_where";
import { stage } from "./stage";
import { toolStyles } from "./tool_styles";

type Scope = "all" | "filter" | "map";

class EnergyTools extends Panel {
  private values: Record<string, number | string> = {};
  private scope: Scope = "all";
  private where: Where = {};
  private stock: Stock | null = null;

  static override styles = [
    base,
    toolStyles,
    whereStyles,
    css`
      h3 {
        padding: 7px 0 3px;
        font-size: 11.5px;
        font-weight: 500;
        color: var(--ink-2);
      }
      form {
        display: grid;
        gap: 8px;
        margin-top: 8px;
        padding: 10px 12px 12px;
        border-radius: 11px;
        background: #fbf1ea;
      }
      .row {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
      }
      output {
        font-weight: 600;
        white-space: nowrap;
      }
      form > label > select,
      form > label > input[type="text"] {
        width: 100%;
        height: 32px;
        padding: 0 6px;
        border: 1px solid var(--line);
        border-radius: 9px;
        background: #fff;
      }
      label span {
        font-size: 12.5px;
      }
      .scope {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        border-radius: 9px;
        overflow: hidden;
        box-shadow: inset 0 0 0 1px var(--line);
        background: #fff;
      }
      .scope button {
        min-height: 32px;
        padding: 4px;
        border-radius: 0;
        font-size: 12px;
        line-height: 1.15;
      }
      .scope [aria-pressed="true"],
      .scope [aria-pressed="true"]:hover {
        background: var(--b);
        color: #fff;
        font-weight: 600;
      }
    `,
  ];

  override render(): TemplateResult {
    const known = new Set(session.state.catalogue?.edits ?? []);
    const { tool } = session.state;
    const form = FORMS.find((one) => one.tool === tool);
    return html`<h3>${e("tools.title")}</h3>
      <div class="tools" role="group" aria-label=${e("tools.title")}>
        ${FORMS.filter((one) => known.has(one.tool)).map(
          (one) => html`<button class="plain" data-tool=${one.tool} aria-pressed=${one.tool === tool} @click=${() => this.take(one)}>${energyIcon(one.tool)}<span>${t(`tool.${one.tool}` satisfies `tool.${Tool}`)}</span></button>`,
        )}
      </div>
      ${form ? this.form(form) : nothing}`;
  }

  private take(form: Form): void {
    const same = session.state.tool === form.tool;
    this.values = startsOf(form);
    const networks = view.state.edits.filter(({ edit }) => edit === "heat_network");
    if ("network" in this.values) this.values.network = networks.at(-1)?.id ?? "";
    session.set({ tool: same ? null : form.tool, draft: [], chosen: [], values: {} });
    if (!same && !this.stock) stockOf().then((stock) => ((this.stock = stock), this.requestUpdate())).catch(() => undefined);
  }

  private put(name: string, value: number | string): void {
    this.values = { ...this.values, [name]: value };
    this.requestUpdate();
  }

  private form(form: Form): TemplateResult {
    const { chosen, draft } = session.state;
    const missing = this.missing(form);
    return html`<form
      data-form=${form.tool}
      @submit=${(event: Event) => {
        event.preventDefault();
        if (!missing) this.finish(form);
      }}
    >
      ${form.buildings ? this.scopes() : nothing} ${fieldsOf(form, this.values).map((field) => this.field(field))}
      ${form.point ? html`<p class="small quiet">${draft.length ? e("form.placed") : e(form.point)}</p>` : nothing}
      <div class="row">
        <span class="small quiet" aria-live="polite">${this.told(form, chosen.length)}</span>
        <button class="primary" type="submit" data-finish ?disabled=${missing !== null} title=${missing ? e(missing) : ""}>${e("form.add")}</button>
      </div>
    </form>`;
  }

  /** What still lacks to a form. */
  private missing(form: Form): EnergyKey | null {
    const { chosen, draft } = session.state;
    if (form.buildings && this.scope === "map" && chosen.length === 0) return "form.pick";
    if (form.point && draft.length === 0) return form.point;
    return form.fields.some(({ kind, name }) => kind === "network" && !this.values[name]) ? "form.first_network" : null;
  }

  private told({ buildings }: Form, chosen: number): string {
    if (!buildings) return "";
    if (this.scope === "map") return chosen ? t("work.buildings", { count: chosen }) : e("form.pick");
    return foundWords(this.stock, this.scope === "filter" ? this.where : {});
  }

  private scopes(): TemplateResult {
    const take = (scope: Scope): void => {
      this.scope = scope;
      if (scope !== "map") session.set({ chosen: [] });
      else if (innerWidth <= NARROW_PX) session.set({ rail: false });
      this.requestUpdate();
    };
    return html`<div class="scope" role="group" aria-label=${e("scope.title")}>
        ${(["all", "filter", "map"] as const).map((one) => html`<button type="button" data-scope=${one} aria-pressed=${one === this.scope} @click=${() => take(one)}>${e(`scope.${one}`)}</button>`)}
      </div>
      ${this.scope === "filter" ? whereRows(this.stock, this.where, (where) => ((this.where = where), this.requestUpdate())) : nothing}`;
  }

  private field(field: Field): TemplateResult {
    const { name, words, kind, options, min, max, step } = field;
    const value = this.values[name] ?? field.start;
    if (kind === "number") {
      return html`<label
        ><span class="row"><span>${e(words)}</span><output>${reading(field, Number(value))}</output></span>
        <input type="range" data-value=${name} min=${min!} max=${max!} step=${step!} .value=${String(value)} aria-valuetext=${reading(field, Number(value))} @input=${(event: Event) => this.put(name, Number((event.target as HTMLInputElement).value))} />
      </label>`;
    }
    if (kind === "text") return html`<label><span>${e(words)}</span><input type="text" maxlength="40" data-value=${name} .value=${String(value)} @change=${(event: Event) => this.put(name, (event.target as HTMLInputElement).value)} /></label>`;
    const offered = kind === "network" ? view.state.edits.filter(({ edit }) => edit === "heat_network").map(({ id }) => [id, `${t("tool.heat_network")} ${id}`] as const) : options!.map(([key, label]) => [key, e(label)] as const);
    return html`<label><span>${e(words)}</span>
      <select data-value=${name} @change=${(event: Event) => this.put(name, (event.target as HTMLSelectElement).value)}>
        ${offered.length ? nothing : html`<option value="">${e("form.first_network")}</option>`} ${offered.map(([key, label]) => html`<option value=${key} ?selected=${key === value}>${label}</option>`)}
      </select>
    </label>`;
  }

  private finish(form: Form): void {
    const { chosen, draft } = session.state;
    const onMap = form.buildings && this.scope === "map";
    const where = form.buildings && !onMap ? (this.scope === "filter" ? this.where : {}) : null;
    const edit: Edit = { edit: form.tool, id: freshId(form.tool), points: draft.slice(-1), buildings: onMap ? chosen : [], values: { said: JSON.stringify(saidBy(form, this.values, where)) } };
    try {
      change([...view.state.edits, edit]);
      session.set({ tool: null, draft: [], chosen: [] });
    } catch (error) {
      session.set({ problem: { what: "problem.start", why: reason(error), remedy: "remedy.close", act: () => session.set({ problem: null }) } });
    }
  }
}

/** A number of a form as it is read. */
function reading({ units = "", factor = 1 }: Field, value: number): string {
  if (units === "%") return percent(value);
  return `${number(value * factor, 2)} ${units}`.trim();
}

/** An edit that a form has made, in a few words. */
function describe({ edit, values, buildings }: Edit): string {
  const form = FORMS.find(({ tool }) => tool === edit);
  const said = JSON.parse(String(values.said ?? "{}")) as Record<string, unknown>;
  const rows = said.rows as unknown[] | undefined;
  if (rows) return t("work.buildings", { count: rows.length });
  const parts: string[] = [];
  if (buildings.length) parts.push(t("work.buildings", { count: buildings.length }));
  else if (form?.buildings) parts.push(whereWords(said.where as Where));
  for (const field of form ? fieldsOf(form, said as Record<string, number | string>) : []) {
    const value = said[field.name];
    const words = field.options?.find(([key]) => key !== "" && key === value)?.[1];
    if (words) parts.push(e(words));
    else if (field.kind === "number" && value !== 0 && (field.name === "share" || edit === "set_points" || edit === "battery" || edit === "geothermal_field")) parts.push(reading(field, Number(value)));
    if (parts.length > 3) break;
  }
  return parts.join(", ");
}

stage.describeForm = (edit) => (WORKS[edit.edit].shape === "form" ? describe(edit) : "");
// The list of changes may have been drawn before these words came.
session.set({ values: { ...session.state.values } });

customElements.define("bxl-energy-tools", EnergyTools);
