/** A against B in traffic: who travels longer or shorter, what else changes, and the streets that gain and lose most. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Pair, TrafficCompared } from "../core/api";
import { change, figure, number } from "../core/format";
import { gainColors } from "../core/gains";
import { type Key, t } from "../core/i18n";
import { session, view } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { stage } from "./stage";
import { streetName } from "./street_words";

type Sector = TrafficCompared["sectors"][number];
type Moved = TrafficCompared["figures"]["streets"]["gain"][number];

/** Distance from which one looks at a street, and at a sector, m. */
const NEAR = { street: 380, sector: 620 };
/** Streets and sectors that stand in the panel. */
const MOST = 8;
/** Changes below this part are neither better nor worse, as in the strip of figures. */
const SAME = 0.005;

class GainsPanel extends Panel {
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
        padding: 14px 14px 14px 18px;
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
      .people {
        padding: 8px 12px;
        border-radius: 10px;
        background: #fbf1ea;
        font-size: 13px;
      }
      .key {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 14px;
        padding: 8px 0 2px;
        font-size: 12.5px;
        color: var(--ink-2);
      }
      .key i {
        display: inline-block;
        width: 12px;
        height: 12px;
        margin-right: 6px;
        border-radius: 4px;
        vertical-align: -1px;
      }
      i.better {
        background: var(--better);
      }
      i.same {
        background: #d9d6cf;
      }
      i.worse {
        background: var(--worse);
      }
      table {
        width: 100%;
        margin-top: 10px;
        border-collapse: collapse;
        font-size: 13px;
      }
      caption {
        padding-bottom: 2px;
        font-size: 12.5px;
        font-weight: 620;
        text-align: left;
      }
      th,
      td {
        padding: 4px 0 4px 8px;
        border-top: 1px solid var(--line);
        font-weight: 400;
        line-height: 1.25;
        text-align: right;
        white-space: nowrap;
      }
      th:first-child {
        padding-left: 0;
        text-align: left;
        white-space: normal;
        overflow-wrap: anywhere;
      }
      thead th {
        border: 0;
        padding-top: 0;
        font-size: 12px;
        color: var(--ink-2);
      }
      th button {
        width: 100%;
        min-height: 26px;
        padding: 1px 6px;
        margin-left: -6px;
        text-align: left;
        line-height: 1.25;
      }
      th button[aria-pressed="true"] {
        box-shadow: inset 0 0 0 1.5px var(--ink);
      }
      td.better,
      td.worse {
        font-weight: 620;
      }
      td.better {
        color: var(--better);
      }
      td.worse {
        color: var(--worse);
      }
      .dot {
        display: inline-block;
        width: 10px;
        height: 10px;
        margin-right: 6px;
        border-radius: 3px;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    if (view.state.places !== "traffic" || view.state.selected || session.state.street || session.state.probe || session.state.reach || session.state.tool) return nothing;
    const { compared } = session.state;
    return html`<aside class="card" aria-label=${t("gains.title")}>
      <header>
        <h2>${t("gains.title")}</h2>
        <button class="icon" aria-label=${t("close")} title=${t("close")} @click=${() => view.set({ places: null })}>${icon("close")}</button>
      </header>
      ${compared ? this.body(compared.facts) : html`<p class="quiet small" role="status">${t("loading")}</p>`}
    </aside>`;
  }

