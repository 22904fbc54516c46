/** Streets that are meant: the one that is asked about, those in the hand, those that edits change, and that the ready scenario has changed. */

import { BufferAttribute, BufferGeometry, Mesh, MeshBasicMaterial } from "three";
import type { Street } from "../core/api";
import { ribbon, STATION } from "../core/streets";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

const ABOVE_M = 1;
/** Half of the width of a mark, m, of the pale rim about it, and of the bars across a street that is closed. */
const HALF_M = 2.2;
const RIM_M = 3.6;
const BAR_M = 9;
const COLORS = { rim: 0xffffff, selected: 0x0a4f9e, chosen: 0xb84a14, closed: 0xb84a14, changed: 0xb84a14, standing: 0x3d4852, altered: 0x3d4852 } as const;
export type Mark = keyof typeof COLORS;

export interface StreetMarks {
  world: World;
  terrain: Terrain;
  streets: ReadonlyMap<string, Street>;
  meshes: Partial<Record<Mark, Mesh<BufferGeometry, MeshBasicMaterial>>>;
  marks: Readonly<Record<Mark, readonly string[]>>;
}

export function add(world: World, terrain: Terrain, streets: readonly Street[]): StreetMarks {
  const layer: StreetMarks = { world, terrain, streets: new Map(streets.map((one) => [one.id, one])), meshes: {}, marks: { rim: [], selected: [], chosen: [], closed: [], changed: [], standing: [], altered: [] } };
  world.sides.add((side) => {
    for (const mark of ["closed", "changed"] as const) {
      const mesh = layer.meshes[mark];
      // What edits do is done in B.
      if (mesh) mesh.visible = side === "b" || world.split === null;
    }
  });
  return layer;
}

export function update(layer: StreetMarks, marks: Partial<Record<Mark, readonly string[]>>): void {
  layer.marks = { ...layer.marks, ...marks };
  for (const mark of Object.keys(marks) as Mark[]) {
    drop(layer, mark);
    const shape = shapeOf(layer, layer.marks[mark], mark === "closed" || mark === "standing", mark === "rim" ? RIM_M : HALF_M);
    if (!shape) continue;
    const mesh = new Mesh(shape, new MeshBasicMaterial({ color: COLORS[mark], transparent: true, opacity: mark === "changed" || mark === "altered" ? 0.6 : 0.8, depthWrite: false, polygonOffset: true, polygonOffsetFactor: -6, polygonOffsetUnits: -30, depthTest: false, side: 2 }));
    mesh.renderOrder = mark === "rim" ? 3.5 : 4;
    mesh.frustumCulled = false;
    layer.world.live.add(mesh);
    layer.meshes[mark] = mesh;
  }
  layer.world.requestLive();
}

export function remove(layer: StreetMarks): void {
  for (const mark of Object.keys(layer.meshes) as Mark[]) drop(layer, mark);
  layer.world.requestLive();
}

function drop(layer: StreetMarks, mark: Mark): void {
  const mesh = layer.meshes[mark];
  if (!mesh) return;
  layer.world.live.remove(mesh);
  mesh.geometry.dispose();
  mesh.material.dispose();
  delete layer.meshes[mark];
}

/** A band along the middle of each street; where it is closed, a bar across it near both ends too. */
function shapeOf(layer: StreetMarks, ids: readonly string[], barred: boolean, half: number): BufferGeometry | null {
  const [place, index]: [number[], number[]] = [[], []];
  const corner = (x: number, y: number): void => void place.push(x, y, layer.terrain.height(x, y) + ABOVE_M);
  for (const id of ids) {
    const street = layer.streets.get(id);
    if (!street) continue;
    const stations = ribbon(street.points);
    const count = stations.length / STATION;
    for (let i = 0; i < count; i++) {
      const [x, y, rx, ry] = stations.subarray(i * STATION, (i + 1) * STATION);
      const first = place.length / 3;
      corner(x - rx * half, y - ry * half);
      corner(x + rx * half, y + ry * half);
      if (i > 0) index.push(first - 2, first, first - 1, first - 1, first, first + 1);
    }
    for (const i of barred && count > 1 ? [0, count - 1] : []) {
      const [x, y, rx, ry] = stations.subarray(i * STATION, (i + 1) * STATION);
      const first = place.length / 3;
      for (const [p, q] of [[-1, -1], [1, -1], [-1, 1], [1, 1]]) corner(x + rx * p * BAR_M + ry * q * half, y + ry * p * BAR_M - rx * q * half);
      index.push(first, first + 1, first + 2, first + 2, first + 1, first + 3);
    }
  }
  if (index.length === 0) return null;
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(place), 3));
  geometry.setIndex(place.length / 3 > 65_535 ? new BufferAttribute(new Uint32Array(index), 1) : index);
  return geometry;
}
