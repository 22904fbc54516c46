/** The panel of a district's energy: the verdict, where energy goes, months, peaks, the city's meters, facts of buildings. */

import { css, html, nothing, type TemplateResult } from "lit";
import { e, type EnergyKey } from "../core/energy_words";
import { t } from "../core/i18n";
import { isEnergy } from "../core/moments";
import { ENERGY_TABS, type EnergyTab, session, SIDES, view } from "../core/state";
import { base, Panel } from "./base";
import "./energy_courses";
import "./energy_facts";
import "./energy_flows";
import "./energy_sites";
import "./energy_verdict";
import { icon } from "./icons";

class Balance extends Panel {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        pointer-events: none;
      }
      :host([wide]) aside {
        flex: 1;
        background: #fdfcf9;
      }
      aside {
        display: flex;
        flex-direction: column;
        min-height: 0;
        pointer-events: auto;
      }
      header {
        display: flex;
        align-items: center;
        gap: 2px;
        padding: 10px 10px 0 18px;
      }
      h2 {
        flex: 1;
        font-size: 16px;
      }
      nav {
        display: flex;
        flex-wrap: wrap;
        gap: 0 2px;
        padding: 2px 10px 0;
        border-bottom: 1px solid var(--line);
      }
      nav button {
        min-height: 34px;
        padding: 5px 8px;
        border-radius: 8px 8px 0 0;
        font-size: 13px;
        color: var(--ink-2);
      }
      nav [aria-selected="true"] {
        color: var(--iris);
        font-weight: 640;
        box-shadow: inset 0 -2.5px 0 var(--iris);
      }
      .body {
        flex: 1;
        min-height: 0;
        padding: 12px 18px 16px;
        overflow-y: auto;
        scrollbar-width: thin;
      }
      footer {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 14px;
        padding: 8px 18px 11px;
        border-top: 1px solid var(--line);
        font-size: 12.5px;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { balance, selected } = view.state;
    const shown = balance !== null && isEnergy() && !selected;
    if (!shown) {
      this.removeAttribute("wide");
      return nothing;
    }
    const wide = this.hasAttribute("wide");
    const widen = (): void => {
      this.toggleAttribute("wide");
      this.requestUpdate();
    };
    const digests = SIDES.flatMap((side) => {
      const run = session.state.energy?.runs[side];
      return run ? [[side, run.digest] as const] : [];
    });
    return html`<aside class="card" aria-label=${e("balance.title")}>
      <header>
        <h2>${e("balance.title")}</h2>
        <button class="icon" data-wide aria-pressed=${wide} aria-label=${e(wide ? "balance.narrow" : "balance.wide")} title=${e(wide ? "balance.narrow" : "balance.wide")} @click=${widen}>${icon(wide ? "rail" : "swipe", 18)}</button>
        <button class="icon" aria-label=${t("close")} title=${t("close")} @click=${() => view.set({ balance: null })}>${icon("close")}</button>
      </header>
      <nav role="tablist" aria-label=${e("balance.title")}>
        ${ENERGY_TABS.map((tab) => html`<button role="tab" data-tab=${tab} aria-selected=${tab === balance} @click=${() => view.set({ balance: tab })}>${e(`tab.${tab}` as EnergyKey)}</button>`)}
      </nav>
      <div class="body" role="tabpanel" tabindex="0" data-body=${balance!}>${this.body(balance!)}</div>
      ${digests.length
        ? html`<footer>
            ${digests.map(([side, digest]) => html`<span>${digests.length > 1 ? `${side.toUpperCase()} · ` : ""}<a href="/api/results/${digest}/energy/export?format=csv" translate="no">CSV</a> · <a href="/api/results/${digest}/energy/export?format=geojson" translate="no">GeoJSON</a></span>`)}
            <span class="quiet">${e("balance.export")}</span>
          </footer>`
        : nothing}
    </aside>`;
  }

  private body(tab: EnergyTab): TemplateResult {
    switch (tab) {
      case "verdict":
        return html`<bxl-energy-verdict></bxl-energy-verdict>`;
      case "flows":
        return html`<bxl-energy-flows></bxl-energy-flows>`;
      case "months":
        return html`<bxl-energy-months></bxl-energy-months>`;
      case "load":
        return html`<bxl-energy-load></bxl-energy-load>`;
      case "sites":
        return html`<bxl-energy-sites></bxl-energy-sites>`;
      case "facts":
        return html`<bxl-energy-facts></bxl-energy-facts>`;
    }
  }
}

customElements.define("bxl-balance", Balance);
