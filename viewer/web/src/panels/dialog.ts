/** "How do we know?": the accounts of each run, what is assumed, sources and licences. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Words } from "../core/api";
import { say, t } from "../core/i18n";
import { isHot, isTraffic } from "../core/moments";
import { session, SIDES } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";
import "./ledger";

class HowDialog extends Panel {
  static override styles = [
    base,
    css`
      dialog {
        width: min(640px, calc(100vw - 48px));
        max-height: calc(100vh - 80px);
        padding: 0;
        border: 0;
        border-radius: 18px;
        color: var(--ink);
        background: #fdfcf9;
        box-shadow: 0 20px 60px rgb(31 41 51 / 0.3);
      }
      dialog::backdrop {
        background: rgb(31 41 51 / 0.28);
      }
      header {
        display: flex;
        justify-content: space-between;
        align-items: center;
        padding: 18px 14px 6px 26px;
      }
      h1 {
        font-size: 20px;
        font-weight: 680;
      }
      .body {
        padding: 0 26px 26px;
        display: grid;
        gap: 18px;
      }
      h2 {
        padding-bottom: 4px;
      }
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: 13px;
      }
      th,
      td {
        text-align: left;
        padding: 6px 12px 6px 0;
        border-bottom: 1px solid var(--line);
        font-weight: 400;
        vertical-align: top;
      }
      thead th {
        color: var(--ink-2);
        font-size: 12px;
      }
      li {
        padding: 2px 0 2px 14px;
        text-indent: -14px;
        font-size: 13px;
      }
      li::before {
        content: "– ";
        color: var(--ink-2);
      }
    `,
  ];

  override render(): TemplateResult {
    const { dialog, city } = session.state;
    return html`<dialog aria-labelledby="title" @close=${() => session.set({ dialog: null })} @cancel=${(event: Event) => (event.preventDefault(), session.set({ dialog: null }))}>
      ${dialog === "how"
        ? html`<header>
              <h1 id="title">${t("how.title")}</h1>
              <button class="icon" aria-label=${t("close")} @click=${() => session.set({ dialog: null })}>${icon("close")}</button>
            </header>
            <div class="body">
              <p>${t(isHot() ? "how.model.heat" : isTraffic() ? "how.model.traffic" : "how.model")}</p>
              <div>
                <h2>${t("how.closure")}</h2>
                <p class="quiet small">${t(isHot() ? "how.closure.energy" : isTraffic() ? "how.closure.vehicles" : "how.closure.why")}</p>
                <bxl-ledger></bxl-ledger>
              </div>
              ${this.assumed()}
              <div>
                <h2>${t("how.sources")}</h2>
                <table>
                  <thead>
                    <tr>
                      <th scope="col">${t("how.part")}</th>
                      <th scope="col">${t("how.source")}</th>
                      <th scope="col">${t("how.vintage")}</th>
                      <th scope="col">${t("how.licence")}</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${(city?.sources ?? []).map(
                      ({ part, title, vintage, licence }) => html`<tr>
                        <th scope="row">${part}</th>
                        <td>${title}</td>
                        <td>${vintage}</td>
                        <td>${licence}</td>
                      </tr>`,
                    )}
                  </tbody>
                </table>
              </div>
              ${city?.demo ? html`<p class="small quiet">${t("how.demo")}</p>` : nothing}
            </div>`
        : nothing}
    </dialog>`;
  }

  override updated(_changed: PropertyValues): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (!dialog) return;
    if (session.state.dialog && !dialog.open) dialog.showModal();
    if (!session.state.dialog && dialog.open) dialog.close();
  }

  /** What a run takes for granted, in the words that its result keeps; A and B are told apart where they differ. */
  private assumed(): TemplateResult | typeof nothing {
    const sides = SIDES.filter((side) => session.state[side].result);
    const kept = sides.map((side) => ((session.state[side].result?.manifest.assumptions ?? []) as (Words | string)[]).map((one) => say(one)));
    const all = [...new Set(kept.flat())];
    if (all.length === 0) return nothing;
    return html`<div>
      <h2>${t("how.assumed")}</h2>
      <ul>
        ${all.map((one) => {
          const own = sides.filter((_, i) => kept[i]!.includes(one));
          return html`<li>${own.length < sides.length ? own.map((side) => html`<span class="letter ${side}">${side.toUpperCase()}</span> `) : nothing}${one}</li>`;
        })}
      </ul>
    </div>`;
  }
}

customElements.define("bxl-dialog", HowDialog);
