/** The page: the map and, around it, the panels; keys and Esc are heard here. */

import { css, html, type TemplateResult } from "lit";
import { cityName, type Key, t } from "../core/i18n";
import { isEnergy } from "../core/moments";
import { Planner } from "../core/planner";
import { session, view } from "../core/state";
import { WORKS } from "../core/works";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { stage } from "./stage";
import "./notice";
import "./rail";
import "./start";
import "./topbar";

/** Panels that nobody needs while the page opens come when it has, or when they are asked for. */
let later: Promise<unknown> | null = null;
const fetchLater = (): void => void (later ??= import("./later"));
/** Those of energy come when a run of it is chosen. */
let energy: Promise<unknown> | null = null;
const fetchEnergy = (): void => {
  if (isEnergy()) energy ??= import("./energy");
};

class PlannerPage extends Panel {
  static override styles = [
    base,
    css`
      :host {
        position: relative;
        height: 100%;
        overflow: hidden;
      }
      .map,
      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        display: block;
        outline-offset: -3px;
        touch-action: none;
      }
      bxl-rail {
        position: absolute;
        left: 16px;
        top: 16px;
        width: 320px;
        max-height: calc(100% - 32px);
      }
      bxl-topbar {
        position: absolute;
        right: 16px;
        top: 16px;
      }
      bxl-inspector,
      bxl-places,
      bxl-gains {
        position: absolute;
        right: 16px;
        top: 72px;
        width: 304px;
        max-height: min(calc(100% - 330px), max(260px, calc(100% - 100px - var(--bottom, 230px))));
      }
      .bottom {
        position: absolute;
        left: 352px;
        right: 16px;
        bottom: 16px;
        display: flex;
        align-items: flex-end;
        justify-content: center;
        gap: 12px;
        pointer-events: none;
      }
      .bottom.wide {
        left: 16px;
      }
      /* Beside the panel of energy there is room for one thing under another. */
      .bottom.beside {
        right: 508px;
        flex-direction: column-reverse;
        align-items: flex-end;
      }
      .bottom.beside bxl-dock {
        width: 100%;
        flex: none;
      }
      .bottom > * {
        pointer-events: auto;
      }
      bxl-dock {
        flex: 1 1 auto;
        max-width: 900px;
        min-width: 0;
      }
      bxl-legend,
      bxl-energy-legend {
        flex: none;
      }
      bxl-balance {
        position: absolute;
        right: 16px;
        top: 72px;
        width: min(480px, calc(100% - 384px));
        max-height: calc(100% - 88px);
      }
      bxl-balance[wide] {
        inset: 16px;
        width: auto;
        max-height: none;
        z-index: 6;
      }
      bxl-notice {
        position: absolute;
        top: 16px;
        left: 50%;
        translate: -50% 0;
        z-index: 5;
      }
      @media (max-width: 700px) {
        bxl-rail {
          left: 8px;
          top: 8px;
          width: calc(100% - 16px);
          max-height: calc(100% - 16px);
          z-index: 4;
        }
        bxl-topbar {
          right: 8px;
          top: 8px;
        }
        .railed bxl-topbar {
          display: none;
        }
        bxl-inspector,
        bxl-places,
        bxl-gains {
          left: 8px;
          right: 8px;
          top: 64px;
          width: auto;
          max-height: calc(55% - 64px);
          z-index: 3;
        }
        .bottom,
        .bottom.wide,
        .bottom.beside {
          left: 8px;
          right: 8px;
          bottom: 8px;
          flex-direction: column-reverse;
          align-items: stretch;
          gap: 8px;
        }
        .bottom bxl-legend,
        .bottom bxl-energy-legend {
          align-self: flex-end;
        }
        bxl-balance {
          left: 8px;
          right: 8px;
          top: 64px;
          width: auto;
          max-height: calc(100% - 72px);
          z-index: 5;
        }
        bxl-balance[wide] {
          inset: 8px;
        }
        .bottom bxl-dock {
          flex: none;
          max-width: none;
        }
        bxl-notice {
          top: 60px;
          width: calc(100% - 16px);
        }
      }
      .drawing {
        position: absolute;
        left: 50%;
        top: 64px;
        translate: -50% 0;
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 6px 6px 6px 16px;
        white-space: nowrap;
        font-weight: 600;
      }
      .cross {
        position: absolute;
        left: 50%;
        top: 50%;
        width: 28px;
        height: 28px;
        margin: -14px;
        pointer-events: none;
        opacity: 0;
        color: var(--b);
      }
      canvas:focus-visible ~ .cross.on {
        opacity: 1;
      }
    `,
  ];

