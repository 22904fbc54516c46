/** What the city knows of its buildings, as a table one can fill in, for all that a filter finds, or from a file. */

import { css, html, nothing, type TemplateResult } from "lit";
import type { Where } from "../core/energy_forms";
import { type FactsRead, type FactWords, matching, readFacts, type Stock, stockOf } from "../core/energy_stock";
import { e } from "../core/energy_words";
import { number } from "../core/format";
import { change, freshId } from "../core/history";
import { say, t } from "../core/i18n";
import { reason } from "../core/problem";
import { session, view } from "../core/state";
import { base, Panel } from "./base";
import { foundWords, useName, whereRows, whereStyles } from "./energy_where";

/** Rows of the table; who wants more narrows the filter, or takes the file. */
const MOST = 60;

type Values = Record<string, number | string>;

class EnergyFactsPanel extends Panel {
  private stock: Stock | null = null;
  private where: Where = {};
  private name = "";
  private column = "year";
  private said = new Map<string, Values>();
  private words = "";

  static override styles = [
    base,
    whereStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 10px;
      }
      .name {
        display: flex;
        gap: 8px;
      }
      input[type="search"],
      .all input,
      .all select {
        flex: 1 1 120px;
        min-width: 0;
        height: 32px;
        padding: 0 8px;
        border: 1px solid var(--line);
        border-radius: 9px;
        background: #fff;
      }
      .all {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
        padding: 8px 10px;
        border-radius: 10px;
        background: #f6f3ec;
      }
      .rows {
        overflow: auto;
        max-height: 380px;
        border: 1px solid var(--line);
        border-radius: 9px;
      }
      table {
        border-collapse: collapse;
        font-size: 12.5px;
      }
      th,
      td {
        padding: 0;
        border-bottom: 1px solid var(--line);
        font-weight: 400;
        text-align: left;
        white-space: nowrap;
      }
      thead th {
        position: sticky;
        top: 0;
        z-index: 1;
        min-width: 112px;
        max-width: 150px;
        padding: 6px 8px;
        background: #f4f1ea;
        font-size: 11.5px;
        line-height: 1.2;
        white-space: normal;
        vertical-align: bottom;
      }
      tbody th,
      thead th:first-child {
        position: sticky;
        left: 0;
        padding: 0 8px;
        background: #fdfcf9;
      }
      thead th:first-child {
        z-index: 2;
        background: #f4f1ea;
      }
      td input,
      td select {
        width: 100%;
        min-width: 84px;
        height: 28px;
        padding: 0 8px;
        border: 0;
        background: none;
        font-size: 12.5px;
      }
      td.said {
        background: #fbf1ea;
        box-shadow: inset 2px 0 0 var(--b);
      }
      td :invalid {
        color: var(--worse);
      }
      .deeds {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
      label.file {
        padding: 7px 12px;
        border-radius: 9px;
        box-shadow: inset 0 0 0 1px var(--line);
        background: #fff;
        cursor: pointer;
      }
      label.file:focus-within {
        outline: 2.5px solid var(--iris);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const [chosen] = session.state.chosen;
    if (chosen && !session.state.tool) {
      this.name = chosen;
      session.set({ chosen: [] });
    }
    stockOf().then(
      (stock) => ((this.stock = stock), this.requestUpdate()),
      (error: unknown) => ((this.words = reason(error)), this.requestUpdate()),
    );
  }

  override render(): TemplateResult {
    const { stock } = this;
    if (!stock) return html`<p class="quiet" role="status">${this.words || t("loading")}</p>`;
    const rows = this.found(stock);
    const count = [...this.said.values()].reduce((sum, values) => sum + Object.keys(values).length, 0);
    const fact = stock.facts.find(({ key }) => key === this.column);
    return html`<p class="quiet small">${e("facts.why")}</p>
      <div class="name"><input type="search" data-name placeholder=${e("facts.name")} aria-label=${e("facts.name")} .value=${this.name} @input=${(event: Event) => this.put(() => (this.name = (event.target as HTMLInputElement).value))} /></div>
      <details ?open=${Object.keys(this.where).length > 0}>
        <summary>${e("facts.filter")} · ${foundWords(stock, this.where)}</summary>
        ${whereRows(stock, this.where, (where) => this.put(() => (this.where = where)))}
      </details>
      <form class="all" @submit=${(event: SubmitEvent) => this.fill(event, stock, rows, fact)}>
        <span>${e("facts.fill", { count: number(rows.length) })}</span>
        <select aria-label=${e("facts.column")} @change=${(event: Event) => this.put(() => (this.column = (event.target as HTMLSelectElement).value))}>
          ${stock.facts.map(({ key, label }) => html`<option value=${key} ?selected=${key === this.column}>${say(label)}</option>`)}
        </select>
        ${fact ? this.input(fact, "", "value") : nothing}
        <button class="plain" type="submit" ?disabled=${rows.length === 0}>${e("facts.put")}</button>
      </form>
      <div class="rows" tabindex="0">
        <table data-facts>
          <caption class="sr">${e("facts.caption")}</caption>
          <thead><tr><th scope="col">${e("facts.building")}</th>${stock.facts.map(({ label, units }) => html`<th scope="col">${say(label)}${units && units !== "1" ? ` (${unitWords(units)})` : ""}</th>`)}</tr></thead>
          <tbody>${rows.slice(0, MOST).map((row) => this.row(stock, row))}</tbody>
        </table>
      </div>
      ${rows.length > MOST || stock.left_out ? html`<p class="quiet small">${e("facts.more", { shown: number(Math.min(MOST, rows.length)), all: number(rows.length + stock.left_out) })}</p>` : nothing}
      ${this.words ? html`<p class="small" role="status">${this.words}</p>` : nothing}
      <div class="deeds">
        <button class="primary" data-apply ?disabled=${count === 0} @click=${() => this.apply()}>${e("facts.apply", { count: number(count) })}</button>
        <a href="/api/city/energy/facts.csv" download>${e("facts.download")}</a>
        <label class="file">${e("facts.upload")}<input class="sr" type="file" accept=".csv,text/csv" data-file @change=${(event: Event) => void this.read(event.target as HTMLInputElement)} /></label>
      </div>`;
  }

  private put(act: () => void): void {
    act();
    this.requestUpdate();
  }

  private found(stock: Stock): number[] {
    const name = this.name.trim().toLowerCase();
    return matching(stock, this.where).filter((row) => !name || stock.ids[row].toLowerCase().includes(name) || String(stock.columns.name?.[row] ?? "").toLowerCase().includes(name));
  }

  private row(stock: Stock, row: number): TemplateResult {
    const id = stock.ids[row];
    const said = this.said.get(id) ?? {};
    return html`<tr>
      <th scope="row"><button title=${String(stock.columns.name?.[row] ?? "")} @click=${() => view.set({ selected: id })}>${id}</button></th>
      ${stock.facts.map((fact) => {
        const value = said[fact.key] ?? stock.columns[fact.key]?.[row] ?? "";
        return html`<td class=${fact.key in said ? "said" : ""}>${this.input(fact, value, `${id} ${fact.key}`, (text) => this.say(id, fact, text, stock.columns[fact.key]?.[row] ?? ""))}</td>`;
      })}
    </tr>`;
  }

  private input({ key, label, low, high, choices }: FactWords, value: number | string, name: string, put?: (text: string) => void): TemplateResult {
    const tell = (event: Event): void => {
      const field = event.target as HTMLInputElement;
      if (field.checkValidity()) put?.(field.value);
    };
    if (choices.length) {
      return html`<select name=${name} aria-label=${`${say(label)} ${name}`} @change=${tell}>
        <option value=""></option>
        ${choices.map((one) => html`<option value=${one} ?selected=${one === value}>${useName(one)}</option>`)}
      </select>`;
    }
    const numeric = low !== null;
    return html`<input name=${name} data-cell=${key} type=${numeric ? "number" : "text"} step="any" min=${low ?? ""} max=${high ?? ""} aria-label=${`${say(label)} ${name}`} .value=${value === "" ? "" : String(typeof value === "number" ? Math.round(value * 1000) / 1000 : value)} @change=${tell} />`;
  }

  private say(id: string, { key, low }: FactWords, text: string, before: number | string): void {
    const values = { ...this.said.get(id) };
    if (text === "" || text === String(before)) delete values[key];
    else values[key] = low === null ? text : Number(text);
    if (Object.keys(values).length) this.said.set(id, values);
    else this.said.delete(id);
    this.requestUpdate();
  }

  /** One value for all buildings that are found. */
  private fill(event: SubmitEvent, stock: Stock, rows: readonly number[], fact: FactWords | undefined): void {
    event.preventDefault();
    const field = (event.target as HTMLFormElement).elements.namedItem("value") as HTMLInputElement | null;
    if (!fact || !field?.value || !field.checkValidity()) return;
    for (const row of rows) this.say(stock.ids[row], fact, field.value, stock.columns[fact.key]?.[row] ?? "");
  }

  private async read(field: HTMLInputElement): Promise<void> {
    const file = field.files?.[0];
    if (!file) return;
    const found = await readFacts(await file.text()).catch((error: unknown) => reason(error));
    field.value = "";
    if (typeof found === "string") this.words = found;
    else this.take(found);
    this.requestUpdate();
  }

  private take({ rows, unknown }: FactsRead): void {
    for (const { building, values } of rows) this.said.set(building, { ...this.said.get(building), ...values });
    this.words = e("facts.came", { count: number(rows.length), unknown: number(unknown.length) });
  }

  /** Everything that has been said becomes one change of B, which can be undone. */
  private apply(): void {
    const rows = [...this.said].map(([building, values]) => ({ building, values }));
    change([...view.state.edits, { edit: "building_facts", id: freshId("building_facts"), points: [], buildings: [], values: { said: JSON.stringify({ rows }) } }]);
    this.said = new Map();
    this.words = e("facts.applied", { count: number(rows.length) });
    this.requestUpdate();
  }
}

function unitWords(units: string): string {
  return ({ m2: "m²", "W m-2 K-1": "W/m²K", "h-1": "1/h", "kWh a-1": "kWh/a" } as Record<string, string>)[units] ?? units;
}

customElements.define("bxl-energy-facts", EnergyFactsPanel);
