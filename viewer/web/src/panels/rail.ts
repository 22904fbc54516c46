/** The left rail: where we are, the two scenarios, drawing, layers. */

import { css, html, nothing, type TemplateResult } from "lit";
import { number } from "../core/format";
import { cityName, t } from "../core/i18n";
import { session } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";
import "./layers";
import "./scenarios";

class Rail extends Panel {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        pointer-events: none;
      }
      aside {
        pointer-events: auto;
        display: flex;
        flex-direction: column;
        width: 100%;
        min-height: 0;
        overflow: hidden;
      }
      header {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: start;
        padding: 14px 10px 12px 18px;
      }
      .brand {
        font-size: 12px;
        font-weight: 650;
        letter-spacing: 0.06em;
        color: var(--iris);
      }
      h1 {
        font-size: 20px;
        line-height: 1.2;
        font-weight: 680;
        letter-spacing: -0.01em;
      }
      .demo {
        padding: 6px 18px;
        background: repeating-linear-gradient(135deg, #fdf1d8 0 10px, #fae9c6 10px 20px);
        color: #6b4a0c;
        font-size: 12.5px;
        font-weight: 600;
      }
      .scroll {
        overflow-y: auto;
        min-height: 0;
        scrollbar-width: thin;
        scrollbar-color: var(--line) transparent;
      }
      .folded {
        width: auto;
        pointer-events: auto;
        padding: 4px;
      }
    `,
  ];

  override render(): TemplateResult {
    const { city, rail } = session.state;
    const fold = html`<button
      class="icon"
      title=${rail ? t("rail.fold") : t("rail.open")}
      aria-label=${rail ? t("rail.fold") : t("rail.open")}
      aria-expanded=${rail}
      @click=${() => session.set({ rail: !rail })}
    >
      ${icon("rail")}
    </button>`;
    if (!rail) return html`<div class="card folded">${fold}</div>`;
    return html`<aside class="card" aria-label=${t("rail.label")}>
      <header>
        <div>
          <p class="brand" translate="no">BXL-TWIN</p>
          <h1>${city ? cityName(city.name) : t("loading")}</h1>
          ${city
            ? html`<p class="quiet small">
                ${t("place.counts", { buildings: number(city.counts.buildings ?? 0), trees: number(city.counts.trees ?? 0) })}
              </p>`
            : nothing}
        </div>
        ${fold}
      </header>
      ${city?.demo ? html`<p class="demo" role="note">${t("place.demo")}</p>` : nothing}
      <div class="scroll">
        <bxl-scenarios></bxl-scenarios>
        <bxl-layers></bxl-layers>
      </div>
    </aside>`;
  }
}

customElements.define("bxl-rail", Rail);
