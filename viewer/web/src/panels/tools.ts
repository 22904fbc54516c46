/** What one can draw into B, and while one draws: its height or cover, and how to finish. */

import { css, html, nothing, type TemplateResult } from "lit";
import { fewest } from "../core/draw";
import { number } from "../core/format";
import { say, t } from "../core/i18n";
import { session, type Tool } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { stage } from "./stage";

const TOOLS: readonly Tool[] = ["wall", "land_cover", "add_building"];
const HEIGHTS: Record<Tool, { start: number; max: number; step: number }> = {
  wall: { start: 1, max: 6, step: 0.1 },
  land_cover: { start: 0, max: 0, step: 0 },
  add_building: { start: 12, max: 80, step: 1 },
};

class Tools extends Panel {
  static override styles = [
    base,
    css`
      .tools {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 6px;
        padding-top: 6px;
      }
      .tools button {
        display: grid;
        justify-items: center;
        gap: 3px;
        padding: 8px 4px 6px;
        font-size: 12.5px;
        line-height: 1.2;
      }
      .tools [aria-pressed="true"] {
        background: var(--b);
        color: #fff;
        box-shadow: none;
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
      .row + .row {
        margin-top: 8px;
      }
      select {
        width: 100%;
        height: 32px;
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
    const { tool } = session.state;
    return html`<div class="tools" role="group" aria-label=${t("tools.label")}>
        ${TOOLS.map(
          (each) => html`<button class="plain" data-tool=${each} aria-pressed=${tool === each} @click=${() => this.take(each)}>
            ${icon(each, 22)}<span>${t(`tool.${each}` satisfies `tool.${Tool}`)}</span>
          </button>`,
        )}
      </div>
      ${tool ? this.draft(tool) : nothing}`;
  }

  private take(tool: Tool): void {
    const same = session.state.tool === tool;
    session.set({ tool: same ? null : tool, draft: [], height_m: HEIGHTS[tool].start });
    // A drawing that belongs to B is drawn on B, with the map listening to the keys.
    if (!same) document.querySelector("bxl-planner")?.shadowRoot?.querySelector("canvas")?.focus({ preventScroll: true });
  }

  private draft(tool: Tool): TemplateResult {
    const { draft, height_m, cover, catalogue } = session.state;
    const ready = draft.length >= fewest(tool);
    const { max, step } = HEIGHTS[tool];
    return html`<div class="draft">
      ${tool === "land_cover"
        ? html`<select aria-label=${t("tool.cover")} @change=${(event: Event) => session.set({ cover: (event.target as HTMLSelectElement).value })}>
            ${(catalogue?.covers ?? []).map(({ key, label }) => html`<option value=${key} ?selected=${key === cover}>${say(label)}</option>`)}
          </select>`
        : html`<label>
            <span class="row"><span>${t("tool.height")}</span><output>${t("unit.m", { value: number(height_m, 1) })}</output></span>
            <input type="range" min=${step} max=${max} step=${step} .value=${String(height_m)} @input=${(event: Event) => session.set({ height_m: Number((event.target as HTMLInputElement).value) })} />
          </label>`}
      <div class="row">
        <span class="small quiet" aria-live="polite">${t(draft.length === 0 ? "tool.first" : ready ? "tool.ready" : "tool.more")}</span>
        <button class="primary" data-finish ?disabled=${!ready} @click=${() => stage.planner?.finish()}>${t("tool.finish")}</button>
      </div>
    </div>`;
  }
}

customElements.define("bxl-tools", Tools);

