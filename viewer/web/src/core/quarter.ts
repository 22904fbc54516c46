/** A quarter that nobody drives through: the server proposes its filters, and they become an edit. */

import { api } from "./api";
import { change, freshId } from "./history";
import { t } from "./i18n";
import { reason } from "./problem";
import { type Point, session, view } from "./state";
import { OPENED } from "./works";

const TOOL = "low_traffic_neighbourhood";
/** How long one reads that there is nothing to do, ms. */
const TOLD_MS = 5000;
let waiting = false;

/** Ask for the filters of what is drawn, and put them into B; where there are none, what is drawn stays in the hand. */
export async function calm(points: readonly Point[]): Promise<void> {
  if (waiting) return;
  waiting = true;
  const searching = t("quarter.searching");
  session.set({ toast: searching });
  try {
    const { filters, both_ways: opened } = await api.filters(points);
    if (filters.length === 0) {
      const none = t("quarter.none");
      session.set({ toast: none });
      setTimeout(() => session.state.toast === none && session.set({ toast: null }), TOLD_MS);
      return;
    }
    const buildings = [...filters.map(({ street }) => street), ...opened.map((id) => OPENED + id)];
    change([...view.state.edits, { edit: TOOL, id: freshId(TOOL), points, buildings, values: {} }]);
    session.set({ tool: null, draft: [], chosen: [] });
  } catch (error) {
    session.set({ problem: { what: "problem.quarter", why: reason(error), remedy: "remedy.close", act: () => session.set({ problem: null }) } });
  } finally {
    waiting = false;
    if (session.state.toast === searching) session.set({ toast: null });
  }
}
