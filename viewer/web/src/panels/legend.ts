/** What the blue means: title, unit, five numbers, source and age. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { moment, number } from "../core/format";
import { say, t } from "../core/i18n";
import { HATCH_DEPTH, WATER_TICKS, waterColor, waterShare, WATER } from "../core/palette";
import { FIELD } from "../core/runs";
import { session, SIDES, view } from "../core/state";
import { base, Panel } from "./base";

class Legend extends Panel {
  static override styles = [
    base,
    css`
      section {
        width: 236px;
        padding: 12px 16px 11px;
      }
      h2 span {
        font-weight: 450;
        color: var(--ink-2);
      }
      .ramp {
        position: relative;
        margin: 9px 0 3px;
      }
      canvas {
        display: block;
        width: 100%;
        height: 12px;
        border-radius: 4px;
      }
      .ticks {
        position: relative;
        height: 18px;
        font-size: 12px;
        color: var(--ink-2);
      }
      .ticks span {
        position: absolute;
        translate: -50% 0;
      }
      .ticks span:first-child {
        translate: 0 0;
      }
      .ticks span:last-child {
        translate: -100% 0;
      }
      .hatch {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 2px 0 7px;
        font-size: 12.5px;
      }
      .hatch i {
        width: 22px;
        height: 12px;
        border-radius: 4px;
        background: repeating-linear-gradient(-45deg, #9dbcf2 0 2px, #2563db 2px 6px);
      }
      .source {
        font-size: 11.5px;
        color: var(--ink-2);
        line-height: 1.35;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    if (view.state.hidden.includes("water")) return nothing;
    const { catalogue } = session.state;
    const label = say(catalogue?.quantities[FIELD]?.label) || t("layer.water");
    return html`<section class="card" aria-label=${t("legend.label")}>
      <h2>${label} <span>(m)</span></h2>
      <div class="ramp"><canvas width="200" height="1" aria-hidden="true"></canvas></div>
      <div class="ticks">${WATER_TICKS.map((depth) => html`<span data-share=${waterShare(depth)}>${number(depth, 2)}</span>`)}</div>
      <p class="hatch"><i aria-hidden="true"></i>${t("legend.hatch", { depth: number(HATCH_DEPTH * 100) })}</p>
      <p class="source">${this.source()}</p>
    </section>`;
  }

  override updated(_changed: PropertyValues): void {
    const pen = this.renderRoot.querySelector("canvas")?.getContext("2d");
    for (let i = 0; pen && i < 200; i++) {
      const depth = WATER.shallow * (WATER.deep / WATER.shallow) ** (i / 199);
      pen.fillStyle = `rgb(${waterColor(depth).join(" ")})`;
      pen.fillRect(i, 0, 1, 1);
    }
    for (const tick of this.renderRoot.querySelectorAll<HTMLElement>(".ticks span")) tick.style.left = `${Number(tick.dataset.share) * 100}%`;
  }

  private source(): string {
    const side = SIDES.find((each) => session.state[each].job || session.state[each].result);
    const run = side && session.state[side];
    const cell = run?.document?.cell_size_m;
    const ended = run?.job?.ended;
    const age = ended ? moment(new Date(ended * 1000)) : run?.result ? t("legend.stored") : t("legend.now");
    return t("legend.source", { cell: cell ? number(cell, 1) : "?", age });
  }
}

customElements.define("bxl-legend", Legend);
