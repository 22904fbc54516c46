/** Statistical sectors as a choropleth on the ground: one picture with fills, outlines and the one that is pointed at. */

import { type BufferGeometry, CanvasTexture, Mesh, MeshBasicMaterial, SRGBColorSpace } from "three";
import type { Point } from "../core/state";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

/** Points of the picture along its longer side. */
const SIZE = 2048;
const INK = "31, 41, 51";

export interface Sector {
  id: string;
  /** Outer ring and holes, or several of them, in the local frame. */
  rings: readonly (readonly Point[])[];
}

export interface Sectors {
  world: World;
  terrain: Terrain;
  sheet: Mesh<BufferGeometry, MeshBasicMaterial>;
  canvas: HTMLCanvasElement | null;
  shown: Shown | null;
}

export interface Shown {
  sectors: readonly Sector[];
  /** CSS colour by id; sectors without one stay bare. */
  colors: ReadonlyMap<string, string>;
  lit: string | null;
}

export function add(world: World, terrain: Terrain, ground: BufferGeometry): Sectors {
  const sheet = new Mesh(ground, new MeshBasicMaterial({ transparent: true, depthWrite: false, polygonOffset: true, polygonOffsetFactor: -3, polygonOffsetUnits: -6 }));
  sheet.visible = false;
  sheet.renderOrder = 4;
  sheet.frustumCulled = false;
  world.live.add(sheet);
  return { world, terrain, sheet, canvas: null, shown: null };
}

export function update(layer: Sectors, { shown }: { shown: Shown | null }): void {
  layer.shown = shown;
  layer.sheet.visible = shown !== null;
  if (shown) paint(layer, shown);
  layer.world.requestLive();
}

export function remove(layer: Sectors): void {
  layer.world.live.remove(layer.sheet);
  layer.sheet.material.map?.dispose();
  layer.sheet.material.dispose();
  layer.world.requestLive();
}

/** The sector under a point of the ground. */
export function sectorAt(sectors: readonly Sector[], [x, y]: Point): string | null {
  return sectors.find(({ rings }) => rings.filter((ring) => within(ring, x, y)).length % 2 === 1)?.id ?? null;
}

function paint(layer: Sectors, { sectors, colors, lit }: Shown): void {
  const [west, south, east, north] = layer.terrain.bounds;
  const scale = SIZE / Math.max(east - west, north - south);
  layer.canvas ??= Object.assign(document.createElement("canvas"), { width: Math.round((east - west) * scale), height: Math.round((north - south) * scale) });
  const pen = layer.canvas.getContext("2d")!;
  pen.clearRect(0, 0, layer.canvas.width, layer.canvas.height);
  const trace = (rings: Sector["rings"]): void => {
    pen.beginPath();
    for (const ring of rings) {
      ring.forEach(([x, y], i) => (i ? pen.lineTo((x - west) * scale, (north - y) * scale) : pen.moveTo((x - west) * scale, (north - y) * scale)));
      pen.closePath();
    }
  };
  for (const { id, rings } of sectors) {
    const color = colors.get(id);
    if (!color) continue;
    trace(rings);
    pen.fillStyle = color;
    pen.globalAlpha = 0.8;
    pen.fill("evenodd");
  }
  pen.globalAlpha = 1;
  pen.lineJoin = "round";
  for (const { rings } of sectors) {
    trace(rings);
    pen.strokeStyle = "rgba(255, 255, 255, 0.9)";
    pen.lineWidth = 2.5 * Math.max(1, scale * 0.8);
    pen.stroke();
  }
  const chosen = sectors.find(({ id }) => id === lit);
  if (chosen) {
    trace(chosen.rings);
    pen.strokeStyle = `rgb(${INK})`;
    pen.lineWidth = 4 * Math.max(1, scale * 0.8);
    pen.stroke();
  }
  const { material } = layer.sheet;
  if (!material.map) {
    material.map = new CanvasTexture(layer.canvas);
    material.map.colorSpace = SRGBColorSpace;
    material.map.anisotropy = 4;
    material.needsUpdate = true;
  }
  material.map.needsUpdate = true;
}

/** Even-odd rule. */
function within(ring: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [p, q] = [ring[i], ring[j]];
    if (p[1] > y !== q[1] > y && x < ((q[0] - p[0]) * (y - p[1])) / (q[1] - p[1]) + p[0]) inside = !inside;
  }
  return inside;
}