  override firstUpdated(): void {
    const canvas = this.renderRoot.querySelector("canvas")!;
    const planner = new Planner(canvas);
    stage.planner = planner;
    this.follow();
    // The city is centred in what the panels leave free.
    const bottom = this.renderRoot.querySelector(".bottom")!;
    const uncover = (): void => {
      planner.world.setCovered(session.state.rail && innerWidth > 900 ? 336 : 0, bottom.clientHeight);
      this.style.setProperty("--bottom", `${bottom.clientHeight}px`);
    };
    new ResizeObserver(uncover).observe(bottom);
    session.on(["rail"], uncover);
    session.on(["tilesReady", "starting", "a", "dialog", "probe", "street", "reach", "tool"], fetchLater);
    view.on(["selected", "places"], fetchLater);
    session.on(["a", "b", "library"], fetchEnergy);
    view.on(["scenario"], fetchEnergy);
    view.on(["language"], () => this.follow());
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        if (planner.back()) event.preventDefault();
      } else if ((event.composedPath()[0] === canvas || event.ctrlKey || event.metaKey) && planner.key(event)) {
        event.preventDefault();
      }
    });
  }

  override render(): TemplateResult {
    const { city, rail, tool, starting, a, b } = session.state;
    const ran = starting || a.job || a.result || b.result;
    return html`
      <div class="page ${rail ? "railed" : ""}">
      <div class="map">
        <canvas tabindex="0" role="application" aria-label=${t("map.label", { city: city ? cityName(city.name) : "" })} aria-describedby="keys"></canvas>
        <svg class="cross ${tool ? "on" : ""}" viewBox="0 0 28 28" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
          <path d="M14 2v8M14 18v8M2 14h8M18 14h8" />
        </svg>
      </div>
      <p id="keys" class="sr">${t("map.keys")}</p>
      <bxl-rail></bxl-rail>
      <bxl-topbar></bxl-topbar>
      <bxl-swipe></bxl-swipe>
      <bxl-inspector></bxl-inspector>
      <bxl-places></bxl-places>
      <bxl-gains></bxl-gains>
      <bxl-balance></bxl-balance>
      <div class="bottom ${rail ? "" : "wide"} ${view.state.balance && !view.state.selected && isEnergy() ? "beside" : ""}">
        ${city ? (ran ? html`<bxl-dock></bxl-dock>${isEnergy() ? html`<bxl-energy-legend></bxl-energy-legend>` : html`<bxl-legend></bxl-legend>`}` : html`<bxl-start></bxl-start>`) : null}
      </div>
      ${tool && !rail
        ? html`<div class="card drawing">
            <span>${t(`tool.${tool}` satisfies Key)}</span>
            <button class="primary" @click=${() => (WORKS[tool].shape === "form" ? session.set({ rail: true }) : stage.planner?.finish())}>${t("tool.finish")}</button>
            <button class="icon" aria-label=${t("close")} @click=${() => session.set({ tool: null, draft: [], chosen: [] })}>${icon("close")}</button>
          </div>`
        : null}
      <bxl-notice></bxl-notice>
      <bxl-dialog></bxl-dialog>
      </div>
    `;
  }

  private follow(): void {
    document.documentElement.lang = view.state.language;
  }
}

/** Put the page into the document. */
export function open(): void {
  customElements.define("bxl-planner", PlannerPage);
}
