/** Who suffers from the heat: sectors by vulnerability with open weights, and the streets that are hottest for most. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Place } from "../core/api";
import { change, number, percent } from "../core/format";
import { type Key, say, t } from "../core/i18n";
import { PLACE_RAMP, rampColor, spanOfPlaces } from "../core/places";
import { PLACE_VIEWS, type PlaceView, type PlacesFound, session, SIDES, view } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { stage } from "./stage";

/** Distance from which one looks at a street, and at a sector, m. */
const NEAR = { street: 380, sector: 620 };
/** Largest weight of a slider; one is the usual one. */
const MOST_WEIGHT = 3;

class PlacesPanel extends Panel {
  private open = false;
  private lit: string | null = null;

  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        pointer-events: none;
      }
      aside {
        min-height: 0;
        padding: 14px 10px 14px 18px;
        overflow-y: auto;
        scrollbar-width: thin;
        pointer-events: auto;
      }
      header {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: start;
        padding-bottom: 6px;
      }
      h2 {
        font-size: 16px;
        line-height: 1.3;
      }
      .modes {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: 1fr;
        gap: 2px;
        margin: 2px 8px 8px 0;
        padding: 2px;
        border-radius: 10px;
        background: var(--stone);
      }
      .modes button {
        min-height: 28px;
        padding: 2px 4px;
        border-radius: 8px;
        font-size: 12.5px;
      }
      .modes [aria-pressed="true"] {
        background: #fff;
        font-weight: 620;
        box-shadow: 0 1px 2px rgb(31 41 51 / 0.16);
      }
      select {
        width: calc(100% - 8px);
        height: 32px;
        padding: 0 6px;
        border: 1px solid var(--line);
        border-radius: 9px;
        background: #fff;
      }
      .ramp {
        height: 10px;
        margin: 9px 8px 2px 0;
        border-radius: 4px;
      }
      .ends {
        display: flex;
        justify-content: space-between;
        padding-right: 8px;
        font-size: 12px;
        color: var(--ink-2);
      }
      .affected {
        margin: 0 8px 8px 0;
        padding: 8px 12px;
        border-radius: 10px;
        background: #fbf1ea;
        font-size: 13px;
      }
      details {
        margin: 6px 8px 2px 0;
      }
      summary {
        min-height: 28px;
        cursor: pointer;
        font-size: 12.5px;
        color: var(--ink-2);
      }
      .weight {
        display: grid;
        grid-template-columns: 1fr auto;
        font-size: 12.5px;
      }
      .weight input {
        grid-column: span 2;
      }
      .weight.inner {
        padding-left: 14px;
        color: var(--ink-2);
      }
      ol {
        padding-top: 6px;
      }
      li button {
        display: grid;
        grid-template-columns: 22px 1fr auto;
        gap: 8px;
        align-items: center;
        width: calc(100% - 4px);
        margin-left: -8px;
        padding: 4px 8px;
        text-align: left;
        line-height: 1.25;
      }
      li [aria-pressed="true"] {
        background: rgb(31 41 51 / 0.08);
        box-shadow: inset 0 0 0 1.5px var(--ink);
      }
      .rank {
        display: grid;
        place-items: center;
        width: 22px;
        height: 22px;
        border-radius: 6px;
        font-size: 11.5px;
        font-weight: 650;
        color: #fff;
        background: var(--ink-2);
      }
      b {
        font-weight: 620;
      }
      small {
        display: block;
        font-size: 12px;
        color: var(--ink-2);
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { places: shown } = view.state;
    if (!shown || shown === "traffic" || view.state.selected || session.state.probe) return nothing;
    const found = session.state.places;
    return html`<aside class="card" aria-label=${t("places.title")}>
      <header>
        <h2>${t("places.title")}</h2>
        <button class="icon" aria-label=${t("close")} title=${t("close")} @click=${() => view.set({ places: null })}>${icon("close")}</button>
      </header>
      ${found ? this.body(found, shown) : html`<p class="quiet small" role="status">${t("loading")}</p>`}
    </aside>`;
  }

  override updated(_changed: PropertyValues): void {
    const ramp = this.renderRoot.querySelector<HTMLElement>(".ramp");
    if (ramp) ramp.style.background = `linear-gradient(90deg, ${PLACE_RAMP.join(", ")})`;
    // What is pointed at on the map is found in the list.
    if (session.state.lit !== this.lit) this.renderRoot.querySelector('li [aria-pressed="true"]')?.scrollIntoView({ block: "nearest" });
    this.lit = session.state.lit;
    for (const rank of this.renderRoot.querySelectorAll<HTMLElement>("[data-color]")) rank.style.background = rank.dataset.color!;
  }

  private body(found: PlacesFound, shown: PlaceView): TemplateResult {
    const mode = (pressed: boolean, name: string, words: string, act: () => void): TemplateResult => html`<button data-mode=${name} aria-pressed=${pressed} @click=${act}>${words}</button>`;
    const both = session.state.a.result && session.state.b.result;
    return html`${found.affected ? this.affected(found) : nothing}
      <div class="modes" role="group" aria-label=${t("places.kind")}>
        ${mode(shown !== "streets", "sectors", t("places.sectors"), () => view.set({ places: "vulnerability" }))}
        ${mode(shown === "streets", "streets", t("places.streets"), () => view.set({ places: "streets" }))}
      </div>
      ${both
        ? html`<div class="modes" role="group" aria-label=${t("strip.scenario")}>
            ${SIDES.map((side) => mode(found.side === side, side, side.toUpperCase(), () => stage.planner?.places.of(side)))}
          </div>`
        : nothing}
      ${shown === "streets" ? this.streets(found) : this.sectors(found, shown)}`;
  }

  /** Whom B helps, and whom it does not. */
  private affected({ affected }: PlacesFound): TemplateResult {
    const { people_cooler, people_warmer, mean_change, felt } = affected!;
    return html`<p class="affected">${t("places.affected", { cooler: number(people_cooler ?? 0), warmer: number(people_warmer ?? 0), felt: number(felt, 1), mean: change(mean_change ?? 0) })}</p>`;
  }

  private sectors({ sectors }: PlacesFound, shown: PlaceView): TemplateResult {
    const { parts, unknown, sectors: rows } = sectors!;
    const known = PLACE_VIEWS.filter((each) => each !== "streets" && rows.some(({ values }) => values[each] !== null && values[each] !== undefined));
    const name = (key: string): string => (key === "vulnerability" ? t("places.vulnerability") : say(parts.find((one) => one.key === key)?.label));
    const span = spanOfPlaces(shown);
    const units = parts.find((one) => one.key === shown)?.units ?? "1";
    const read = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : figureOf(value, units));
    const ordered = [...rows].sort((p, q) => (q.values[shown] ?? -Infinity) - (p.values[shown] ?? -Infinity));
    return html`<select data-place aria-label=${t("places.by")} @change=${(event: Event) => view.set({ places: (event.target as HTMLSelectElement).value as PlaceView })}>
        ${known.map((each) => html`<option value=${each} ?selected=${each === shown}>${name(each)}</option>`)}
      </select>
      <div class="ramp" aria-hidden="true"></div>
      <p class="ends"><span>${span ? read(span[0]) : nothing}</span><span>${span ? read(span[1]) : nothing}</span></p>
      <details ?open=${this.open} @toggle=${(event: Event) => (this.open = (event.target as HTMLDetailsElement).open)}>
        <summary>${t("places.weights")}</summary>
        ${parts.filter(({ key, layer }) => !unknown.includes(key) && !unknown.includes(layer)).map((part) => this.weight(part.key, part.layer !== "", part.weight, say(part.label)))}
        ${unknown.length ? html`<p class="quiet small">${t("places.unknown", { names: parts.filter(({ key, layer }) => layer && unknown.includes(key)).map(({ label }) => say(label)).join(", ") })}</p>` : nothing}
      </details>
      <ol>
        ${ordered.map((row, i) => this.row(row, i + 1, read(row.values[shown]), null, span && row.values[shown] !== null ? rampColor(((row.values[shown] ?? 0) - span[0]) / Math.max(1e-9, span[1] - span[0])) : null, () => stage.planner?.flyTo(middle(row.rings), NEAR.sector)))}
      </ol>`;
  }

  private weight(key: string, inner: boolean, value: number, label: string): TemplateResult {
    const set = (event: Event): void => view.set({ weights: { ...view.state.weights, [key]: Number((event.target as HTMLInputElement).value) } });
    return html`<label class="weight ${inner ? "inner" : ""}"
      ><span>${label}</span><output>× ${number(value, 2)}</output>
      <input type="range" data-weight=${key} min="0" max=${MOST_WEIGHT} step="0.25" .value=${String(value)} @change=${set} />
    </label>`;
  }

  private streets({ streets }: PlacesFound): TemplateResult {
    const rows = streets!.streets;
    const most = Math.max(1e-9, ...rows.map(({ values }) => values.person_hours_32 ?? 0));
    return html`<p class="quiet small">${t("places.streets.why")}</p>
      <ol>
        ${rows.map((row) => {
          const { hours_above_32: hours, residents, person_hours_32: burden } = row.values;
          const detail = t("places.street", { hours: hours === null ? "–" : number(hours, 1), people: residents === null ? "–" : number(residents) });
          return this.row(row, row.rank, burden === null ? "" : percent(burden / most), detail, burden === null ? null : rampColor(burden / most), () => stage.planner?.flyTo(row.point, NEAR.street));
        })}
      </ol>`;
  }

  private row(place: Place, rank: number, value: string, detail: string | null, color: string | null, fly: () => void): TemplateResult {
    const lit = session.state.lit === place.id;
    const name = (view.state.language === "nl" ? place.name_nl : place.name_fr) || place.id;
    return html`<li>
      <button data-id=${place.id} aria-pressed=${lit} @click=${() => (session.set({ lit: place.id }), fly())}>
        <span class="rank" data-color=${color ?? "#8a8f98"}>${rank}</span><span>${name}${detail ? html`<small>${detail}</small>` : nothing}</span><b>${value}</b>
      </button>
    </li>`;
  }
}

/** A number of a sector as people read it; shares and scores of 0 to 1 as hundredths. */
function figureOf(value: number, units: string): string {
  if (units === "1") return number(value * 100);
  const named: Record<string, Key> = { h: "unit.hours", degC: "unit.celsius", "ha-1": "unit.per_hectare" };
  const digits = units === "ha-1" ? 0 : 1;
  return units in named ? t(named[units], { value: number(value, digits) }) : `${number(value, digits)} ${units}`;
}

function middle(rings: readonly (readonly (readonly [number, number])[])[]): [number, number] {
  const all = rings[0] ?? [[0, 0]];
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

customElements.define("bxl-places", PlacesPanel);
