/** One notice at a time: what went wrong, why, and the button that helps; or a short word that something worked. */

import { css, html, nothing, type TemplateResult } from "lit";
import { t } from "../core/i18n";
import { session } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";

class Notice extends Panel {
  static override styles = [
    base,
    css`
      .card {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 10px 10px 10px 16px;
        max-width: 560px;
        background: #fffdf9;
      }
      .problem {
        border-left: 4px solid var(--worse);
      }
      .words {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      strong {
        display: block;
        font-weight: 620;
      }
      .toast {
        padding: 10px 16px;
      }
    `,
  ];

  override render(): TemplateResult {
    const { problem, toast, link } = session.state;
    return html`<div aria-live="polite">
      ${problem
        ? html`<div class="card problem" role="alert">
            <div class="words"><strong>${t(problem.what)}</strong><span class="quiet small">${problem.why}</span></div>
            <button class="primary" @click=${() => (session.set({ problem: null }), problem.act())}>${t(problem.remedy)}</button>
            <button class="icon" aria-label=${t("close")} @click=${() => session.set({ problem: null })}>${icon("close")}</button>
          </div>`
        : link === "lost"
          ? html`<div class="card toast quiet">${t("link.lost")}</div>`
          : toast
            ? html`<div class="card toast">${toast}</div>`
            : nothing}
    </div>`;
  }
}

customElements.define("bxl-notice", Notice);
