/** The layers of the map, each on or off, and the hour whose light falls on them. */

import { css, html, nothing, type TemplateResult } from "lit";
import { hourOfDay } from "../core/format";
import { type Key, t } from "../core/i18n";
import { isEnergy, isHot, isTraffic } from "../core/moments";
import { LAYERS, type LayerName, view } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";

class LayersPanel extends Panel {
  static override styles = [
    base,
    css`
      section {
        padding: 12px 18px 16px;
        border-top: 1px solid var(--line);
      }
      h2 {
        padding-bottom: 6px;
      }
      ul {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0 12px;
      }
      label {
        display: flex;
        align-items: center;
        gap: 9px;
        min-height: 30px;
        cursor: pointer;
      }
      input[type="checkbox"] {
        appearance: none;
        flex: none;
        width: 17px;
        height: 17px;
        margin: 0;
        border-radius: 5px;
        background: #fff;
        box-shadow: inset 0 0 0 1.5px #b9b2a5;
        cursor: pointer;
        transition: background var(--ease);
      }
      input[type="checkbox"]:checked {
        background: var(--iris) url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 17 17'%3E%3Cpath d='m4.5 8.8 2.8 2.8 5.200-6' fill='none' stroke='white' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E");
        box-shadow: none;
      }
      .sun {
        display: grid;
        grid-template-columns: auto 1fr 44px;
        align-items: center;
        gap: 10px;
        padding-top: 10px;
        color: var(--ink-2);
      }
      output {
        text-align: right;
        color: var(--ink);
      }
    `,
  ];

  override render(): TemplateResult {
    const { hidden, hour } = view.state;
    const hot = isHot() || isEnergy();
    // The same two switches stand for what each kind of run lays on the ground, and for what moves there.
    const own: Partial<Record<LayerName, Key>> = isTraffic() ? { water: "layer.traffic", flow: "layer.vehicles" } : hot ? { water: "layer.map" } : {};
    const label = (name: LayerName): string => t(own[name] ?? (`layer.${name}` satisfies Key));
    return html`<section aria-labelledby="title">
      <h2 id="title">${t("layers.title")}</h2>
      <ul>
        ${LAYERS.filter((name) => !hot || name !== "flow").map(
          (name) => html`<li>
            <label><input type="checkbox" data-layer=${name} .checked=${!hidden.includes(name)} @change=${() => this.toggle(name)} />${label(name)}</label>
          </li>`,
        )}
      </ul>
      ${hot ? nothing : this.light(hour)}
    </section>`;
  }

  /** The hour whose light falls on the model; a hot day has its own, on the timeline. */
  private light(hour: number): TemplateResult {
    return html`<div class="sun">
        ${icon("sun", 18)}
        <input type="range" min="5.5" max="21.5" step="0.25" aria-label=${t("layers.hour")} aria-valuetext=${hourOfDay(hour)} .value=${String(hour)} @input=${(event: Event) => view.set({ hour: Number((event.target as HTMLInputElement).value) })} />
        <output>${hourOfDay(hour)}</output>
      </div>`;
  }

  private toggle(name: LayerName): void {
    const { hidden } = view.state;
    view.set({ hidden: hidden.includes(name) ? hidden.filter((each) => each !== name) : LAYERS.filter((each) => each === name || hidden.includes(each)) });
  }
}

customElements.define("bxl-layers", LayersPanel);
