/** Edits of scenario B, and the one being drawn: walls, new buildings, changed ground. */

import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DoubleSide,
  Group,
  type Material,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  Path,
  Points,
  PointsMaterial,
  ShapeUtils,
  Vector2,
} from "three";
import type { Edit, Point, Tool } from "../core/state";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

const B = 0xb84a14;
const WALL_WIDTH_M = 0.8;
const MARK_WIDTH_M = 3.2;

export interface Edits {
  world: World;
  terrain: Terrain;
  fixed: Group;
  draft: Group;
  visible: boolean;
}

export interface Draft {
  tool: Tool;
  points: readonly Point[];
  cursor: Point | null;
  height_m: number;
  color: string;
}

export function add(world: World, terrain: Terrain): Edits {
  const layer: Edits = { world, terrain, fixed: new Group(), draft: new Group(), visible: true };
  world.scene.add(layer.fixed);
  world.live.add(layer.draft);
  // What one draws belongs to B; beside the handle, on A's side, it would be a lie.
  world.sides.add((side) => {
    layer.fixed.visible = layer.visible && (side === "b" || world.split === null);
  });
  return layer;
}

export type EditsChange = { visible: boolean } | { edits: readonly Edit[]; colors: Record<string, string> } | { draft: Draft | null };

export function update(layer: Edits, change: EditsChange): void {
  if ("draft" in change) {
    empty(layer.draft);
    if (change.draft) layer.draft.add(...sketch(layer.terrain, change.draft));
    layer.world.requestLive();
    return;
  }
  if ("visible" in change) {
    layer.visible = change.visible;
  } else {
    empty(layer.fixed);
    for (const edit of change.edits) {
      const points = edit.edit === "wall" ? edit.line : edit.polygon;
      const height = edit.edit === "land_cover" ? 0 : edit.height_m;
      const color = edit.edit === "land_cover" ? (change.colors[edit.cover] ?? "#b84a14") : "#b84a14";
      layer.fixed.add(...bodies(layer.terrain, edit.edit, points, height, color, false));
    }
  }
  layer.world.requestShadows();
}

export function remove(layer: Edits): void {
  empty(layer.fixed);
  empty(layer.draft);
  layer.world.scene.remove(layer.fixed);
  layer.world.live.remove(layer.draft);
  layer.world.requestShadows();
}

function empty(group: Group): void {
  for (const child of [...group.children] as Mesh[]) {
    child.geometry.dispose();
    (child.material as Material).dispose();
    group.remove(child);
  }
}

function sketch(terrain: Terrain, { tool, points, cursor, height_m, color }: Draft): (Mesh | Points)[] {
  const all = cursor ? [...points, cursor] : [...points];
  const dots = new BufferGeometry();
  dots.setAttribute("position", new BufferAttribute(new Float32Array(all.flatMap(([x, y]) => [x, y, terrain.height(x, y) + 1])), 3));
  const marks = new Points(dots, new PointsMaterial({ color: B, size: 9, sizeAttenuation: false, depthTest: false }));
  marks.renderOrder = 5;
  const enough = all.length >= (tool === "wall" ? 2 : 3);
  if (enough) return [...bodies(terrain, tool, all, height_m, color, true), marks];
  return all.length === 2 ? [...bodies(terrain, "wall", all, 0.5, color, true), marks] : [marks];
}

function bodies(terrain: Terrain, tool: Tool, points: readonly Point[], height: number, color: string, draft: boolean): Mesh[] {
  if (tool === "wall") return [solid(ribbon(terrain, points, height), B, draft), mark(terrain, points)];
  if (tool === "add_building") return [solid(prism(terrain, points, height), B, draft)];
  const patch = new Mesh(
    drape(terrain, points),
    new MeshBasicMaterial({ color: new Color(color), transparent: true, opacity: draft ? 0.6 : 0.85, depthWrite: false, polygonOffset: true, polygonOffsetFactor: -1, polygonOffsetUnits: -3, side: DoubleSide }),
  );
  patch.renderOrder = 1;
  return [patch, solid(ribbon(terrain, [...points, points[0]], 0.6), B, draft)];
}

function solid(geometry: BufferGeometry, color: number, draft: boolean): Mesh {
  // No light reaches what is being drawn.
  const material = draft
    ? new MeshBasicMaterial({ color, side: DoubleSide, transparent: true, opacity: 0.7 })
    : new MeshLambertMaterial({ color, side: DoubleSide });
  const mesh = new Mesh(geometry, material);
  mesh.castShadow = !draft;
  return mesh;
}

