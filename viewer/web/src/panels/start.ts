/** The card of the first ten seconds: where we are, and the big starts, of which those that are not there say so. */

import { css, html, nothing, type TemplateResult } from "lit";
import type { ReadyScenario } from "../core/api";
import { ENERGY, FELT, mainOf, VOLUME } from "../core/fields";
import { day, hour, number } from "../core/format";
import { type Key, say, t } from "../core/i18n";
import { momentAt } from "../core/moments";
import { floods, rainTotal, stormOf } from "../core/scenario";
import { type Edit, session, view } from "../core/state";
import { change } from "../core/history";
import { type Tool, TOOLS, WORKS } from "../core/works";
import { base, Panel } from "./base";
import { type Icon, icon } from "./icons";
import { stage } from "./stage";

interface Coming {
  title: Key;
  story: Key;
  icon: Icon;
}

const HEAT: Coming = { title: "start.heat", story: "start.heat.why", icon: "heat" };
const STREET: Coming = { title: "start.street", story: "start.street.why", icon: "street" };

class Start extends Panel {
  static override styles = [
    base,
    css`
      :host {
        flex: 1 1 auto;
        max-width: 860px;
        min-width: 0;
      }
      section {
        padding: 16px;
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
        grid-template-columns: repeat(4, minmax(0, 1fr));
        gap: 10px;
      }
      button,
      .coming {
        display: grid;
        grid-template-columns: auto 1fr;
        column-gap: 10px;
        align-content: start;
        align-items: center;
        width: 100%;
        height: 100%;
        padding: 12px;
        text-align: left;
        border-radius: 11px;
      }
      /* Four stand side by side: what each asks runs under its sign and its name. */
      button > .small,
      .coming > .small {
        grid-column: 1 / -1;
        padding-top: 4px;
        line-height: 1.35;
      }
      strong {
        font-size: 15.5px;
        font-weight: 640;
        line-height: 1.3;
      }
      button span {
        opacity: 0.86;
      }
      .hot {
        background: #9f2a52;
        color: #fff;
      }
      .hot:hover:not(:disabled) {
        background: #851f43;
      }
      .driven {
        background: #1e3a6f;
        color: #fff;
      }
      .driven:hover:not(:disabled) {
        background: #172d57;
      }
      .powered {
        background: #0d5c46;
        color: #fff;
      }
      .powered:hover:not(:disabled) {
        background: #0a4a38;
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
    const [storm] = library.filter(({ scenario }) => floods(scenario));
    const [hot] = library.filter(({ scenario }) => mainOf(scenario.kernels) === FELT);
    const [driven] = library.filter(({ scenario }) => mainOf(scenario.kernels) === VOLUME);
    const powered = library.filter(({ scenario }) => mainOf(scenario.kernels) === ENERGY);
    const coming = catalogue ? [...(hot ? [] : [HEAT]), ...(driven ? [] : [STREET])] : [];
    return html`<section class="card" aria-labelledby="title">
      <header><h2 id="title">${t("start.title")}</h2></header>
      <ul>
        ${storm ? html`<li>${this.ready(storm)}</li>` : catalogue ? html`<li>${this.plain()}</li>` : nothing}
        ${hot ? html`<li>${this.hot(hot)}</li>` : nothing}
        ${driven ? html`<li>${this.driven(driven)}</li>` : nothing}
        ${powered.length ? html`<li>${this.powered(powered)}</li>` : nothing}
        ${coming.map(
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
    const storm = stormOf(rain ?? null);
    return html`<button class="primary" data-start=${key} title=${say(description)} @click=${() => this.begin(key)}>
      ${icon("storm", 26)}<strong>${say(name)}</strong>
      <span class="small"
        >${t("start.storm", { total: number(rainTotal(rain ?? null)), minutes: number(storm.duration_s / 60) })}</span
      >
    </button>`;
  }

  private hot({ key, name, description, scenario }: ReadyScenario): TemplateResult {
    return html`<button class="hot" data-start=${key} title=${say(description)} @click=${() => this.begin(key)}>
      ${icon("heat", 26)}<strong>${say(name)}</strong>
      <span class="small">${t("start.heat.day", { day: day(momentAt(scenario.period.duration_s / 2, scenario)) })}</span>
    </button>`;
  }

  private driven({ key, description, scenario }: ReadyScenario): TemplateResult {
    const when = { from: hour(momentAt(0, scenario)), to: hour(momentAt(scenario.period.duration_s, scenario)) };
    return html`<button class="driven" data-start=${key} title=${say(description)} @click=${() => this.begin(key)}>
      ${icon("street", 26)}<strong>${t("start.street")}</strong>
      <span class="small">${t("start.street.day", when)}</span>
    </button>`;
  }

  /** The district as it is, and as B the measures of the first story whose changes the forms of energy know. */
  private powered([today, ...others]: readonly ReadyScenario[]): TemplateResult {
    const rich = others.map(({ scenario }) => scenario.edits.map(formOf)).find((edits) => edits.length > 0 && edits.every((edit) => edit !== null));
    const begin = (): void => {
      if (rich && view.state.edits.length === 0) change(rich as Edit[]);
      this.begin(today.key);
    };
    return html`<button class="powered" data-start=${today.key} title=${say(today.description)} @click=${begin}>
      ${icon("energy", 26)}<strong>${t("start.energy")}</strong>
      <span class="small">${t("start.energy.why")}</span>
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

/** An edit of a document as the page draws it, where a form knows it and it names no place. */
function formOf({ edit, id, ...rest }: Record<string, unknown>): Edit | null {
  const said: Record<string, unknown> = meant(rest);
  if (typeof said.where === "object") said.where = meant(said.where as object);
  const known = TOOLS.includes(edit as Tool) && WORKS[edit as Tool].shape === "form" && !("point" in said || "plant" in said || "polygon" in said || "buildings" in said);
  return known ? { edit: edit as Tool, id: String(id), points: [], buildings: [], values: { said: JSON.stringify(said) } } : null;
}

/** What a part of a document says, without what it leaves as usual. */
function meant(part: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null && value !== false));
}

customElements.define("bxl-start", Start);
