/** The hand on trees: fells the one under a ray, or takes it up and, with the next click, sets it down. */

import type { Ray } from "three";
import { type Crown, crownAt, goneBy, plantedBy } from "./crowns";
import { change, freshId } from "./history";
import { type Point, session, view } from "./state";
import type { Terrain } from "./terrain";

/** Do with a tree what the tool in the hand does; `point` is the ground under the click. */
export function workOnTree(ray: Ray, point: Point | null, crowns: readonly Crown[], terrain: Terrain): void {
  const { tool, chosen, values } = session.state;
  const { edits } = view.state;
  if (!tool) return;
  if (tool === "move_tree" && chosen.length) {
    if (!point) return;
    const to: Point = [Math.round(point[0] * 10) / 10, Math.round(point[1] * 10) / 10];
    // A tree that an edit has set is set by it elsewhere.
    const own = edits.find(({ edit, id, buildings: [name] }) => (edit === "tree" && id === chosen[0]) || (edit === "move_tree" && name === chosen[0]));
    change(own ? edits.map((one) => (one === own ? { ...one, points: [to] } : one)) : [...edits, { edit: tool, id: freshId(tool), points: [to], buildings: chosen, values }]);
    session.set({ chosen: [] });
    return;
  }
  const gone = goneBy(edits);
  const found = crownAt(ray, [...crowns.filter(({ id }) => !gone.has(id)), ...plantedBy(edits, crowns, terrain)]);
  if (!found) return;
  const { id } = found.crown;
  if (tool === "move_tree") session.set({ chosen: [id] });
  else if (edits.some((one) => one.edit === "tree" && one.id === id)) change(edits.filter((one) => one.id !== id));
  else change([...edits.filter(({ edit, buildings: [name] }) => !(edit === "move_tree" && name === id)), { edit: tool, id: freshId(tool), points: [], buildings: [id], values }]);
}
