/** Hours and days on a clock of the day: two handles by quarter hours, and the days of the week. */

import { css, html, nothing, svg, type TemplateResult } from "lit";
import { clockOf, DAYS, hoursOf, moved, pieces, QUARTERS, quartersOf, toggled, WHOLE_DAY } from "../core/hours";
import { t } from "../core/i18n";
import { session } from "../core/state";
import { base, Panel } from "./base";
import { hoursRead } from "./street_words";

/** Hours that one often wants, each a press away. */
const READY = ["07:00-11:00", "11:00-18:00", "22:00-06:00", WHOLE_DAY] as const;

class Clock extends Panel {
  static override styles = [
    base,
    css`
      .read {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
        padding-bottom: 2px;
      }
      output {
        font-size: 16px;
        font-weight: 640;
      }
      .day {
        position: relative;
        height: 40px;
        margin: 0 8px;
      }
      svg {
        position: absolute;
        inset: 4px 0 auto;
        width: 100%;
        height: 12px;
        border-radius: 4px;
        background: var(--stone);
      }
      rect {
        fill: var(--b);
      }
      .day input {
        position: absolute;
        left: -8px;
        top: -1px;
        width: calc(100% + 16px);
        pointer-events: none;
      }
      .day input::-webkit-slider-runnable-track {
        background: none;
      }
      .day input::-moz-range-track {
        background: none;
      }
      .day input::-webkit-slider-thumb {
        pointer-events: auto;
        background: var(--b);
        box-shadow: 0 0 0 1px var(--b);
      }
      .day input::-moz-range-thumb {
        pointer-events: auto;
        background: var(--b);
        box-shadow: 0 0 0 1px var(--b);
      }
      .hours {
        position: absolute;
        top: 20px;
        left: 0;
        right: 0;
        display: flex;
        justify-content: space-between;
        font-size: 11.5px;
        color: var(--ink-2);
      }
      .hours span {
        width: 0;
        display: flex;
        justify-content: center;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        padding: 2px 0 8px;
      }
      .chips button {
        flex: 1 1 auto;
        min-height: 30px;
        padding: 3px 7px;
        font-size: 12.5px;
        white-space: nowrap;
      }
      .chips [aria-pressed="true"] {
        background: var(--b);
        color: #fff;
        box-shadow: none;
      }
    `,
  ];

  override render(): TemplateResult | typeof nothing {
    const { hours, days } = session.state.values;
    const span = quartersOf(String(hours));
    if (!span) return nothing;
    const [from, to] = span;
    const handle = (which: "from" | "to", quarter: number): TemplateResult => html`<input
      type="range"
      min="0"
      max=${QUARTERS}
      step="1"
      data-clock=${which}
      aria-label=${t(which === "from" ? "hours.from" : "hours.to")}
      aria-valuetext=${clockOf(quarter)}
      .value=${String(quarter)}
      @input=${(event: Event) => this.move(event.target as HTMLInputElement, span, which)}
    />`;
    const names = t("days.short").split(" ");
    const chosen = String(days).split("+");
    return html`<div class="read"><span class="small quiet">${t("hours.label")}</span><output>${hoursRead(String(hours))}</output></div>
      <div class="day">
        <svg viewBox="0 0 ${QUARTERS} 1" preserveAspectRatio="none" aria-hidden="true">
          ${pieces(span).map(([p, q]) => svg`<rect x=${p * QUARTERS} y="0" width=${(q - p) * QUARTERS} height="1" />`)}
        </svg>
        ${handle("from", from)} ${handle("to", to)}
        <p class="hours" aria-hidden="true">${[0, 6, 12, 18, 24].map((hour) => html`<span>${hour}</span>`)}</p>
      </div>
      <div class="chips" role="group" aria-label=${t("hours.ready")}>
        ${READY.map((each) => html`<button class="plain" data-hours=${each} aria-pressed=${each === hours} @click=${() => this.set({ hours: each })}>${hoursRead(each)}</button>`)}
      </div>
      <div class="chips" role="group" aria-label=${t("days.label")}>
        ${DAYS.map((day, i) => html`<button class="plain" data-day=${day} aria-pressed=${chosen.includes(day)} @click=${() => this.set({ days: toggled(String(days), day) })}>${names[i]}</button>`)}
      </div>`;
  }

  private move(input: HTMLInputElement, span: readonly [number, number], which: "from" | "to"): void {
    const next = moved(span, which, Number(input.value));
    input.value = String(next[which === "from" ? 0 : 1]);
    this.set({ hours: hoursOf(...next) });
  }

  private set(values: Record<string, string>): void {
    session.set({ values: { ...session.state.values, ...values } });
  }
}

customElements.define("bxl-clock", Clock);
