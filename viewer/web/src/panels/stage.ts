/** What the panels may ask of the stage; set once by the page, and by the panels of energy when they have come. */

import type { Planner } from "../core/planner";
import type { Edit } from "../core/state";

export const stage: { planner: Planner | null; describeForm: ((edit: Edit) => string) | null } = { planner: null, describeForm: null };
