/** "How do we know?": closure of each run, sources and licences. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { power } from "../core/format";
import { t } from "../core/i18n";
import { session, type Side, SIDES } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";

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
      .closure {
        display: flex;
        gap: 9px;
        align-items: center;
        min-height: 30px;
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
              <p>${t("how.model")}</p>
              <div>
                <h2>${t("how.closure")}</h2>
                <p class="quiet small">${t("how.closure.why")}</p>
                ${SIDES.map((side) => this.closure(side))}
                ${SIDES.every((side) => !session.state[side].result) ? html`<p class="small">${t("how.none")}</p>` : nothing}
              </div>
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

  private closure(side: Side): TemplateResult | typeof nothing {
    const { result } = session.state[side];
    const error = result && findMassError(result.manifest);
    if (!result || error === null) return nothing;
    return html`<p class="closure"><span class="letter ${side}">${side.toUpperCase()}</span>${t("how.mass", { error: power(error) })}</p>`;
  }
}

/** The relative mass error that the kernel wrote into the manifest, wherever the engine laid its closure. */
function findMassError(node: unknown, name = ""): number | null {
  if (typeof node === "number") return name === "error" || name === "mass_error" ? node : null;
  if (typeof node !== "object" || node === null) return null;
  for (const [key, child] of Object.entries(node)) {
    const found = findMassError(child, key);
    if (found !== null) return found;
  }
  return null;
}

customElements.define("bxl-dialog", HowDialog);
