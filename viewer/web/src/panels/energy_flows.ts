/** Where a year's energy comes from and where it goes: a diagram of flows for A and for B, and the same as a table. */

import { css, html, nothing, svg, type TemplateResult } from "lit";
import { FLOW_COLORS } from "../core/energy_colors";
import type { Flows } from "../core/energy_facts";
import { BAR, sankey } from "../core/energy_shapes";
import { e } from "../core/energy_words";
import { figure, number } from "../core/format";
import { say } from "../core/i18n";
import { session, type Side, SIDES } from "../core/state";
import { base, Panel } from "./base";

const TALL = 340;
/** Room for the words of the first column, and of the last. */
const ROOM = { left: 100, right: 140 };
/** Width from which two diagrams stand side by side, and the gap between them. */
const TWO = { from: 900, gap: 26 };
/** Nodes lower than this have their words in one line. */
const LOW = 25;
/** In a narrow diagram words in the middle are for nodes of some height. */
const LEAST = 9;
const ROOMY = 540;

/** Colour of a node by what its name tells. */
const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/photovoltaic|sun|solar/, FLOW_COLORS.sun],
  [/loss/, FLOW_COLORS.loss],
  [/export|given|curtail/, FLOW_COLORS.given],
  [/ambient|ground|sewer|air_heat|environment/, FLOW_COLORS.ambient],
  [/hot_water|water/, FLOW_COLORS.water],
  [/heat_pump|pump/, FLOW_COLORS.pumps],
  [/gas|fuel|boiler|oil|wood/, FLOW_COLORS.fuel],
  [/cool|chiller/, FLOW_COLORS.cooling],
  [/vehicle/, FLOW_COLORS.vehicles],
  [/applian|light/, FLOW_COLORS.appliances],
  [/battery|store/, FLOW_COLORS.store],
  [/network|plant/, FLOW_COLORS.network],
  [/heating|resistance|heat/, FLOW_COLORS.heating],
  [/grid|electric|bought|import/, FLOW_COLORS.grid],
];

export function nodeColor(key: string): string {
  return BY_NAME.find(([pattern]) => pattern.test(key))?.[1] ?? FLOW_COLORS.loss;
}

class EnergyFlows extends Panel {
  static override styles = [
    base,
    css`
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(430px, 100%), 1fr));
        gap: 18px 26px;
      }
      figure {
        min-width: 0;
      }
      figcaption {
        display: flex;
        align-items: center;
        gap: 8px;
        padding-bottom: 6px;
        font-size: 13px;
        font-weight: 620;
      }
      svg {
        width: 100%;
        height: auto;
        overflow: visible;
      }
      text {
        font: 500 11.5px var(--font);
        fill: var(--ink);
      }
      text .quiet {
        fill: var(--ink-2);
        font-weight: 400;
      }
      .band {
        mix-blend-mode: multiply;
      }
      details {
        padding-top: 8px;
      }
      summary {
        cursor: pointer;
        font-size: 12.5px;
        color: var(--iris);
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 12.5px;
      }
      th,
      td {
        padding: 3px 0 3px 8px;
        border-top: 1px solid var(--line);
        font-weight: 400;
        text-align: right;
      }
      th:first-child {
        padding-left: 0;
        text-align: left;
      }
    `,
  ];

  override firstUpdated(): void {
    new ResizeObserver(() => this.requestUpdate()).observe(this);
  }

  override render(): TemplateResult {
    const { energy } = session.state;
    const known = SIDES.flatMap((side) => {
      const flows = energy?.runs[side]?.facts.sankey;
      return flows ? [[side, flows] as const] : [];
    });
    if (known.length === 0) return html`<p class="quiet">${e("verdict.none")}</p>`;
    return html`<div class="pair">${known.map(([side, flows]) => this.diagram(side, flows, known.length > 1))}</div>
      <details>
        <summary>${e("table.read")}</summary>
        ${this.table(known)}
      </details>`;
  }

