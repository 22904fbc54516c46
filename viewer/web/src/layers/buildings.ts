/** Buildings: white volumes from the tiles, coloured one by one through a small texture per tile. */

import { DataTexture, DoubleSide, FloatType, Mesh, MeshLambertMaterial, NearestFilter, Raycaster, RGBAFormat, Vector2 } from "three";
import { CityTiles, type TileMesh } from "../core/tiles";
import type { World } from "../core/world";

/** Colour of one building, and how far it covers the model's white (0..1); 2 more where it covers roofs alone. */
export type Tint = readonly [red: number, green: number, blue: number, weight: number];

/** What an edit has done to a building: shown on B's side alone. */
export type Mark = "green_roof" | "raised_threshold" | "cool_roof";
const MARKS: Record<Mark, number> = { green_roof: 1, raised_threshold: 2, cool_roof: 3 };

/** The colour of a building on a side of the handle. */
export type Tinter = (id: string, side: "a" | "b") => Tint | null;

export interface Buildings {
  tiles: CityTiles;
  world: World;
  tables: Map<Mesh, { tile: TileMesh; table: DataTexture; rows: Map<string, number> }>;
  tint: Tinter;
  marks: ReadonlyMap<string, Mark>;
  /** 1 while the side that shows the marks is drawn; every material reads it. */
  marked: { value: number };
  idle: boolean;
  ray: Raycaster;
}

export interface PickedBuilding {
  id: string;
  attributes: Record<string, unknown>;
  distance: number;
}

/** Load the tiles into the scene; `onIdle` is told when all that the view needs is here. */
export function add(world: World, url: string, onIdle: () => void, onError: (message: string) => void): Buildings {
  const layer: Buildings = {
    tiles: undefined as unknown as CityTiles,
    world,
    tables: new Map(),
    tint: () => null,
    marks: new Map(),
    marked: { value: 0 },
    idle: false,
    ray: new Raycaster(),
  };
  const size = new Vector2();
  let choosing: ReturnType<typeof setTimeout> | undefined;
  const choose = (): void => {
    world.renderer.getSize(size);
    world.camera.updateMatrixWorld();
    layer.tiles.update(world.camera, size.x, size.y);
  };
  layer.tiles = new CityTiles(url, {
    onMesh: (tile) => dress(layer, tile),
    onGone: (mesh) => {
      layer.tables.get(mesh)?.table.dispose();
      layer.tables.delete(mesh);
    },
    onVisible: () => world.requestArrival(),
    // Choosing tiles costs nothing beside drawing them, so it does not wait for a picture.
    onChange: () => {
      choosing ??= setTimeout(() => {
        choosing = undefined;
        choose();
      }, 16);
    },
    onIdle: () => {
      layer.idle = true;
      world.requestShadows();
      onIdle();
    },
    onError,
  });
  world.scene.add(layer.tiles.group);
  world.sides.add((side) => {
    layer.marked.value = side === "b" || world.split === null ? 1 : 0;
  });
  world.before.add(choose);
  world.request();
  return layer;
}

/** Show or hide, and colour each building anew; geometry stays where it is. */
export function update(layer: Buildings, change: { visible?: boolean; tint?: Tinter; marks?: ReadonlyMap<string, Mark> }): void {
  if (change.visible !== undefined) layer.tiles.group.visible = change.visible;
  if (change.tint || change.marks) {
    layer.tint = change.tint ?? layer.tint;
    layer.marks = change.marks ?? layer.marks;
    for (const entry of layer.tables.values()) paint(layer, entry);
  }
  layer.world.requestShadows();
}

export function remove(layer: Buildings): void {
  layer.world.scene.remove(layer.tiles.group);
  for (const { table } of layer.tables.values()) table.dispose();
  layer.world.requestShadows();
}

/** The building under a point of the screen, -1..1 from the lower left; null where there is none. */
export function pick(layer: Buildings, x: number, y: number): PickedBuilding | null {
  layer.ray.setFromCamera(new Vector2(x, y), layer.world.camera);
  const hit = layer.tiles.group.visible ? layer.tiles.pick(layer.ray.ray) : null;
  if (!hit) return null;
  const attributes = Object.fromEntries(Object.entries(hit.tile.columns).map(([name, column]) => [name, column[hit.feature]]));
  return { id: String(attributes.id ?? hit.feature), attributes, distance: hit.distance };
}

