/** Top right: language, whole city, share, and how we know. */

import { css, html, type TemplateResult } from "lit";
import { LANGUAGE_NAMES, speak, t } from "../core/i18n";
import { type Language, LANGUAGES, session, view } from "../core/state";
import { encode } from "../core/url";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { stage } from "./stage";

class Topbar extends Panel {
  static override styles = [
    base,
    css`
      nav {
        display: flex;
        align-items: center;
        gap: 2px;
        padding: 4px;
      }
      .languages {
        display: flex;
        padding-right: 6px;
        margin-right: 4px;
        border-right: 1px solid var(--line);
      }
      .languages button {
        padding: 7px 9px;
        font-weight: 550;
        color: var(--ink-2);
        text-transform: uppercase;
        font-size: 12.5px;
        letter-spacing: 0.03em;
      }
      .languages [aria-pressed="true"] {
        color: var(--iris);
        background: var(--iris-wash);
      }
    `,
  ];

  override render(): TemplateResult {
    const { language } = view.state;
    return html`<nav class="card" aria-label=${t("top.label")}>
      <div class="languages" role="group" aria-label=${t("top.language")}>
        ${LANGUAGES.map(
          (each) =>
            html`<button lang=${each} aria-pressed=${each === language} aria-label=${LANGUAGE_NAMES[each]} @click=${() => void this.speak(each)}>
              ${each}
            </button>`,
        )}
      </div>
      <button class="icon" title=${t("top.home")} aria-label=${t("top.home")} @click=${() => stage.planner?.home()}>${icon("home")}</button>
      <button class="icon" title=${t("top.share")} aria-label=${t("top.share")} @click=${() => void this.share()}>${icon("share")}</button>
      <button class="icon" title=${t("how.title")} aria-label=${t("how.title")} @click=${() => session.set({ dialog: "how" })}>${icon("how")}</button>
    </nav>`;
  }

  private async speak(language: Language): Promise<void> {
    await speak(language);
    view.set({ language });
  }

  private async share(): Promise<void> {
    const link = `${location.origin}${location.pathname}#${encode(view.state)}`;
    await navigator.clipboard?.writeText(link).catch(() => undefined);
    session.set({ toast: t("top.copied") });
    setTimeout(() => session.set({ toast: null }), 2500);
  }
}

customElements.define("bxl-topbar", Topbar);
