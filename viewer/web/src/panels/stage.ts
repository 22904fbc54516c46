/** What the panels may ask of the stage; set once by the page. */

import type { Planner } from "../core/planner";

export const stage: { planner: Planner | null } = { planner: null };
