/** The timeline: rain as bars, how far the run has come, the moment that is shown; play and pause. */

import { css, html, type PropertyValues, svg, type TemplateResult } from "lit";
import { clock, day, hour, number } from "../core/format";
import { t } from "../core/i18n";
import { rainSteps } from "../core/scenario";
import type { ResultInfo, ScenarioDocument } from "../core/api";
import { airOf, isHot, isTraffic, momentAt } from "../core/moments";
import { sunPosition } from "../core/sun";
import { type RainStep, session, SIDES, view } from "../core/state";
import { base, Panel } from "./base";
import { icon } from "./icons";
import { stage } from "./stage";

const BARS = 60;

class Timeline extends Panel {
  static override styles = [
    base,
    css`
      .line {
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        gap: 12px;
      }
      .play {
        width: 40px;
        height: 40px;
        border-radius: 50%;
      }
      .track {
        position: relative;
        height: 46px;
      }
      svg.rain {
        position: absolute;
        inset: 0 8px 14px;
        width: calc(100% - 16px);
        height: 32px;
        overflow: visible;
      }
      .track input {
        position: absolute;
        left: 0;
        right: 0;
        bottom: 3px;
      }
      .bar {
        fill: #9cc2f5;
      }
      .volume {
        fill: #c3bda9;
      }
      .other {
        fill: none;
        stroke: var(--b);
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }
      .hill {
        fill: #f6df9d;
      }
      .air {
        fill: none;
        stroke: #b23a48;
        stroke-width: 1.8;
        vector-effect: non-scaling-stroke;
      }
      .track.lit svg.rain {
        top: 10px;
        height: 28px;
      }
      .track.lit {
        height: 52px;
      }
      .warmest {
        position: absolute;
        top: -6px;
        translate: -50% 0;
        font-size: 11.5px;
        font-weight: 620;
        color: #93283a;
        white-space: nowrap;
      }
      .reach {
        fill: var(--iris);
        opacity: 0.18;
      }
      .peak {
        font-size: 11px;
        fill: var(--ink-2);
      }
      output {
        min-width: 96px;
        text-align: right;
        line-height: 1.25;
      }
      output strong {
        display: block;
        font-size: 19px;
        font-weight: 640;
      }
    `,
  ];

  override render(): TemplateResult {
    const { playing, a, b } = session.state;
    const document = a.document ?? b.document;
    const duration = Math.max(1, a.result?.times.at(-1) ?? b.result?.times.at(-1) ?? document?.period.duration_s ?? 3600);
    const reached = Math.max(a.reached, b.reached);
    const now = view.state.time ?? reached;
    const times = stage.planner?.times() ?? [];
    const busy = SIDES.some((side) => ["queued", "running"].includes(session.state[side].job?.state ?? ""));
    const when = document && (isHot() || isTraffic()) ? momentAt(now, document) : null;
    const words = when ? [hour(when), day(when)] : [clock(now), t("time.of", { end: clock(duration) })];
    return html`<div class="line">
      <button
        class="primary icon play"
        aria-label=${playing ? t("time.pause") : t("time.play")}
        title=${playing ? t("time.pause") : t("time.play")}
        ?disabled=${times.length < 2}
        @click=${() => session.set({ playing: !playing })}
      >
        ${icon(playing ? "pause" : "play")}
      </button>
      <div class="track ${when && isHot() ? "lit" : ""}">
        ${document && isHot() ? this.sunAndAir(document, duration, reached) : isTraffic() ? this.volume(duration, reached) : this.rain(duration, reached)}
        <input
          type="range"
          min="0"
          max=${duration}
          step="any"
          aria-label=${t("time.label")}
          aria-valuetext=${words[0]}
          .value=${String(now)}
          @input=${(event: Event) => this.seek(Number((event.target as HTMLInputElement).value), reached, busy)}
          @keydown=${(event: KeyboardEvent) => this.key(event, now, times)}
        />
      </div>
      <output aria-live="off"><strong>${words[0]}</strong><span class="quiet small">${words[1]}</span></output>
    </div>`;
  }

  override updated(_changed: PropertyValues): void {
    // A range input rounds what it is given to its bounds; the value has to follow the new maximum.
    const { a, b } = session.state;
    const input = this.renderRoot.querySelector("input")!;
    input.value = String(view.state.time ?? Math.max(a.reached, b.reached));
    const warmest = this.renderRoot.querySelector<HTMLElement>(".warmest");
    if (warmest) warmest.style.left = `calc(8px + ${Number(warmest.dataset.share)} * (100% - 16px))`;
  }

