/** What nobody needs while the page opens: runs and their water, points, and the hand that draws. Fetched beside the city. */

export * as edits from "../layers/edits";
export * as flow from "../layers/flow";
export * as planted from "../layers/planted";
export * as probes from "../layers/probes";
export * as sectors from "../layers/sectors";
export * as water from "../layers/water";
export { DrawingHand } from "./draw";
export { Places } from "./places";
export { Probing } from "./probing";
export { Reach } from "./reach";
export { Runs } from "./runs";
export { Traffic } from "./traffic";
export { workOnTree } from "./tree_hand";
