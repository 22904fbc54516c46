/** The handle between A and B: drag it, or move it by keys; under it the picture is cut in two. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { percent } from "../core/format";
import { t } from "../core/i18n";
import { session, view } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";

class Swipe extends Panel {
  static override styles = [
    base,
    css`
      :host {
        position: absolute;
        inset: 0;
        pointer-events: none;
        overflow: hidden;
      }
      .handle {
        position: absolute;
        top: 0;
        bottom: 0;
        width: 44px;
        margin-left: -22px;
        pointer-events: auto;
        cursor: ew-resize;
        touch-action: none;
      }
      .handle::before {
        content: "";
        position: absolute;
        inset: 0 50%;
        width: 3px;
        margin-left: -1.5px;
        background: linear-gradient(90deg, var(--a) 0 50%, var(--b) 50%);
        box-shadow: 0 0 0 1px rgb(255 255 255 / 0.7);
      }
      .grip {
        position: absolute;
        top: 46%;
        left: 50%;
        translate: -50% -50%;
        display: flex;
        align-items: center;
        padding: 5px;
        gap: 1px;
        border-radius: 24px;
        background: #fff;
        box-shadow: var(--shadow);
      }
      .grip .letter {
        width: 26px;
        height: 26px;
        border-radius: 50%;
      }
      .handle:focus-visible {
        outline: none;
      }
      .handle:focus-visible .grip {
        outline: 2.5px solid var(--iris);
        outline-offset: 2px;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { swipe } = view.state;
    if (swipe === null || !session.state.city) return nothing;
    return html`<div
      class="handle"
      role="slider"
      tabindex="0"
      aria-label=${t("swipe.label")}
      aria-orientation="horizontal"
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.round(swipe * 100)}
      aria-valuetext=${t("swipe.value", { share: percent(swipe) })}
      @pointerdown=${(event: PointerEvent) => (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)}
      @pointermove=${(event: PointerEvent) => event.buttons && this.move((event.clientX - this.getBoundingClientRect().left) / this.clientWidth)}
      @keydown=${(event: KeyboardEvent) => this.key(event, swipe)}
    >
      <div class="grip"><span class="letter a">A</span>${icon("swipe", 18)}<span class="letter b">B</span></div>
    </div>`;
  }

  override updated(_changed: PropertyValues): void {
    const handle = this.renderRoot.querySelector<HTMLElement>(".handle");
    if (handle) handle.style.left = `${(view.state.swipe ?? 0) * 100}%`;
  }

  private move(share: number): void {
    // As fine as a link says it.
    view.set({ swipe: Math.round(Math.min(0.98, Math.max(0.02, share)) * 1000) / 1000 });
  }

  private key(event: KeyboardEvent, swipe: number): void {
    const steps: Record<string, number> = { ArrowLeft: swipe - 0.02, ArrowRight: swipe + 0.02, PageUp: swipe + 0.1, PageDown: swipe - 0.1, Home: 0.02, End: 0.98 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.move(steps[event.key]);
  }
}

customElements.define("bxl-swipe", Swipe);
