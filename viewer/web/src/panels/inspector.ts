/** What was clicked: a building with its attributes, or a point on the ground with the course of its water. */

import { css, html, nothing, svg, type TemplateResult } from "lit";
import { clock, figure, number } from "../core/format";
import { cityName, type Key, t } from "../core/i18n";
import { session, SIDES, view } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";

/** Attributes that people understand, in the order of their interest; all others stay in the table of the server. */
const SHOWN: readonly [name: string, key: Key, units: string, digits: number][] = [
  ["use", "building.use", "", 0],
  ["storeys", "building.storeys", "", 0],
  ["ridge_height", "building.ridge", "m", 1],
  ["eaves_height", "building.eaves", "m", 1],
  ["ground_z", "building.ground", "m TAW", 1],
  ["roof_area", "building.roof", "m²", 0],
  ["volume", "building.volume", "m³", 0],
  ["quality", "building.quality", "", 0],
];

class Inspector extends Panel {
  static override styles = [
    base,
    css`
      aside {
        padding: 14px 10px 16px 18px;
        overflow-y: auto;
        max-height: inherit;
      }
      header {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: start;
        padding-bottom: 8px;
      }
      h2 {
        font-size: 16px;
        line-height: 1.3;
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0;
        padding-right: 8px;
      }
      dt,
      dd {
        padding: 5px 0;
        border-top: 1px solid var(--line);
      }
      dt {
        color: var(--ink-2);
      }
      dd {
        padding-left: 14px;
        text-align: right;
        font-weight: 550;
      }
      .chart {
        width: 100%;
        height: 84px;
        margin-top: 10px;
      }
      .a {
        stroke: var(--a);
      }
      .b {
        stroke: var(--b);
      }
      .axis {
        stroke: var(--line);
      }
      .legend {
        display: flex;
        gap: 14px;
        padding-top: 4px;
        align-items: center;
      }
      .legend span {
        display: flex;
        align-items: center;
        gap: 6px;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { selected } = view.state;
    if (selected) return this.building(selected);
    return session.state.probe ? this.point() : nothing;
  }

  private close(): void {
    view.set({ selected: null });
    session.set({ probe: null });
  }

  private frame(title: string, sub: string, body: TemplateResult): TemplateResult {
    return html`<aside class="card" aria-label=${t("inspector.label")}>
      <header>
        <div>
          <h2>${title}</h2>
          <p class="quiet small">${sub}</p>
        </div>
        <button class="icon" aria-label=${t("close")} title=${t("close")} @click=${() => this.close()}>${icon("close")}</button>
      </header>
      ${body}
    </aside>`;
  }

  private building(id: string): TemplateResult {
    const { building } = session.state;
    const rows = SHOWN.flatMap(([name, key, units, digits]) => {
      const value = building?.[name];
      if (value === null || value === undefined || value === "" || value === -1) return [];
      const words = typeof value === "number" ? `${number(value, digits)} ${units}` : useWords(name, String(value));
      return [html`<dt>${t(key)}</dt><dd>${words}</dd>`];
    });
    const title = cityName(String(building?.name || "")) || t("building.title");
    return this.frame(title, id, building ? html`<dl>${rows}</dl>` : html`<p class="quiet">${t("loading")}</p>`);
  }

  private point(): TemplateResult {
    const { probe, a, b } = session.state;
    const { at, ground, series } = probe!;
    const known = SIDES.filter((side) => series[side]);
    const most = Math.max(0.05, ...known.flatMap((side) => series[side]!.values));
    const end = Math.max(1, ...known.flatMap((side) => series[side]!.times));
    const path = (side: "a" | "b"): string => series[side]!.values.map((value, i) => `${i ? "L" : "M"}${((series[side]!.times[i] / end) * 260).toFixed(1)} ${(72 - (value / most) * 64).toFixed(1)}`).join("");
    const { origin } = session.state.city!;
    const sub = t("point.place", { x: number(at[0] + origin[0]), y: number(at[1] + origin[1]) });
    const body = html`<dl>
        <dt>${t("building.ground")}</dt>
        <dd>${t("unit.taw", { value: number(ground, 2) })}</dd>
        ${known.map((side) => html`<dt>${t("point.peak", { side: side.toUpperCase() })}</dt><dd>${figure(Math.max(...series[side]!.values))} m</dd>`)}
      </dl>
      ${known.length
        ? html`<svg class="chart" viewBox="0 0 260 84" role="img" aria-label=${t("point.chart")}>
            <path class="axis" d="M0 72H260M0 8H260" />
            ${known.map((side) => svg`<path class=${side} d=${path(side)} fill="none" stroke-width="2" stroke-linejoin="round" />`)}
            <text x="0" y="83" font-size="10.5" fill="#52606d">0:00</text>
            <text x="260" y="83" text-anchor="end" font-size="10.5" fill="#52606d">${clock(end)}</text>
            <text x="0" y="6" font-size="10.5" fill="#52606d">${figure(most)} m</text>
          </svg>`
        : html`<p class="quiet small">${a.job || b.job ? t("point.later") : t("point.none")}</p>`}`;
    return this.frame(t("point.title"), sub, body);
  }
}

const USES: Readonly<Record<string, Key>> = {
  residential: "use.residential",
  office: "use.office",
  retail: "use.retail",
  education: "use.education",
  worship: "use.worship",
  transport: "use.transport",
  annex: "use.annex",
  other: "use.other",
};

function useWords(name: string, value: string): string {
  return name === "use" && value in USES ? t(USES[value]) : value;
}

customElements.define("bxl-inspector", Inspector);
