/** The card of the first ten seconds: where we are, and three big starts, of which those that are not there say so. */

import { css, html, nothing, type TemplateResult } from "lit";
import type { ReadyScenario } from "../core/api";
import { number } from "../core/format";
import { type Key, say, t } from "../core/i18n";
import { rainTotal, stormOf } from "../core/scenario";
import { session, view } from "../core/state";
import { base, Panel } from "./base";
import { type Icon, icon } from "./icons";
import { stage } from "./stage";

interface Coming {
  title: Key;
  story: Key;
  icon: Icon;
}

const COMING: readonly Coming[] = [
  { title: "start.heat", story: "start.heat.why", icon: "heat" },
  { title: "start.street", story: "start.street.why", icon: "street" },
];

class Start extends Panel {
  static override styles = [
    base,
    css`
      section {
        padding: 16px;
        max-width: 780px;
      }
      header {
        display: flex;
        align-items: baseline;
        gap: 10px;
        padding: 0 4px 12px;
      }
      h2 {
        font-size: 17px;
      }
      ul {
        display: grid;
        grid-template-columns: 1.25fr 1fr 1fr;
        gap: 10px;
      }
      button,
      .coming {
        display: grid;
        grid-template-columns: auto 1fr;
        column-gap: 12px;
        align-content: start;
        width: 100%;
        height: 100%;
        padding: 14px;
        text-align: left;
        border-radius: 11px;
      }
      button svg,
      .coming svg {
        grid-row: span 2;
      }
      strong {
        font-size: 15.5px;
        font-weight: 640;
        line-height: 1.3;
      }
      button span {
        opacity: 0.86;
      }
      .coming {
        color: var(--ink-2);
        box-shadow: inset 0 0 0 1px var(--line);
      }
      @media (max-width: 700px) {
        section {
          padding: 12px;
        }
        ul {
          grid-template-columns: 1fr;
          gap: 6px;
        }
        button,
        .coming {
          padding: 9px 12px;
        }
        .coming .small {
          display: none;
        }
      }
      .tag {
        display: inline-block;
        margin-left: 4px;
        padding: 1px 7px;
        border-radius: 20px;
        background: var(--stone);
        font-size: 11px;
        font-weight: 600;
        vertical-align: 2px;
      }
    `,
  ];

  override render(): TemplateResult {
    const { library, catalogue } = session.state;
    const floods = library.filter(({ scenario }) => scenario.kernels.includes("flood")).slice(0, 1);
    return html`<section class="card" aria-labelledby="title">
      <header><h2 id="title">${t("start.title")}</h2></header>
      <ul>
        ${floods.map((ready) => html`<li>${this.ready(ready)}</li>`)}
        ${catalogue && floods.length === 0 ? html`<li>${this.plain()}</li>` : nothing}
        ${COMING.map(
          (one) => html`<li>
            <div class="coming" aria-disabled="true">
              ${icon(one.icon, 26)}
              <strong>${t(one.title)} <span class="tag">${t("start.soon")}</span></strong>
              <span class="small">${t(one.story)}</span>
            </div>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  private ready({ key, name, description, scenario }: ReadyScenario): TemplateResult {
    const { rain } = scenario.forcing;
    const storm = stormOf(rain);
    return html`<button class="primary" data-start=${key} title=${say(description)} @click=${() => this.begin(key)}>
      ${icon("storm", 26)}<strong>${say(name)}</strong>
      <span class="small"
        >${t("start.storm", { total: number(rainTotal(rain)), minutes: number(storm.duration_s / 60) })}</span
      >
    </button>`;
  }

  private plain(): TemplateResult {
    return html`<button class="primary" data-start="plain" @click=${() => this.begin(null)}>
      ${icon("storm", 26)}<strong>${t("start.cloudburst")}</strong>
      <span class="small">${t("start.storm", { total: number(30), minutes: number(30) })}</span>
    </button>`;
  }

  private begin(scenario: string | null): void {
    view.set({ scenario, storm: null });
    stage.planner?.start();
  }
}

customElements.define("bxl-start", Start);