function dress(layer: Buildings, tile: TileMesh): void {
  const count = Math.max(1, tile.count);
  const table = new DataTexture(new Float32Array(count * 3 * 4), count, 3, RGBAFormat, FloatType);
  table.magFilter = table.minFilter = NearestFilter;
  const rows = new Map<string, number>();
  const ids = tile.columns.id ?? [];
  for (let row = 0; row < tile.count; row++) rows.set(String(ids[row]), row);
  const entry = { tile, table, rows };
  layer.tables.set(tile.mesh, entry);
  paint(layer, entry);
  tile.mesh.castShadow = true;
  tile.mesh.receiveShadow = true;
  tile.mesh.material = material(tile.attribute, table, layer.marked);
}

/** Row 0: colour and weight on A's side; row 2: on B's. Row 1: a tone of its own, between -1 and 1, and its mark. */
function paint(layer: Buildings, { tile, table }: { tile: TileMesh; table: DataTexture }): void {
  const data = table.image.data as unknown as Float32Array;
  const ids = tile.columns.id ?? [];
  const second = table.image.width * 4;
  for (let row = 0; row < tile.count; row++) {
    const id = String(ids[row] ?? row);
    data.set(layer.tint(id, "a") ?? [0, 0, 0, 0], row * 4);
    data.set(layer.tint(id, "b") ?? [0, 0, 0, 0], 2 * second + row * 4);
    const mark = layer.marks.get(id);
    data[second + row * 4] = toneOf(id);
    data[second + row * 4 + 1] = mark ? MARKS[mark] : 0;
  }
  table.needsUpdate = true;
}

/** Cards of one model are never quite the same white. */
function toneOf(id: string): number {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  return ((hash >>> 8) & 0xffff) / 32768 - 1;
}

function material(attribute: string | null, table: DataTexture, marked: { value: number }): MeshLambertMaterial {
  // The tiles bring albedo per vertex: walls, roofs, and a darker foot.
  const made = new MeshLambertMaterial({ vertexColors: true, side: DoubleSide });
  // The model is whiter than its albedo: data is the only strong colour on the page.
  const whiter = "diffuseColor.rgb = mix(diffuseColor.rgb, vec3(0.97, 0.955, 0.925), 0.5);";
  if (!attribute) {
    made.onBeforeCompile = (shader) => {
      shader.fragmentShader = shader.fragmentShader.replace("#include <color_fragment>", `#include <color_fragment>\n${whiter}`);
    };
    made.customProgramCacheKey = () => "massing";
    return made;
  }
  made.onBeforeCompile = (shader) => {
    shader.uniforms.table = { value: table };
    shader.uniforms.marked = marked;
    shader.vertexShader = shader.vertexShader
      .replace("#include <common>", `#include <common>\nattribute float ${attribute};\nuniform highp sampler2D table;\nuniform float marked;\nvarying vec4 vTint;\nvarying vec3 vTone;`)
      .replace(
        "#include <begin_vertex>",
        `#include <begin_vertex>
        int feature = int(${attribute} + 0.5);
        vTint = texelFetch(table, ivec2(feature, marked > 0.5 ? 2 : 0), 0);
        vTone = vec3(texelFetch(table, ivec2(feature, 1), 0).xy, normalize(mat3(modelMatrix) * objectNormal).z);`,
      );
    shader.fragmentShader = shader.fragmentShader
      .replace("#include <common>", "#include <common>\nuniform float marked;\nvarying vec4 vTint;\nvarying vec3 vTone;")
      .replace(
        "#include <color_fragment>",
        `#include <color_fragment>
        ${whiter}
        diffuseColor.rgb *= 1.0 + 0.03 * vTone.x;
        // A green roof is green on top, a cool roof white and rimmed; a raised threshold tints the walls.
        float roof = smoothstep(0.3, 0.6, vTone.z);
        diffuseColor.rgb = mix(diffuseColor.rgb, vec3(0.36, 0.55, 0.24), 0.85 * marked * roof * step(abs(vTone.y - 1.0), 0.1));
        diffuseColor.rgb = mix(diffuseColor.rgb, vec3(0.72, 0.29, 0.08), 0.55 * marked * (1.0 - roof) * step(abs(vTone.y - 2.0), 0.1));
        float cool = marked * step(abs(vTone.y - 3.0), 0.1);
        diffuseColor.rgb = mix(diffuseColor.rgb, mix(vec3(0.72, 0.29, 0.08), vec3(1.0), roof), cool * mix(0.3, 1.0, roof));
        float only = step(1.5, vTint.a);
        diffuseColor.rgb = mix(diffuseColor.rgb, vTint.rgb, (vTint.a - 2.0 * only) * mix(1.0, roof, only));`,
      );
  };
  made.customProgramCacheKey = () => `building ${attribute}`;
  return made;
}