  private rain(duration: number, reached: number): TemplateResult {
    const { a, b, design } = session.state;
    const steps = fallen(a.result ?? b.result) ?? design ?? rainSteps((a.document ?? b.document)?.forcing.rain ?? null);
    const at = (time: number): number => steps.findLast((step) => step.time <= time)?.intensity ?? 0;
    const bars = Array.from({ length: BARS }, (_, i) => at(((i + 0.5) / BARS) * duration));
    const peak = Math.max(...bars, 0);
    return html`<svg class="rain" viewBox="0 0 ${BARS} 32" preserveAspectRatio="none" aria-hidden="true">
        ${bars.map((intensity, i) => {
          const height = peak ? (intensity / peak) * 22 : 0;
          return intensity > 0 ? svg`<rect class="bar" x=${i + 0.12} width="0.76" y=${28 - height} height=${height} />` : null;
        })}
        <rect class="reach" x="0" y="29.5" width=${(reached / duration) * BARS} height="2.5" />
      </svg>
      <span class="sr">${t("time.rain", { peak: number(peak, 1) })}</span>`;
  }

  /** The mean volume of all streets, a bar for each moment; B stands as a line over A. */
  private volume(duration: number, reached: number): TemplateResult {
    const { a, b } = session.state;
    const most = Math.max(1, ...[...a.course, ...b.course].map(({ value }) => value));
    const x = (time: number): number => (time / duration) * BARS;
    const y = (value: number): number => 28 - (value / most) * 24;
    const line = b.course.map(({ time, value }) => `${x(time).toFixed(2)} ${y(value).toFixed(2)}`).join("L");
    const before = (i: number): number => a.course[i - 1]?.time ?? 0;
    return html`<svg class="rain" viewBox="0 0 ${BARS} 32" preserveAspectRatio="none" aria-hidden="true">
        ${a.course.map(({ time, value }, i) => svg`<rect class="volume" x=${x(before(i)) + 0.1} width=${Math.max(0.2, x(time) - x(before(i)) - 0.2)} y=${y(value)} height=${28 - y(value)} />`)}
        ${line ? svg`<path class="other" d=${`M${line}`} />` : null}
        <rect class="reach" x="0" y="29.5" width=${(reached / duration) * BARS} height="2.5" />
      </svg>
      <span class="sr">${t("time.volume", { most: number(most) })}</span>`;
  }

  /** The height of the sun as a hill of light, and the temperature of the air as a line over it. */
  private sunAndAir(document: ScenarioDocument, duration: number, reached: number): TemplateResult {
    const steps = Array.from({ length: BARS * 2 + 1 }, (_, i) => (i / (BARS * 2)) * duration);
    const height = (time: number): number => Math.max(0, Math.sin((sunPosition(momentAt(time, document)).elevation * Math.PI) / 180));
    const x = (time: number): string => ((time / duration) * BARS).toFixed(2);
    const hill = steps.map((time) => `L${x(time)} ${(28 - 25 * height(time)).toFixed(2)}`).join("");
    const { a, b } = session.state;
    const known = airOf(a.result ?? b.result).filter(({ time }) => time <= duration);
    const [times, air] = [known.map(({ time }) => time), known.map(({ value }) => value)];
    const [low, high] = [Math.min(...air), Math.max(...air)];
    const y = (value: number): string => (26 - (22 * (value - low)) / Math.max(1, high - low)).toFixed(2);
    const line = times.map((time, i) => `${x(time)} ${y(air[i])}`).join("L");
    const warmest = times[air.indexOf(high)] ?? 0;
    return html`<svg class="rain" viewBox="0 0 ${BARS} 32" preserveAspectRatio="none" aria-hidden="true">
        <path class="hill" d="M0 28${hill}L${BARS} 28Z" />
        ${line ? svg`<path class="air" d=${`M${line}`} />` : null}
        <rect class="reach" x="0" y="29.5" width=${(reached / duration) * BARS} height="2.5" />
      </svg>
      ${line ? html`<span class="warmest" data-share=${warmest / duration} aria-hidden="true">${t("unit.celsius", { value: number(high - 273.15, 1) })}</span>` : null}
      <span class="sr">${line ? t("time.air", { low: number(low - 273.15, 1), high: number(high - 273.15, 1) }) : t("time.sun")}</span>`;
  }

  private seek(time: number, reached: number, busy: boolean): void {
    session.set({ playing: false });
    // At the front of a running computation the picture goes on following it.
    view.set({ time: busy && time >= reached ? null : time });
  }

  private key(event: KeyboardEvent, now: number, times: readonly number[]): void {
    const target =
      event.key === "ArrowRight" ? times.find((time) => time > now + 1e-6) : event.key === "ArrowLeft" ? times.findLast((time) => time < now - 1e-6) : undefined;
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    session.set({ playing: false });
    if (target !== undefined) view.set({ time: target });
  }
}

/** The rain that a result says has fallen. */
function fallen(result: ResultInfo | null): RainStep[] | null {
  const steps = (result?.manifest.rain as { steps_s_mm_h?: [number, number][] } | undefined)?.steps_s_mm_h;
  return steps?.length ? steps.map(([time, intensity]) => ({ time, intensity })) : null;
}

customElements.define("bxl-timeline", Timeline);
