/** What was clicked: a building, a street, or a point on the ground with its water, its heat or what one reaches. */

import { css, html, nothing, type TemplateResult } from "lit";
import { number } from "../core/format";
import { cityName, type Key, t } from "../core/i18n";
import { isEnergy, isHot, isTraffic } from "../core/moments";
import { type Probe, type Reach, session, type StreetAsked, view } from "../core/state";
import { WORKS } from "../core/works";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { stage } from "./stage";
import "./heat_probe";
import "./probe";
import "./reach";
import "./street";
import { streetName } from "./street_words";
import "./street_works";

/** Attributes that people understand, in the order of their interest; all others stay in the table of the server. */
const SHOWN: readonly [name: string, key: Key, units: string, digits: number][] = [
  ["use", "building.use", "", 0],
  ["storeys", "building.storeys", "", 0],
  ["ridge_height", "building.ridge", "m", 1],
  ["eaves_height", "building.eaves", "m", 1],
  ["ground_z", "building.ground", "m TAW", 1],
  ["roof_area", "building.roof", "m²", 0],
  ["volume", "building.volume", "m³", 0],
  ["quality", "building.quality", "", 0],
];

class Inspector extends Panel {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        pointer-events: none;
      }
      aside {
        min-height: 0;
        padding: 14px 10px 16px 18px;
        overflow-y: auto;
        scrollbar-width: thin;
        pointer-events: auto;
      }
      header {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: start;
        padding-bottom: 8px;
      }
      h2 {
        font-size: 16px;
        line-height: 1.3;
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0;
        padding-right: 8px;
      }
      dt,
      dd {
        padding: 5px 0;
        border-top: 1px solid var(--line);
      }
      dt {
        color: var(--ink-2);
      }
      .reach {
        display: flex;
        align-items: center;
        gap: 8px;
        width: calc(100% - 8px);
        margin-top: 10px;
        text-align: left;
      }
      dd {
        padding-left: 14px;
        text-align: right;
        font-weight: 550;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { selected } = view.state;
    const { tool, reach, street } = session.state;
    if (tool && WORKS[tool].shape === "streets") return this.works();
    if (reach) return this.reached(reach);
    if (selected) return this.building(selected);
    if (street) return this.street(street);
    return session.state.probe ? this.point(session.state.probe) : nothing;
  }

  private close(): void {
    const { tool, reach } = session.state;
    if (tool) session.set({ tool: null, chosen: [], draft: [] });
    else if (reach) stage.planner?.leaveReach();
    else {
      view.set({ selected: null, street: null });
      session.set({ probe: null });
    }
  }

  private works(): TemplateResult {
    const { tool } = session.state;
    return this.frame(t(`tool.${tool!}` satisfies Key), t("street.works"), html`<bxl-street-works></bxl-street-works>`);
  }

  private street({ street }: StreetAsked): TemplateResult {
    const kind = KINDS[street.kind.replace(/_(link|tunnel|below)$/, "")];
    const facts = [kind ? t(kind) : street.kind, t(street.oneway ? "street.one_way" : street.lanes > 1 ? "street.lanes" : "street.lane", { count: number(street.lanes) })];
    if (street.speed !== null) facts.push(`${number(street.speed)} km/h`);
    return this.frame(streetName(street), facts.join(" · "), html`<bxl-street></bxl-street>`);
  }

  private reached({ at }: Reach): TemplateResult {
    const { origin } = session.state.city!;
    return this.frame(t("reach.title"), t("point.place", { x: number(at[0] + origin[0]), y: number(at[1] + origin[1]) }), html`<bxl-reach></bxl-reach>`);
  }

  private frame(title: string, sub: string | TemplateResult, body: TemplateResult): TemplateResult {
    return html`<aside class="card" aria-label=${t("inspector.label")}>
      <header>
        <div>
          <h2>${title}</h2>
          <p class="quiet small">${sub}</p>
        </div>
        <button class="icon" aria-label=${t("close")} title=${t("close")} @click=${() => this.close()}>${icon("close")}</button>
      </header>
      ${body}
    </aside>`;
  }

  private point({ at, ground }: Probe): TemplateResult {
    const { origin } = session.state.city!;
    const letter = stage.planner?.probing.letterOf(at);
    const sub = t("point.place", { x: number(at[0] + origin[0]), y: number(at[1] + origin[1]) });
    const level = t("point.ground", { value: number(ground, 2) });
    return this.frame(letter ? t("point.letter", { letter }) : t("point.title"), html`${sub}<br />${level}`, html`${isTraffic() ? nothing : isHot() ? html`<bxl-heat-probe></bxl-heat-probe>` : html`<bxl-probe></bxl-probe>`}
      <button class="plain reach" data-reach @click=${() => stage.planner?.askReach(at, "walk")}>${icon("people", 18)}${t("reach.ask")}</button>`);
  }

  private building(id: string): TemplateResult {
    const { building } = session.state;
    const rows = SHOWN.flatMap(([name, key, units, digits]) => {
      const value = building?.[name];
      if (value === null || value === undefined || value === "" || value === -1) return [];
      const words = typeof value === "number" ? `${number(value, digits)} ${units}` : useWords(name, String(value));
      return [html`<dt>${t(key)}</dt><dd>${words}</dd>`];
    });
    const title = cityName(String(building?.name || "")) || t("building.title");
    return this.frame(title, id, building ? html`${isEnergy() ? html`<bxl-energy-card></bxl-energy-card>` : nothing}<dl>${rows}</dl>` : html`<p class="quiet">${t("loading")}</p>`);
  }
}

const KINDS: Readonly<Record<string, Key>> = {
  motorway: "kind.motorway",
  trunk: "kind.motorway",
  primary: "kind.primary",
  secondary: "kind.secondary",
  tertiary: "kind.tertiary",
  unclassified: "kind.residential",
  residential: "kind.residential",
  living_street: "kind.living_street",
  pedestrian: "kind.pedestrian",
  service: "kind.service",
  footway: "kind.footway",
  path: "kind.footway",
  steps: "kind.footway",
  cycleway: "kind.cycleway",
};

const USES: Readonly<Record<string, Key>> = {
  residential: "use.residential",
  office: "use.office",
  retail: "use.retail",
  education: "use.education",
  worship: "use.worship",
  transport: "use.transport",
  annex: "use.annex",
  other: "use.other",
};

function useWords(name: string, value: string): string {
  return name === "use" && value in USES ? t(USES[value]) : value;
}

customElements.define("bxl-inspector", Inspector);
