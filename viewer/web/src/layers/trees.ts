/** Trees: one trunk and one faceted crown, drawn as often as there are trees; B draws those it fells no more. */

import { Color, CylinderGeometry, Group, IcosahedronGeometry, InstancedMesh, Matrix4, MeshLambertMaterial, Quaternion, Vector3 } from "three";
import type { Crown } from "../core/crowns";
import type { World } from "../core/world";

/** Beyond this many, crowns have 20 facets instead of 80. */
const MANY = 2_500;
const PALE = "#d3d6bd";
const DEEP = "#b4bf9d";

export interface Trees {
  world: World;
  group: Group;
  /** The trees that B fells, drawn apart so that A keeps them. */
  felled: Group;
  crowns: readonly Crown[];
  gone: ReadonlySet<string>;
  visible: boolean;
}

export function add(world: World, crowns: readonly Crown[]): Trees {
  const layer: Trees = { world, group: new Group(), felled: new Group(), crowns, gone: new Set(), visible: true };
  layer.group.add(...grove(crowns));
  world.scene.add(layer.group, layer.felled);
  world.sides.add((side) => {
    layer.felled.visible = layer.visible && side === "a" && world.split !== null;
  });
  world.requestShadows();
  return layer;
}

export function update(layer: Trees, change: { visible: boolean } | { gone: ReadonlySet<string> }): void {
  if ("visible" in change) {
    layer.visible = layer.group.visible = change.visible;
  } else {
    const same = change.gone.size === layer.gone.size && [...change.gone].every((id) => layer.gone.has(id));
    if (same) return;
    layer.gone = change.gone;
    for (const [group, kept] of [
      [layer.group, layer.crowns.filter(({ id }) => !change.gone.has(id))],
      [layer.felled, layer.crowns.filter(({ id }) => change.gone.has(id))],
    ] as const) {
      clear(group);
      if (kept.length) group.add(...grove(kept));
    }
  }
  layer.world.requestShadows();
}

export function remove(layer: Trees): void {
  layer.world.scene.remove(layer.group, layer.felled);
  for (const group of [layer.group, layer.felled]) clear(group);
  layer.world.requestShadows();
}

export function clear(group: Group): void {
  for (const child of [...group.children] as InstancedMesh[]) {
    child.dispose();
    child.geometry.dispose();
    group.remove(child);
  }
}

/** Crowns and trunks of some trees, two bodies drawn many times. */
export function grove(trees: readonly Crown[], pale = PALE, deep = DEEP): InstancedMesh[] {
  const crown = new IcosahedronGeometry(0.5, trees.length > MANY ? 0 : 1);
  const trunk = new CylinderGeometry(0.5, 0.7, 1, 5, 1, true).rotateX(Math.PI / 2).translate(0, 0, 0.5);
  const crowns = new InstancedMesh(crown, new MeshLambertMaterial({ flatShading: true }), trees.length);
  const trunks = new InstancedMesh(trunk, new MeshLambertMaterial({ color: 0xb9ab97 }), trees.length);
  const [matrix, turn, up] = [new Matrix4(), new Quaternion(), new Vector3(0, 0, 1)];
  const [light, dark] = [new Color(pale), new Color(deep)];
  trees.forEach(({ x, y, z, height, width, base }, i) => {
    const chance = Math.abs(Math.sin(x * 12.9898 + y * 78.233) * 43758.5453) % 1;
    turn.setFromAxisAngle(up, chance * 6.28);
    matrix.compose(new Vector3(x, y, z + (base + height) / 2), turn, new Vector3(width, width, height - base));
    crowns.setMatrixAt(i, matrix);
    crowns.setColorAt(i, light.clone().lerp(dark, chance));
    const thick = Math.max(0.2, height * 0.03);
    matrix.compose(new Vector3(x, y, z - 0.3), turn, new Vector3(thick, thick, base + (height - base) * 0.3));
    trunks.setMatrixAt(i, matrix);
  });
  crowns.castShadow = true;
  crowns.receiveShadow = true;
  return [crowns, trunks];
}
