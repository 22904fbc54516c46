/** Which buildings a change is for: words of a filter, and how many buildings they find. */

import { css, html, nothing, type TemplateResult } from "lit";
import type { Where } from "../core/energy_forms";
import { matching, type Stock, wordsIn } from "../core/energy_stock";
import { e, type EnergyKey } from "../core/energy_words";
import { number } from "../core/format";
import { view } from "../core/state";

export const whereStyles = css`
  .where {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 6px 8px;
  }
  .where label {
    min-width: 0;
    font-size: 12px;
    color: var(--ink-2);
  }
  .where .full {
    grid-column: 1 / -1;
  }
  .where select,
  .where input[type="number"] {
    display: block;
    width: 100%;
    height: 30px;
    padding: 0 6px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: #fff;
    font-size: 13px;
    color: var(--ink);
  }
  .where .tick {
    display: flex;
    align-items: center;
    gap: 7px;
  }
`;

/** Rows of a filter; each change is told with the whole of it. */
export function whereRows(stock: Stock | null, where: Where, put: (where: Where) => void): TemplateResult {
  const one = (key: "uses" | "owners" | "sectors", words: EnergyKey, all: readonly (readonly [string, string])[]): TemplateResult | typeof nothing =>
    all.length === 0
      ? nothing
      : html`<label class="full">${e(words)}
          <select data-where=${key} @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            put({ ...where, [key]: value ? [value] : undefined });
          }}>
            <option value="" ?selected=${!where[key]?.length}>${e("where.any")}</option>
            ${all.map(([value, name]) => html`<option value=${value} ?selected=${where[key]?.[0] === value}>${name}</option>`)}
          </select>
        </label>`;
  const year = (key: "year_from" | "year_to", words: EnergyKey): TemplateResult =>
    html`<label>${e(words)}
      <input type="number" min="1000" max="2100" step="1" data-where=${key} .value=${where[key] === undefined ? "" : String(where[key])} @change=${(event: Event) => {
        const value = (event.target as HTMLInputElement).valueAsNumber;
        put({ ...where, [key]: Number.isFinite(value) ? value : undefined });
      }} />
    </label>`;
  const uses = stock ? wordsIn(stock, "use").map((use) => [use, useName(use)] as const) : [];
  const owners = stock ? wordsIn(stock, "owner").map((owner) => [owner, owner] as const) : [];
  const sectors = (stock?.sectors ?? []).map(({ id, name_fr, name_nl }) => [id, view.state.language === "nl" ? name_nl : name_fr] as const);
  return html`<div class="where">
    ${one("uses", "where.use", uses)} ${year("year_from", "where.from")} ${year("year_to", "where.to")}
    <label class="full tick"><input type="checkbox" .checked=${where.unknown_years ?? false} @change=${(event: Event) => put({ ...where, unknown_years: (event.target as HTMLInputElement).checked || undefined })} />${e("where.unknown")}</label>
    ${one("owners", "where.owner", owners)} ${one("sectors", "where.sector", sectors)}
  </div>`;
}

/** How many buildings a filter finds. */
export function foundWords(stock: Stock | null, where: Where): string {
  return stock ? e("where.found", { count: number(matching(stock, where).length), all: number(stock.ids.length) }) : "";
}

/** The words of a filter in short. */
export function whereWords(where: Where | null | undefined): string {
  if (!where) return "";
  const parts = [...(where.uses ?? []).map(useName), ...(where.owners ?? []), ...(where.sectors ?? [])];
  if (where.year_from != null || where.year_to != null) parts.push(`${where.year_from ?? "…"} – ${where.year_to ?? "…"}`);
  return parts.length ? parts.join(", ") : e("where.all");
}

const NAMES: Readonly<Record<string, EnergyKey>> = {
  residential: "uses.residential",
  office: "uses.office",
  retail: "uses.retail",
  education: "uses.education",
  worship: "uses.worship",
  transport: "uses.transport",
  annex: "uses.annex",
  other: "uses.other",
};

export function useName(use: string): string {
  return use in NAMES ? e(NAMES[use]) : use;
}
