/**
 * Water: a field laid over the ground, one for each side of the comparison; depths as water, others as a map.
 *
 * The surface moves only while time does: `update({ clock })` is called while the timeline plays, so that a page at
 * rest draws nothing. Without that the ripples stand still.
 */

import { type BufferGeometry, DataTexture, Mesh, RGFormat, ShaderMaterial, UnsignedByteType, Vector4 } from "three";
import type { GridInfo } from "../core/api";
import { codeOfDepth, FieldTexture, FlowTexture, ShareTexture, strip } from "../core/field";
import { DEPTH, type Look, lookOf } from "../core/fields";
import type { Frame } from "../core/frames";
import { HATCH_DEPTH } from "../core/palette";
import { SIDES, type Side } from "../core/state";
import type { World } from "../core/world";
import { MAP_FRAGMENT, VERTEX, WATER_FRAGMENT } from "./water_shaders";

interface Sheet {
  water: Mesh<BufferGeometry, ShaderMaterial>;
  map: Mesh<BufferGeometry, ShaderMaterial>;
  depth: FieldTexture | null;
  shares: ShareTexture | null;
  flow: FlowTexture | null;
  /** The map is shown, not the water. */
  mapped: boolean;
}

export interface Water {
  world: World;
  sheets: Record<Side, Sheet>;
  visible: boolean;
  still: DataTexture;
  strips: Map<string, DataTexture>;
}

export function add(world: World, ground: BufferGeometry): Water {
  const still = new DataTexture(new Uint8Array([128, 128]), 1, 1, RGFormat, UnsignedByteType);
  still.needsUpdate = true;
  const strips = new Map<string, DataTexture>();
  const colors = stripOf(strips, lookOf(DEPTH, null, 0));
  const mesh = (fragment: string): Mesh<BufferGeometry, ShaderMaterial> => {
    const one = new Mesh(ground, material(world, fragment, colors, still));
    one.visible = false;
    one.renderOrder = 2;
    one.frustumCulled = false;
    world.live.add(one);
    return one;
  };
  const sheet = (): Sheet => ({ water: mesh(WATER_FRAGMENT), map: mesh(MAP_FRAGMENT), depth: null, shares: null, flow: null, mapped: false });
  const layer: Water = { world, sheets: { a: sheet(), b: sheet() }, visible: true, still, strips };
  world.sides.add((side) => {
    for (const each of SIDES) {
      const { water, map, depth, mapped } = layer.sheets[each];
      const shown = layer.visible && each === side && depth !== null;
      water.visible = shown && !mapped;
      map.visible = shown && mapped;
    }
  });
  return layer;
}

export type WaterChange =
  | { visible: boolean }
  | { clock: number }
  | { side: Side; grid: GridInfo }
  | { side: Side; frame: Frame }
  | { side: Side; map: { frame: Frame; depth: Frame | null; look: Look } | null }
  | { side: Side; flow: { east: Frame; north: Frame } | null }
  | { side: Side; dry: true };

export function update(layer: Water, change: WaterChange): void {
  if ("visible" in change) layer.visible = change.visible;
  else if ("clock" in change) for (const side of SIDES) layer.sheets[side].water.material.uniforms.clock.value = change.clock % 4000;
  else if ("grid" in change) lay(layer, layer.sheets[change.side], change.grid);
  else if ("frame" in change) layer.sheets[change.side].depth?.show(change.frame);
  else if ("map" in change) chart(layer, layer.sheets[change.side], change.map);
  else if ("flow" in change) stir(layer, layer.sheets[change.side], change.flow);
  else layer.sheets[change.side].depth?.clear();
  layer.world.requestLive();
}

export function remove(layer: Water): void {
  for (const side of SIDES) {
    const { water, map, ...textures } = layer.sheets[side];
    layer.world.live.remove(water, map);
    drop(textures);
  }
  for (const one of layer.strips.values()) one.dispose();
  layer.still.dispose();
  layer.world.requestLive();
}

function drop(textures: Pick<Sheet, "depth" | "shares" | "flow">): void {
  textures.depth?.dispose();
  textures.shares?.dispose();
  textures.flow?.dispose();
}

function lay(layer: Water, sheet: Sheet, grid: GridInfo): void {
  const before = sheet.depth?.grid;
  const same = before && (Object.keys(grid) as (keyof GridInfo)[]).every((key) => before[key] === grid[key]);
  if (same) return;
  drop(sheet);
  Object.assign(sheet, { depth: new FieldTexture(grid), shares: null, flow: null, mapped: false });
  for (const { material } of [sheet.water, sheet.map]) {
    material.uniforms.field.value = sheet.depth!.texture;
    material.uniforms.place.value.set(grid.west, grid.south, 1 / (grid.nx * grid.cell_size), 1 / (grid.ny * grid.cell_size));
  }
  sheet.water.material.uniforms.flow.value = layer.still;
}

/** Show a field as a map, or the water again. */
function chart(layer: Water, sheet: Sheet, map: { frame: Frame; depth: Frame | null; look: Look } | null): void {
  sheet.mapped = map !== null && !map.look.water;
  if (!map || !sheet.depth) return;
  if (map.look.water) {
    sheet.depth.show(map.frame);
    return;
  }
  sheet.shares ??= new ShareTexture(sheet.depth.grid);
  sheet.shares.show(map.frame, map.depth, map.look);
  const { uniforms } = sheet.map.material;
  uniforms.shares.value = sheet.shares.texture;
  uniforms.palette.value = stripOf(layer.strips, map.look);
}

function stir(layer: Water, sheet: Sheet, flow: { east: Frame; north: Frame } | null): void {
  if (flow && sheet.depth) {
    sheet.flow ??= new FlowTexture(sheet.depth.grid);
    sheet.flow.show(flow.east, flow.north);
  }
  sheet.water.material.uniforms.flow.value = flow && sheet.flow ? sheet.flow.texture : layer.still;
}

function stripOf(strips: Map<string, DataTexture>, look: Look): DataTexture {
  const key = look.water ? DEPTH : `${look.name} ${look.low} ${look.high}`;
  const known = strips.get(key) ?? strip(look);
  strips.set(key, known);
  return known;
}

function material(world: World, fragmentShader: string, palette: DataTexture, still: DataTexture): ShaderMaterial {
  return new ShaderMaterial({
    defines: world.software ? { PLAIN: "" } : {},
    transparent: true,
    depthWrite: false,
    polygonOffset: true,
    polygonOffsetFactor: -2,
    polygonOffsetUnits: -4,
    uniforms: {
      field: { value: null },
      shares: { value: null },
      flow: { value: still },
      palette: { value: palette },
      place: { value: new Vector4() },
      clock: { value: 0 },
      sun: { value: world.sun.direction },
      hatch: { value: codeOfDepth(HATCH_DEPTH) / 255 },
    },
    vertexShader: VERTEX,
    fragmentShader,
  });
}
