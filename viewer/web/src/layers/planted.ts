/** What B plants and stretches: new trees in fresh green, and sails of cloth on their posts. */

import { BufferAttribute, BufferGeometry, CylinderGeometry, DoubleSide, Group, type InstancedMesh, type Material, Mesh, MeshBasicMaterial, MeshLambertMaterial, RingGeometry, ShapeUtils, Vector2 } from "three";
import type { Crown } from "../core/crowns";
import type { Edit, Point } from "../core/state";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";
import { grove } from "./trees";

const B = 0xb84a14;
const CLOTH = 0xf3e7cf;
/** Fresh leaves: told from the paler trees that were there. */
const [LEAF, DEEP_LEAF] = ["#a9c46c", "#86a94c"];
const POST_M = 0.16;

export interface Planted {
  world: World;
  terrain: Terrain;
  group: Group;
  visible: boolean;
}

export function add(world: World, terrain: Terrain): Planted {
  const layer: Planted = { world, terrain, group: new Group(), visible: true };
  world.scene.add(layer.group);
  world.sides.add((side) => {
    layer.group.visible = layer.visible && (side === "b" || world.split === null);
  });
  return layer;
}

export function update(layer: Planted, change: { visible: boolean } | { trees: readonly Crown[]; edits: readonly Edit[] }): void {
  if ("visible" in change) layer.visible = change.visible;
  else {
    clear(layer.group);
    if (change.trees.length) layer.group.add(...grove(change.trees, LEAF, DEEP_LEAF), ...change.trees.map((tree) => foot(tree)));
    for (const { edit, points, values } of change.edits) if (edit === "shade_sail") layer.group.add(...sail(layer.terrain, points, Number(values.height_m)));
  }
  layer.world.requestShadows();
}

export function remove(layer: Planted): void {
  clear(layer.group);
  layer.world.scene.remove(layer.group);
  layer.world.requestShadows();
}

function clear(group: Group): void {
  for (const child of [...group.children] as (Mesh | InstancedMesh)[]) {
    child.geometry.dispose();
    (child.material as Material).dispose();
    group.remove(child);
  }
}

/** A ring in B's colour on the ground about a new tree. */
function foot({ x, y, z, width }: Crown): Mesh {
  const outer = Math.max(1.1, width * 0.28);
  const material = new MeshBasicMaterial({ color: B, transparent: true, opacity: 0.7, depthWrite: false, polygonOffset: true, polygonOffsetFactor: -1, polygonOffsetUnits: -6, side: DoubleSide });
  const ring = new Mesh(new RingGeometry(outer - 0.45, outer, 28), material);
  ring.position.set(x, y, z + 0.3);
  return ring;
}

/** A level cloth over a polygon, on a post at each corner. */
export function sail(terrain: Terrain, points: readonly Point[], height: number, draft = false): Mesh[] {
  const ring = points.map(([x, y]) => new Vector2(x, y));
  if (ShapeUtils.isClockWise(ring)) ring.reverse();
  const feet = ring.map(({ x, y }) => terrain.height(x, y));
  const top = feet.reduce((sum, z) => sum + z, 0) / feet.length + height;
  const place: number[] = [];
  for (const face of ShapeUtils.triangulateShape(ring, [])) for (const k of face) place.push(ring[k].x, ring[k].y, top);
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(place), 3));
  geometry.computeVertexNormals();
  const cloth = new Mesh(
    geometry,
    draft ? new MeshBasicMaterial({ color: B, transparent: true, opacity: 0.4, side: DoubleSide }) : new MeshLambertMaterial({ color: CLOTH, side: DoubleSide }),
  );
  cloth.castShadow = !draft;
  const posts = ring.map(({ x, y }, i) => {
    const post = new Mesh(new CylinderGeometry(POST_M, POST_M, top - feet[i], 6).rotateX(Math.PI / 2), draft ? new MeshBasicMaterial({ color: B }) : new MeshLambertMaterial({ color: B }));
    post.position.set(x, y, (top + feet[i]) / 2);
    return post;
  });
  return [cloth, ...posts];
}