/** A stripe on the ground, wide enough to find a low wall from afar. */
function mark(terrain: Terrain, points: readonly Point[]): Mesh {
  const material = new MeshBasicMaterial({ color: B, transparent: true, opacity: 0.55, depthWrite: false, polygonOffset: true, polygonOffsetFactor: -1, polygonOffsetUnits: -4, side: DoubleSide });
  const mesh = new Mesh(ribbon(terrain, points, 0.25, MARK_WIDTH_M), material);
  mesh.renderOrder = 1;
  return mesh;
}

function shell(place: number[]): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(place), 3));
  geometry.computeVertexNormals();
  return geometry;
}

/** Cut a line into pieces short enough to follow the ground. */
function walk(points: readonly Point[], step: number): Point[] {
  const out: Point[] = [points[0]];
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    const pieces = Math.min(200, Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / step)));
    for (let k = 1; k <= pieces; k++) out.push([x0 + ((x1 - x0) * k) / pieces, y0 + ((y1 - y0) * k) / pieces]);
  }
  return out;
}

/** A standing wall of some width along a line. */
function ribbon(terrain: Terrain, points: readonly Point[], height: number, width = WALL_WIDTH_M): BufferGeometry {
  const line = walk(points, 5);
  const place: number[] = [];
  for (let i = 1; i < line.length; i++) {
    const [p, q] = [line[i - 1], line[i]];
    const length = Math.hypot(q[0] - p[0], q[1] - p[1]) || 1;
    const [ox, oy] = [(-(q[1] - p[1]) / length) * (width / 2), ((q[0] - p[0]) / length) * (width / 2)];
    const at = ([x, y]: Point, side: number, top: boolean) => [x + ox * side, y + oy * side, terrain.height(x, y) + (top ? height : -0.5)];
    const quad = (a: number[], b: number[], c: number[], d: number[]) => place.push(...a, ...b, ...c, ...a, ...c, ...d);
    quad(at(p, -1, false), at(q, -1, false), at(q, -1, true), at(p, -1, true));
    quad(at(q, 1, false), at(p, 1, false), at(p, 1, true), at(q, 1, true));
    quad(at(p, -1, true), at(q, -1, true), at(q, 1, true), at(p, 1, true));
    quad(at(p, 1, false), at(p, -1, false), at(p, -1, true), at(p, 1, true));
    quad(at(q, -1, false), at(q, 1, false), at(q, 1, true), at(q, -1, true));
  }
  return shell(place);
}

function ringOf(points: readonly Point[]): Vector2[] {
  const ring = points.map(([x, y]) => new Vector2(x, y));
  return ShapeUtils.isClockWise(ring) ? ring.reverse() : ring;
}

/** A block from the lowest ground under it to `height` over the highest. */
function prism(terrain: Terrain, points: readonly Point[], height: number): BufferGeometry {
  const ring = ringOf(points);
  const heights = ring.map(({ x, y }) => terrain.height(x, y));
  const [base, top] = [Math.min(...heights) - 0.5, Math.max(...heights) + height];
  const place: number[] = [];
  ring.forEach((p, i) => {
    const q = ring[(i + 1) % ring.length];
    place.push(p.x, p.y, base, q.x, q.y, base, q.x, q.y, top, p.x, p.y, base, q.x, q.y, top, p.x, p.y, top);
  });
  for (const face of ShapeUtils.triangulateShape(ring, [])) for (const k of face) place.push(ring[k].x, ring[k].y, top);
  return shell(place);
}

/** A carpet on the ground: the polygon cut into squares that follow the relief. */
function drape(terrain: Terrain, points: readonly Point[]): BufferGeometry {
  const ring = ringOf(points);
  const path = new Path(ring);
  const [xs, ys] = [ring.map(({ x }) => x), ring.map(({ y }) => y)];
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const step = Math.max(0.75, Math.max(east - west, north - south) / 120);
  const corners = path.getPoints();
  const place: number[] = [];
  for (let y = south; y < north; y += step) {
    for (let x = west; x < east; x += step) {
      if (!within(corners, x + step / 2, y + step / 2)) continue;
      const at = (px: number, py: number) => [px, py, terrain.height(px, py) + 0.15];
      const [a, b, c, d] = [at(x, y), at(x + step, y), at(x + step, y + step), at(x, y + step)];
      place.push(...a, ...b, ...c, ...a, ...c, ...d);
    }
  }
  return shell(place);
}

/** Even-odd rule. */
function within(ring: readonly Vector2[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [p, q] = [ring[i], ring[j]];
    if (p.y > y !== q.y > y && x < ((q.x - p.x) * (y - p.y)) / (q.y - p.y) + p.x) inside = !inside;
  }
  return inside;
}