  override updated(_changed: PropertyValues): void {
    if (session.state.lit !== this.lit) this.renderRoot.querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: "nearest" });
    this.lit = session.state.lit;
    for (const dot of this.renderRoot.querySelectorAll<HTMLElement>("[data-color]")) dot.style.background = dot.dataset.color!;
  }

  private body({ figures, sectors }: TrafficCompared): TemplateResult {
    const { people, streets } = figures;
    const known = people.better !== null && people.worse !== null;
    return html`<p class="people">${known ? t("gains.people", { better: number(people.better!), worse: number(people.worse!), felt: number(people.felt_s) }) : t("gains.unknown")}</p>
      ${known
        ? html`<p class="key"><span><i class="better"></i>${t("gains.shorter")}</span><span><i class="same"></i>${t("verdict.same")}</span><span><i class="worse"></i>${t("gains.longer")}</span></p>`
        : nothing}
      ${this.figures(figures)} ${this.moved("gains.more", streets.gain, "worse")} ${this.moved("gains.less", streets.lose, "better")} ${this.sectors(sectors)}`;
  }

  /** What A and B amount to; of what has no A, only the change. */
  private figures({ trips, vehicle_km, cut_through, emissions, emergency, noise, buses }: TrafficCompared["figures"]): TemplateResult {
    const pairs: readonly [Key, Pair | undefined, number][] = [
      ["gains.trip", trips.mean_time_s, 1 / 60],
      ["gains.driven", vehicle_km, 1],
      ["gains.through", cut_through, 1],
      ["gains.co2", emissions.carbon_dioxide, 1],
      ["gains.nox", emissions.nitrogen_oxides, 1],
      ["gains.help", emergency?.mean_minutes, 1],
    ];
    const counts: readonly [Key, number | null | undefined, boolean][] = [
      ["gains.louder", noise.people_louder, false],
      ["gains.quieter", noise.people_quieter, true],
      ["gains.later", emergency?.people_later, false],
      ["gains.buses", buses.runs ? buses.delayed : null, false],
      ["gains.barred", buses.runs ? buses.barred : null, false],
    ];
    const verdict = (value: number, good: boolean): string => (value === 0 ? "" : good ? "better" : "worse");
    const less = ({ a, change: by }: Pair): string => (Math.abs(by!) < SAME * Math.abs(a!) ? "" : verdict(by!, by! < 0));
    return html`<table data-figures>
      <caption class="sr">${t("gains.figures")}</caption>
      <thead><tr><th scope="col"><span class="sr">${t("gains.figures")}</span></th><th scope="col">A</th><th scope="col">B</th><th scope="col">Δ</th></tr></thead>
      <tbody>
        ${pairs.flatMap(([words, pair, factor]) =>
          pair && pair.a !== null && pair.b !== null && pair.change !== null
            ? [html`<tr data-key=${words}><th scope="row">${t(words)}</th><td>${figure(pair.a * factor)}</td><td>${figure(pair.b * factor)}</td><td class=${less(pair)}>${change(pair.change * factor)}</td></tr>`]
            : [],
        )}
        ${counts.flatMap(([words, count, good]) =>
          count === null || count === undefined ? [] : [html`<tr data-key=${words}><th scope="row" colspan="3">${t(words, { db: number(noise.noticed_db) })}</th><td class=${verdict(count, good)}>${number(count)}</td></tr>`],
        )}
      </tbody>
    </table>`;
  }

  private moved(words: Key, rows: readonly Moved[], verdict: string): TemplateResult {
    return html`<table data-moved=${verdict}>
      <caption>${t(words)}</caption>
      <tbody>
        ${rows.length === 0 ? html`<tr><th scope="row" class="quiet">${t("gains.none")}</th></tr>` : nothing}
        ${rows.slice(0, MOST).map((row) => html`<tr>
          <th scope="row"><button data-street=${row.ids[0]} @click=${() => this.flyToStreet(row.ids)}>${streetName(row)}</button></th>
          <td>${number(row.flow.a ?? 0)}</td><td>${number(row.flow.b ?? 0)}</td><td class=${verdict}>${change(row.flow.change ?? 0)}</td>
        </tr>`)}
      </tbody>
    </table>`;
  }

  private sectors(sectors: readonly Sector[]): TemplateResult | typeof nothing {
    const known = sectors.filter(({ verdict, values }) => verdict !== "unknown" && values.change !== null);
    if (known.length === 0) return nothing;
    const ranked = [...known].sort((p, q) => q.values.change! - p.values.change!);
    // Those that lose most and those that gain most, from one end to the other.
    const shown = ranked.length <= 2 * MOST ? ranked : [...ranked.slice(0, MOST), ...ranked.slice(-MOST)];
    const colors = gainColors(known);
    return html`<table data-sectors>
      <caption>${t("gains.sectors")}</caption>
      <tbody>
        ${shown.map((one) => html`<tr>
          <th scope="row"><button data-id=${one.id} aria-pressed=${session.state.lit === one.id} @click=${() => (session.set({ lit: one.id }), stage.planner?.flyTo(middle(one.rings), NEAR.sector))}><span class="dot" data-color=${colors.get(one.id) ?? ""}></span>${(view.state.language === "nl" ? one.name_nl : one.name_fr) || one.id}</button></th>
          <td class=${one.verdict}>${change(one.values.change!)}</td>
        </tr>`)}
      </tbody>
    </table>`;
  }

  private flyToStreet(ids: readonly string[]): void {
    const street = stage.planner?.streetOf(ids[Math.floor(ids.length / 2)]);
    if (street) stage.planner?.flyTo(street.points[Math.floor(street.points.length / 2)], NEAR.street);
  }
}

function middle(rings: Sector["rings"]): [number, number] {
  const all = rings[0] ?? [[0, 0]];
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}

customElements.define("bxl-gains", GainsPanel);
