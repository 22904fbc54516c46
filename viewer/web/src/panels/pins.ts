/** What one can do with a point, whatever is asked of it: pin it, read it as a table, save it, go to another one. */

import { css, html, nothing, type TemplateResult } from "lit";
import { t } from "../core/i18n";
import { type PinnedPoint, type Probe, session, view } from "../core/state";
import { icon } from "./icons";
import { stage } from "./stage";

export const pinning = css`
  nav {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 10px 8px 0 0;
  }
  nav button {
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 4px 10px;
    min-height: 32px;
    font-size: 12.5px;
  }
  nav [aria-pressed="true"] {
    background: var(--iris-wash);
    box-shadow: inset 0 0 0 1px var(--iris);
  }
  .pins {
    padding-top: 8px;
    border-top: 1px solid var(--line);
  }
  .pins button {
    min-width: 34px;
    justify-content: center;
    font-weight: 650;
  }
  .pins [aria-pressed="true"] {
    background: var(--ink);
    color: #fff;
    box-shadow: none;
  }
`;

/** The row of deeds, with table and file where something is known of the point, and the pinned points below it. */
export function deeds({ at }: Probe, known: boolean, asTable: boolean, act: { table: () => void; csv: () => void }): TemplateResult {
  const pinned = stage.planner?.probing.letterOf(at) ?? null;
  const full = !pinned && view.state.probes.length >= 5;
  return html`<nav aria-label=${t("point.deeds")}>
      <button class="plain" data-pin aria-pressed=${pinned !== null} ?disabled=${full} @click=${() => stage.planner?.probing.pin()}>${icon("pin", 16)}${t(pinned ? "point.unpin" : "point.pin")}</button>
      ${known
        ? html`<button class="plain" data-table aria-pressed=${asTable} @click=${act.table}>${icon("table", 16)}${t("point.as_table")}</button>
            <button class="plain" data-csv @click=${act.csv}>${icon("save", 16)}<span translate="no">CSV</span></button>`
        : nothing}
    </nav>
    ${pins(at)}`;
}

function pins(at: Probe["at"]): TemplateResult | typeof nothing {
  const { probes } = view.state;
  if (probes.length === 0) return nothing;
  const here = (one: PinnedPoint): boolean => one.at[0] === at[0] && one.at[1] === at[1];
  return html`<nav class="pins" aria-label=${t("point.pins")}>
    ${probes.map((one) => html`<button class="plain" data-letter=${one.letter} aria-pressed=${here(one)} aria-label=${t("point.letter", { letter: one.letter })} @click=${() => void stage.planner?.probing.open(one.at)}>${one.letter}</button>`)}
  </nav>`;
}

/** Hand a table to the browser as a file; one of the demo district says so in its name. */
export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = `${session.state.city?.demo ? "demo-" : ""}${name}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
