/** Streets: fine centre lines, and the names of the main ones lying on the ground as on a plan. */

import {
  BufferAttribute,
  BufferGeometry,
  CanvasTexture,
  Group,
  LinearMipmapLinearFilter,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshBasicMaterial,
  SRGBColorSpace,
} from "three";
import type { Street } from "../core/api";
import type { Language } from "../core/state";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

const MOST_NAMES = 60;
const ATLAS = 2048;
const ROW = 40;
const FONT = '500 26px "Inter Variable", sans-serif';
/** Height of a letter line on the ground, m. */
const LETTERS_M = 9;

export interface Streets {
  world: World;
  terrain: Terrain;
  lines: readonly Street[];
  group: Group;
  names: Mesh<BufferGeometry, MeshBasicMaterial> | null;
}

interface Label {
  words: string;
  x: number;
  y: number;
  angle: number;
}

export function add(world: World, lines: readonly Street[], terrain: Terrain, language: Language): Streets {
  const group = new Group();
  const place: number[] = [];
  for (const { points } of lines) {
    for (let i = 1; i < points.length; i++) {
      for (const [x, y] of [points[i - 1], points[i]]) place.push(x, y, terrain.height(x, y) + 0.4);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(place), 3));
  group.add(new LineSegments(geometry, new LineBasicMaterial({ color: 0xffffff, transparent: true, opacity: 0.55, depthWrite: false })));
  world.scene.add(group);
  const layer: Streets = { world, terrain, lines, group, names: null };
  update(layer, { language });
  return layer;
}

export function update(layer: Streets, change: { visible?: boolean; language?: Language }): void {
  if (change.visible !== undefined) layer.group.visible = change.visible;
  if (change.language) {
    drop(layer);
    layer.names = write(layer, change.language);
    if (layer.names) layer.group.add(layer.names);
  }
  layer.world.request();
}

export function remove(layer: Streets): void {
  drop(layer);
  layer.world.scene.remove(layer.group);
  layer.world.request();
}

function drop(layer: Streets): void {
  if (!layer.names) return;
  layer.group.remove(layer.names);
  layer.names.geometry.dispose();
  layer.names.material.map?.dispose();
  layer.names.material.dispose();
  layer.names = null;
}

/** The longest piece of each street bears its name; long streets first. */
function choose(lines: readonly Street[], language: Language): Label[] {
  const best = new Map<string, { length: number; total: number; label: Label }>();
  for (const street of lines) {
    const words = (language === "nl" ? (street.name_nl ?? street.name_fr) : (street.name_fr ?? street.name_nl)) ?? "";
    if (!words) continue;
    for (let i = 1; i < street.points.length; i++) {
      const [[x0, y0], [x1, y1]] = [street.points[i - 1], street.points[i]];
      const length = Math.hypot(x1 - x0, y1 - y0);
      const known = best.get(words);
      const total = (known?.total ?? 0) + length;
      let angle = Math.atan2(y1 - y0, x1 - x0);
      // Read from the south-west, where the camera first stands.
      if (Math.cos(angle - 0.6) < 0) angle += Math.PI;
      const label = { words, x: (x0 + x1) / 2, y: (y0 + y1) / 2, angle };
      if (!known || length > known.length) best.set(words, { length, total, label });
      else known.total = total;
    }
  }
  return [...best.values()]
    .filter(({ length }) => length > 25)
    .sort((p, q) => q.total - p.total)
    .slice(0, MOST_NAMES)
    .map(({ label }) => label);
}

function write(layer: Streets, language: Language): Mesh<BufferGeometry, MeshBasicMaterial> | null {
  const labels = choose(layer.lines, language);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = ATLAS;
  const pen = canvas.getContext("2d");
  if (!pen || labels.length === 0) return null;
  Object.assign(pen, { font: FONT, fillStyle: "#52606d", textBaseline: "middle" });
  pen.letterSpacing = "1px";
  const place: number[] = [];
  const uv: number[] = [];
  let [left, top] = [0, 0];
  for (const { words, x, y, angle } of labels) {
    const width = Math.ceil(pen.measureText(words).width) + 8;
    if (left + width > ATLAS) [left, top] = [0, top + ROW];
    if (top + ROW > ATLAS) break;
    pen.fillText(words, left + 4, top + ROW / 2);
    const [u0, u1] = [left / ATLAS, (left + width) / ATLAS];
    const [v0, v1] = [1 - (top + ROW) / ATLAS, 1 - top / ATLAS];
    left += width;
    const [along, across] = [(LETTERS_M * width) / ROW / 2, LETTERS_M / 2];
    const corner = (p: number, q: number): void => {
      const cx = x + Math.cos(angle) * p * along - Math.sin(angle) * q * across;
      const cy = y + Math.sin(angle) * p * along + Math.cos(angle) * q * across;
      place.push(cx, cy, layer.terrain.height(cx, cy) + 0.8);
      uv.push(p < 0 ? u0 : u1, q < 0 ? v0 : v1);
    };
    for (const [p, q] of [[-1, -1], [1, -1], [1, 1], [-1, -1], [1, 1], [-1, 1]]) corner(p, q);
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(place), 3));
  geometry.setAttribute("uv", new BufferAttribute(new Float32Array(uv), 2));
  const map = new CanvasTexture(canvas);
  map.colorSpace = SRGBColorSpace;
  map.minFilter = LinearMipmapLinearFilter;
  map.anisotropy = 8;
  const material = new MeshBasicMaterial({ map, transparent: true, depthWrite: false, polygonOffset: true, polygonOffsetFactor: -1, polygonOffsetUnits: -2 });
  const mesh = new Mesh(geometry, material);
  mesh.renderOrder = 1;
  return mesh;
}
