/** Trees: one trunk and one faceted crown, drawn as often as there are trees. */

import { Color, CylinderGeometry, Group, IcosahedronGeometry, InstancedMesh, Matrix4, MeshLambertMaterial, Quaternion, Vector3 } from "three";
import type { Trees as Table } from "../core/api";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

/** Beyond this many, crowns have 20 facets instead of 80. */
const MANY = 2_500;

export interface Trees {
  world: World;
  group: Group;
}

export function add(world: World, table: Table, terrain: Terrain): Trees {
  const { columns, count } = table;
  const crown = new IcosahedronGeometry(0.5, count > MANY ? 0 : 1);
  const trunk = new CylinderGeometry(0.5, 0.7, 1, 5, 1, true).rotateX(Math.PI / 2).translate(0, 0, 0.5);
  const crowns = new InstancedMesh(crown, new MeshLambertMaterial({ flatShading: true }), count);
  const trunks = new InstancedMesh(trunk, new MeshLambertMaterial({ color: 0xb9ab97 }), count);
  const [matrix, turn, up] = [new Matrix4(), new Quaternion(), new Vector3(0, 0, 1)];
  const [pale, deep] = [new Color(0xd3d6bd), new Color(0xb4bf9d)];
  for (let i = 0; i < count; i++) {
    const [x, y] = [columns.x[i] ?? 0, columns.y[i] ?? 0];
    const z = columns.z[i] ?? terrain.height(x, y);
    const height = columns.height[i] ?? 8;
    const width = columns.crown_diameter[i] ?? height * 0.5;
    const base = Math.min(columns.crown_base[i] ?? height * 0.3, height * 0.8);
    const chance = Math.abs(Math.sin(x * 12.9898 + y * 78.233) * 43758.5453) % 1;
    turn.setFromAxisAngle(up, chance * 6.28);
    matrix.compose(new Vector3(x, y, z + (base + height) / 2), turn, new Vector3(width, width, height - base));
    crowns.setMatrixAt(i, matrix);
    crowns.setColorAt(i, pale.clone().lerp(deep, chance));
    const thick = Math.max(0.2, height * 0.03);
    matrix.compose(new Vector3(x, y, z - 0.3), turn, new Vector3(thick, thick, base + (height - base) * 0.3));
    trunks.setMatrixAt(i, matrix);
  }
  crowns.castShadow = true;
  crowns.receiveShadow = true;
  const group = new Group();
  group.add(crowns, trunks);
  world.scene.add(group);
  world.requestShadows();
  return { world, group };
}

export function update(layer: Trees, change: { visible: boolean }): void {
  layer.group.visible = change.visible;
  layer.world.requestShadows();
}

export function remove(layer: Trees): void {
  layer.world.scene.remove(layer.group);
  for (const child of layer.group.children) (child as InstancedMesh).dispose();
  layer.world.requestShadows();
}
