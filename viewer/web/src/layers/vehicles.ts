/** Vehicles of a run on their way: a box each, with the size of its kind, on the right of its street. */

import { BoxGeometry, BufferAttribute, Color, InstancedMesh, Matrix4, MeshBasicMaterial, Quaternion, Vector3 } from "three";
import type { Street } from "../core/api";
import { type Legs, type Mode, MODES, onTheRoad } from "../core/legs";
import { SIDES, type Side } from "../core/state";
import { along, driven, lineOf, linkOf } from "../core/streets";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

/** Drawn at once on one side, at most. */
const MOST = 4000;
/** From the middle of the street, m. */
const BESIDE_M = 1.9;
const ABOVE_M = 1.1;
/** Vehicles are drawn larger from further off than this, up to so much. */
const NEAR_M = 420;
const LARGEST = 2.2;

/** Length, width, height m; and a calm colour each, so that the ribbons stay the data. */
const LOOKS: Readonly<Record<Mode, readonly [number, number, number, string]>> = {
  car: [4.4, 1.9, 1.5, "#1f2933"],
  van: [5.6, 2.1, 2.3, "#52606d"],
  truck: [9, 2.5, 3.2, "#52606d"],
  bus: [12, 2.6, 3.1, "#0a4f9e"],
  bike: [1.9, 0.8, 1.6, "#0d7f6e"],
  foot: [0.6, 0.6, 1.7, "#0d7f6e"],
};
const COLORS = MODES.map((mode) => new Color(LOOKS[mode][3]));

interface Fleet {
  mesh: InstancedMesh;
  legs: Legs;
  lines: readonly (ReturnType<typeof along> | null)[];
}

export interface Vehicles {
  world: World;
  terrain: Terrain;
  streets: ReadonlyMap<string, Street>;
  fleets: Record<Side, Fleet | null>;
  visible: boolean;
  time: number | null;
}

export function add(world: World, terrain: Terrain, streets: readonly Street[]): Vehicles {
  const layer: Vehicles = { world, terrain, streets: new Map(streets.map((one) => [one.id, one])), fleets: { a: null, b: null }, visible: true, time: null };
  world.sides.add((side) => {
    for (const each of SIDES) {
      const fleet = layer.fleets[each];
      if (fleet) fleet.mesh.visible = layer.visible && layer.time !== null && each === side;
    }
  });
  return layer;
}

export interface Change {
  visible?: boolean;
  side?: Side;
  /** Ways of a side's vehicles and the ids of the links they name; null takes them away. */
  ways?: { legs: Legs; links: readonly string[] } | null;
  /** Moment that is shown, s since the run's start; null shows no vehicles. */
  time?: number | null;
}

export function update(layer: Vehicles, { visible, side, ways, time }: Change): void {
  if (visible !== undefined) layer.visible = visible;
  if (side && ways !== undefined) {
    drop(layer, side);
    if (ways && ways.legs.count > 0) layer.fleets[side] = fleet(layer, ways.legs, ways.links);
  }
  if (time !== undefined) layer.time = time;
  if (layer.visible && layer.time !== null) for (const each of SIDES) drive(layer, each, layer.time);
  layer.world.requestLive();
}

export function remove(layer: Vehicles): void {
  for (const side of SIDES) drop(layer, side);
  layer.world.requestLive();
}

function drop(layer: Vehicles, side: Side): void {
  const before = layer.fleets[side];
  if (!before) return;
  layer.world.live.remove(before.mesh);
  before.mesh.geometry.dispose();
  (before.mesh.material as MeshBasicMaterial).dispose();
  before.mesh.dispose();
  layer.fleets[side] = null;
}

function fleet(layer: Vehicles, legs: Legs, links: readonly string[]): Fleet {
  const lines = links.map((id) => {
    const { street, along: forward } = linkOf(id);
    const known = layer.streets.get(street);
    const line = known ? along(lineOf(known, forward)) : [];
    return line.length > 1 ? line : null;
  });
  const mesh = new InstancedMesh(box(), new MeshBasicMaterial({ vertexColors: true }), MOST);
  mesh.frustumCulled = false;
  mesh.renderOrder = 5;
  mesh.count = 0;
  layer.world.live.add(mesh);
  return { mesh, legs, lines };
}

/** A box of one metre on the ground, lighter on top than at its sides. */
function box(): BoxGeometry {
  const geometry = new BoxGeometry(1, 1, 1).translate(0, 0, 0.5);
  const normals = geometry.getAttribute("normal");
  const shade = new Float32Array(normals.count * 3);
  for (let i = 0; i < normals.count; i++) {
    const light = normals.getZ(i) > 0.5 ? 1.35 : normals.getX(i) < -0.5 ? 0.75 : 1;
    shade.fill(light, 3 * i, 3 * i + 3);
  }
  geometry.setAttribute("color", new BufferAttribute(shade, 3));
  return geometry;
}

const [PLACE, TURN, SIZE, UP, MATRIX] = [new Vector3(), new Quaternion(), new Vector3(), new Vector3(0, 0, 1), new Matrix4()];

function drive(layer: Vehicles, side: Side, time: number): void {
  const one = layer.fleets[side];
  if (!one) return;
  const { mesh, legs, lines } = one;
  const larger = Math.min(LARGEST, Math.max(1, layer.world.camera.position.z / NEAR_M));
  let count = 0;
  onTheRoad(legs, time, (leg, share) => {
    const line = lines[legs.link[leg]];
    if (!line || count >= MOST) return;
    const { x, y, heading } = driven(line, share, BESIDE_M * Math.max(1, larger * 0.8));
    const mode = legs.mode[leg];
    const [long, wide, high] = LOOKS[MODES[mode] ?? "car"];
    PLACE.set(x, y, layer.terrain.height(x, y) + ABOVE_M);
    TURN.setFromAxisAngle(UP, heading);
    SIZE.set(long * larger, wide * larger, high * larger);
    mesh.setMatrixAt(count, MATRIX.compose(PLACE, TURN, SIZE));
    mesh.setColorAt(count, COLORS[mode] ?? COLORS[0]);
    count++;
  });
  mesh.count = count;
  mesh.instanceMatrix.needsUpdate = true;
  if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
}
