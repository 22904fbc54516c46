/** Where the water or the energy came from and where it went, account by account, A beside B. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { clock, figure, number, percent, power } from "../core/format";
import { type Key, say, t } from "../core/i18n";
import { type Account, type Closure, closureOf, largest, type Section, sections } from "../core/ledger";
import { session, type Side, SIDES } from "../core/state";
import { base, Panel } from "./base";

const SCHEMES: Record<string, Key> = { fv2: "how.scheme.fv2", fv1: "how.scheme.fv1", inertia: "how.scheme.inertia" };

/** What each kind of closure is called, and in what it is counted. */
const WORDS: Readonly<Record<string, { closed: Key; title: Key; units: string }>> = {
  mass: { closed: "how.mass", title: "ledger.title", units: "m³" },
  energy: { closed: "how.energy", title: "ledger.title.energy", units: "TJ" },
  vehicles: { closed: "how.vehicles", title: "ledger.title.vehicles", units: "" },
};

class Ledger extends Panel {
  static override styles = [
    base,
    css`
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: 13px;
        margin-top: 6px;
      }
      th,
      td {
        padding: 5px 0 5px 12px;
        border-bottom: 1px solid var(--line);
        font-weight: 400;
        text-align: right;
        white-space: nowrap;
        vertical-align: middle;
      }
      th:first-child {
        padding-left: 0;
        text-align: left;
        white-space: normal;
      }
      .kind th {
        padding-top: 12px;
        border-bottom-color: #b9b2a5;
        font-weight: 650;
      }
      thead th,
      thead td {
        border: 0;
        padding-bottom: 0;
      }
      .bar {
        width: 30%;
        padding-left: 16px;
      }
      .bar i {
        display: block;
        height: 7px;
        border-radius: 3.5px;
        min-width: 2px;
      }
      .bar i + i {
        margin-top: 2px;
      }
      .bar i.a {
        background: var(--a);
      }
      .bar i.b {
        background: var(--b);
      }
      .moved i {
        opacity: 0.45;
      }
      .closed {
        display: flex;
        align-items: center;
        gap: 9px;
        min-height: 28px;
      }
      .how {
        padding-left: 31px;
      }
      .warning {
        margin: 4px 0 6px 31px;
        padding: 7px 12px;
        border-left: 4px solid var(--worse);
        background: #fff;
        font-size: 13px;
      }
      @media (max-width: 560px) {
        .bar {
          display: none;
        }
      }
    `,
  ];

  override render(): TemplateResult {
    const sides = SIDES.filter((side) => closureOf(session.state[side].result));
    if (sides.length === 0) return html`<p class="small">${t("how.none")}</p>`;
    const closures = sides.map((side) => closureOf(session.state[side].result));
    const all = sections(closures, session.state.catalogue);
    const most = largest(all);
    const { closed, title, units } = WORDS[closures[0]!.kind] ?? WORDS.mass;
    return html`${sides.map((side, i) => html`<p class="closed"><span class="letter ${side}">${side.toUpperCase()}</span>${t(closed, { error: power(closures[i]!.error) })}</p>
          ${this.made(closures[i]!)}`)}
      <table>
        <caption class="sr">${t(title)}</caption>
        <thead>
          <tr>
            <th><span class="sr">${t("ledger.account")}</span></th>
            ${sides.map((side) => html`<th scope="col"><span class="letter ${side}">${side.toUpperCase()}</span> ${units}</th>`)}
            <td class="bar" aria-hidden="true"></td>
          </tr>
        </thead>
        ${all.map((section) => this.section(section, sides, most))}
      </table>`;
  }

  override updated(_changed: PropertyValues): void {
    for (const bar of this.renderRoot.querySelectorAll<HTMLElement>(".bar i")) bar.style.width = `${Number(bar.dataset.share) * 100}%`;
  }

  /** How a result was made: scheme, steps, what held the step back; a warning where the scheme was not made for it. */
  private made({ remarks = {} }: Closure): TemplateResult {
    const { scheme, steps, shortest_step_s: shortest, shortest_step_at_s: at, shortest_step_x: x, shortest_step_y: y } = remarks;
    const known = scheme !== undefined && scheme in SCHEMES;
    return html`${known || steps ? html`<p class="how small quiet">${known ? t(SCHEMES[scheme]!) : scheme}${steps ? ` · ${t("how.steps", { steps: number(steps) })}` : nothing}</p>` : nothing}
    ${shortest && x !== undefined && y !== undefined
      ? html`<p class="how small quiet">${t("how.shortest", { step: figure(shortest), at: clock(at ?? 0), x: number(x), y: number(y) })}</p>`
      : nothing}
    ${remarks.sky ? html`<p class="how small quiet">${t(remarks.sky === "isotropic" ? "how.sky.even" : "how.sky.perez")}</p>` : nothing}
    ${remarks.screening_exceeded ? html`<p class="warning" role="note">${t("how.screening", { share: percent(remarks.fast_share ?? 0, 1) })}</p>` : nothing}`;
  }

  private section({ kind, words, accounts }: Section, sides: readonly Side[], most: number): TemplateResult {
    return html`<tbody class=${kind}>
      <tr class="kind">
        <th scope="rowgroup" colspan=${sides.length + 2}>${t(words)}</th>
      </tr>
      ${accounts.map((account) => this.account(account, sides, most))}
    </tbody>`;
  }

  private account({ name, words, values }: Account, sides: readonly Side[], most: number): TemplateResult {
    return html`<tr data-account=${name}>
      <th scope="row">${say(words)}</th>
      ${values.map((value) => html`<td>${value === null ? "–" : read(name, value)}</td>`)}
      <td class="bar" aria-hidden="true">
        ${values.map((value, i) => (value === null ? nothing : html`<i class=${sides[i]} data-share=${Math.abs(value) / most}></i>`))}
      </td>
    </tr>`;
  }
}

/** Joules as terajoules, cubic metres as they are. */
function read(name: string, value: number): string {
  const shown = name.startsWith("energy_") ? value / 1e12 : value;
  return name.startsWith("energy_") ? figure(shown) : number(shown, Math.abs(shown) < 10 && !name.startsWith("vehicles_") ? 2 : 0);
}

customElements.define("bxl-ledger", Ledger);
