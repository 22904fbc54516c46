/** Edits of scenario B, and the one being drawn: walls, ditches, basins, new buildings, changed ground. */

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
import type { Edit, Point } from "../core/state";
import type { Terrain } from "../core/terrain";
import { fewest, picks, type Tool, type Values, WORKS } from "../core/works";
import type { World } from "../core/world";
import { sail } from "./planted";
import { grove } from "./trees";

const B = 0xb84a14;
const WALL_WIDTH_M = 0.8;
const MARK_WIDTH_M = 3.2;
/** Height of what stands for a plant, m. */
const PLANT_M = 9;
const SWALE = "#7fa65a";
/** What lies on the ground where a tool has no colour of its own. */
const GROUND: Partial<Record<Tool, string>> = { rain_garden: "#6f9a52", permeable_paving: "#c9c3b4", basin: "#9db3a8", block_drain: "#b84a14", low_traffic_neighbourhood: "#b84a14" };
/** How far the floor of a basin lies within its edge, as a share. */
const FLOOR = 0.78;

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
  values: Values;
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
    for (const { edit, points, values } of change.edits) {
      // Buildings show what is done to them, and trees and sails have a layer of their own.
      if (WORKS[edit].shape === "form" && points.length) layer.fixed.add(solid(prism(layer.terrain, square(points[0]), PLANT_M), B, false));
      if (picks(edit) || edit === "tree" || edit === "shade_sail") continue;
      layer.fixed.add(...bodies(layer.terrain, edit, points, values, colorOf(edit, values, change.colors), false));
    }
  }
  layer.world.requestShadows();
}

function colorOf(tool: Tool, values: Values, covers: Record<string, string>): string {
  return covers[String(values.cover)] ?? (tool === "albedo" ? greyOf(Number(values.albedo)) : GROUND[tool]) ?? "#b84a14";
}

/** The grey that sends back a share of the light. */
function greyOf(albedo: number): string {
  const tone = Math.round(255 * albedo ** (1 / 2.2)).toString(16).padStart(2, "0");
  return `#${tone}${tone}${tone}`;
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

function sketch(terrain: Terrain, { tool, points, cursor, values, color }: Draft): (Mesh | Points)[] {
  const all = cursor ? [...points, cursor] : [...points];
  const dots = new BufferGeometry();
  dots.setAttribute("position", new BufferAttribute(new Float32Array(all.flatMap(([x, y]) => [x, y, terrain.height(x, y) + 1])), 3));
  if ((tool === "tree" || tool === "move_tree") && cursor) {
    const [x, y] = cursor;
    const height = Number(values.height_m ?? 8);
    const ghost = grove([{ id: "", x, y, z: terrain.height(x, y), height, width: Number(values.crown_diameter_m ?? 5), base: height * 0.25 }]);
    // No light reaches what is being drawn.
    for (const part of ghost) part.material = new MeshBasicMaterial({ color: B, transparent: true, opacity: 0.55 });
    return ghost;
  }
  const marks = new Points(dots, new PointsMaterial({ color: B, size: 9, sizeAttenuation: false, depthTest: false }));
  marks.renderOrder = 5;
  if (WORKS[tool].shape === "form") return [marks];
  if (all.length >= fewest(tool)) return [...bodies(terrain, tool, all, values, tool === "albedo" ? greyOf(Number(values.albedo)) : (GROUND[tool] ?? color), true), marks];
  return all.length === 2 ? [...bodies(terrain, "wall", all, { height_m: 0.5 }, color, true), marks] : [marks];
}

function bodies(terrain: Terrain, tool: Tool, points: readonly Point[], values: Values, color: string, draft: boolean): Mesh[] {
  if (tool === "wall" || tool === "kerb") {
    const width = tool === "kerb" ? WALL_WIDTH_M / 2 : WALL_WIDTH_M;
    return [solid(ribbon(terrain, points, Number(values.height_m), width), B, draft), mark(terrain, points)];
  }
  if (tool === "shade_sail") return [...sail(terrain, points, Number(values.height_m), draft), edge(terrain, closed(points), draft)];
  if (tool === "add_building" || tool === "exemplary_building") return [solid(prism(terrain, points, Number(values.height_m)), B, draft)];
  if (tool === "swale") {
    const width = Number(values.width_m);
    return [carpet(ribbon(terrain, points, 0.2, width), SWALE, draft ? 0.6 : 0.9), carpet(ribbon(terrain, points, 0.26, width * 0.4), "#5f8a45", draft ? 0.6 : 0.9), edge(terrain, points, draft)];
  }
  const patch = carpet(drape(terrain, points), color, tool === "low_traffic_neighbourhood" ? 0.12 : tool === "block_drain" ? 0.3 : draft ? 0.6 : 0.85);
  const floor = tool === "basin" ? [carpet(drape(terrain, shrunk(points, FLOOR), 0.22), "#7d968b", 0.9), edge(terrain, closed(shrunk(points, FLOOR)), draft)] : [];
  return [patch, ...floor, solid(ribbon(terrain, closed(points), 0.6), B, draft)];
}

/** The foot of a plant. */
function square([x, y]: Point): Point[] {
  return [[x - 5, y - 5], [x + 5, y - 5], [x + 5, y + 5], [x - 5, y + 5]];
}

function closed(points: readonly Point[]): Point[] {
  return [...points, points[0]];
}

/** The shape drawn in towards its middle. */
function shrunk(points: readonly Point[], share: number): Point[] {
  const [x, y] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  return points.map(([px, py]) => [x + (px - x) * share, y + (py - y) * share] as const);
}

function carpet(geometry: BufferGeometry, color: string, opacity: number): Mesh {
  const material = new MeshBasicMaterial({ color: new Color(color), transparent: true, opacity, depthWrite: false, polygonOffset: true, polygonOffsetFactor: -1, polygonOffsetUnits: -3, side: DoubleSide });
  const mesh = new Mesh(geometry, material);
  mesh.renderOrder = 1;
  return mesh;
}

/** A thin low line in B's colour. */
function edge(terrain: Terrain, points: readonly Point[], draft: boolean): Mesh {
  return solid(ribbon(terrain, points, 0.3, 0.35), B, draft);
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
function drape(terrain: Terrain, points: readonly Point[], lift = 0.15): BufferGeometry {
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
      const at = (px: number, py: number) => [px, py, terrain.height(px, py) + lift];
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