  private diagram(side: Side, { nodes, links, imbalance_kwh }: Flows, both: boolean): TemplateResult {
    const names = new Map(nodes.map(({ key, label }) => [key, say(label)]));
    const room = this.clientWidth || 440;
    const wide = both && room >= TWO.from ? (room - TWO.gap) / 2 : room;
    const { nodes: places, bands } = sankey(nodes, links, Math.max(120, wide - ROOM.left - ROOM.right), TALL);
    const total = links.filter(({ source }) => nodes.find(({ key }) => key === source)?.column === Math.min(...nodes.map(({ column }) => column))).reduce((sum, { value }) => sum + value, 0);
    return html`<figure data-side=${side}>
      <figcaption>${both ? html`<span class="letter ${side}">${side.toUpperCase()}</span>` : nothing}${e("flows.total", { value: figure(total / 1000) })}</figcaption>
      <svg viewBox="0 -18 ${wide} ${TALL + 36}" role="img" aria-label=${e("flows.label", { side: side.toUpperCase() })}>
        <g transform="translate(${ROOM.left} 0)">
          ${bands.map(({ source, target, path, value }) => svg`<path class="band" d=${path} fill=${nodeColor(source)} fill-opacity="0.36"><title>${names.get(source)} → ${names.get(target)}: ${figure(value / 1000)} MWh</title></path>`)}
          ${places.map(({ key, x, y, size, value, place, last }) => {
            const outside = place === 0 || last;
            const at = place === 0 ? x - 6 : last ? x + BAR + 6 : x + BAR / 2;
            // Columns in the middle are near each other: their words stand over and under by turns.
            const up = outside ? y + size / 2 : place % 2 ? y - 5 : y + size + 12;
            const anchor = place === 0 ? "end" : last ? "start" : "middle";
            const much = figure(value / 1000);
            const words = last && size < LOW ? svg`<tspan dy="0.35em">${names.get(key)} </tspan><tspan class="quiet">${much}</tspan>` : svg`<tspan x=${at} dy="-0.1em">${names.get(key)}</tspan><tspan class="quiet" x=${at} dy="1.15em">${much}</tspan>`;
            return svg`<rect x=${x} y=${y} width=${BAR} height=${Math.max(1, size)} rx="2" fill=${nodeColor(key)} />
              ${outside || size >= LEAST || wide > ROOMY ? svg`<text x=${at} y=${up} text-anchor=${anchor}>${outside ? words : names.get(key)}</text>` : nothing}`;
          })}
        </g>
      </svg>
      ${Math.abs(imbalance_kwh) > 1e-6 * total ? html`<p class="quiet small">${e("flows.open", { value: number(imbalance_kwh, 1) })}</p>` : nothing}
    </figure>`;
  }

  private table(known: readonly (readonly [Side, Flows])[]): TemplateResult {
    const rows = new Map<string, { words: string; values: (number | null)[] }>();
    known.forEach(([, { nodes, links }], column) => {
      const names = new Map(nodes.map(({ key, label }) => [key, say(label)]));
      for (const { source, target, value } of links) {
        const row = rows.get(`${source} ${target}`) ?? { words: `${names.get(source)} → ${names.get(target)}`, values: known.map(() => null) };
        row.values[column] = value;
        rows.set(`${source} ${target}`, row);
      }
    });
    return html`<table>
      <thead><tr><th scope="col" translate="no">MWh</th>${known.map(([side]) => html`<th scope="col">${side.toUpperCase()}</th>`)}</tr></thead>
      <tbody>${[...rows.values()].map(({ words, values }) => html`<tr><th scope="row">${words}</th>${values.map((value) => html`<td>${value === null ? "–" : figure(value / 1000)}</td>`)}</tr>`)}</tbody>
    </table>`;
  }
}

customElements.define("bxl-energy-flows", EnergyFlows);
