/** The one door to 3d-tiles-renderer: loads the city's tiles into the local frame and says what stands under a ray. */

import { type BufferAttribute, type Camera, Matrix4, type Mesh, type Object3D, Ray, Vector2 } from "three";
import { TilesRenderer } from "3d-tiles-renderer/three";
import { GLTFExtensionsPlugin } from "3d-tiles-renderer/three/plugins";
import { FeatureIndex } from "./pick";

/** Attributes of the features of one tile, column by column. */
export type Columns = Record<string, ArrayLike<unknown>>;

export interface TileMesh {
  mesh: Mesh;
  /** Name of the feature number in the geometry (the loader writes it in small letters). */
  attribute: string | null;
  columns: Columns;
  count: number;
  /** The scene that the renderer hangs up and takes down. */
  root: Object3D;
  /** Null for massing, which knows no buildings. */
  index: FeatureIndex | null;
}

export interface TilesEvents {
  onMesh(tile: TileMesh): void;
  onGone(mesh: Mesh): void;
  onVisible(): void;
  onChange(): void;
  onIdle(): void;
  onError(message: string): void;
}

/** The city is shown in its own flat frame, not on the globe: the root's step to earth-centred coordinates is left out. */
class FlatPlugin {
  readonly name = "FLAT";

  preprocessNode(tile: { transform?: number[] }, _folder: string, parent: object | null): void {
    if (!parent) delete tile.transform;
  }
}

interface Metadata {
  getPropertyTableData(table: number, id: number): Record<string, unknown>;
  tableAccessors?: { count: number; definition?: { count: number } }[];
}

export class CityTiles {
  private readonly tiles: TilesRenderer;
  private readonly meshes = new Map<Mesh, TileMesh>();

  constructor(
    url: string,
    private readonly events: TilesEvents,
  ) {
    const tiles = new TilesRenderer(url);
    tiles.registerPlugin(new GLTFExtensionsPlugin({ metadata: true }));
    tiles.registerPlugin(new FlatPlugin());
    // Fine enough that a whole district at a glance shows its real roofs, each of which can be picked.
    tiles.errorTarget = 4;
    tiles.addEventListener("load-model", ({ scene }) => this.loaded(scene));
    tiles.addEventListener("dispose-model", ({ scene }) => this.gone(scene));
    tiles.addEventListener("tile-visibility-change", () => events.onVisible());
    tiles.addEventListener("needs-update", () => events.onChange());
    tiles.addEventListener("tiles-load-end", () => events.onIdle());
    tiles.addEventListener("load-error", ({ error }) => events.onError(error.message));
    this.tiles = tiles;
  }

  get group(): Object3D {
    return this.tiles.group;
  }

  get visible(): number {
    return this.tiles.visibleTiles.size;
  }

  update(camera: Camera, width: number, height: number): void {
    if (!this.tiles.hasCamera(camera)) this.tiles.setCamera(camera);
    this.tiles.setResolution(camera, new Vector2(width, height));
    this.tiles.update();
  }

  /** The feature that `ray` meets first: its tile and its row there. */
  pick(ray: Ray): { tile: TileMesh; feature: number; distance: number } | null {
    let best: { tile: TileMesh; feature: number; distance: number } | null = null;
    const [inverse, inside] = [new Matrix4(), new Ray()];
    for (const tile of this.meshes.values()) {
      // Tiles that are loaded but not chosen for this view hang nowhere.
      if (!tile.index || tile.root.parent !== this.tiles.group) continue;
      inside.copy(ray).applyMatrix4(inverse.copy(tile.mesh.matrixWorld).invert());
      const hit = tile.index.meet(inside);
      if (!hit) continue;
      const distance = hit.point.applyMatrix4(tile.mesh.matrixWorld).distanceTo(ray.origin);
      if (!best || distance < best.distance) best = { tile, feature: hit.feature, distance };
    }
    return best;
  }

  private loaded(scene: Object3D): void {
    scene.traverse((object) => {
      const mesh = object as Mesh;
      if (!mesh.isMesh) return;
      const attribute = Object.keys(mesh.geometry.attributes).find((name) => /^_?feature_id_0$/i.test(name)) ?? null;
      const metadata = mesh.userData.structuralMetadata as Metadata | undefined;
      const count = attribute ? featureCount(mesh.geometry.getAttribute(attribute) as BufferAttribute) : 0;
      const index = attribute ? new FeatureIndex(mesh.geometry, mesh.geometry.getAttribute(attribute) as BufferAttribute, count) : null;
      const tile = { mesh, root: scene, attribute, columns: metadata ? readColumns(metadata, count) : {}, count, index };
      this.meshes.set(mesh, tile);
      this.events.onMesh(tile);
    });
  }

  private gone(scene: Object3D): void {
    scene.traverse((object) => {
      const mesh = object as Mesh;
      if (this.meshes.delete(mesh)) this.events.onGone(mesh);
    });
  }
}

function featureCount(ids: BufferAttribute): number {
  let most = -1;
  for (let i = 0; i < ids.count; i++) most = Math.max(most, ids.getX(i));
  return Math.round(most) + 1;
}

function readColumns(metadata: Metadata, count: number): Columns {
  const columns: Record<string, unknown[]> = {};
  for (let row = 0; row < count; row++) {
    for (const [name, value] of Object.entries(metadata.getPropertyTableData(0, row))) {
      (columns[name] ??= new Array<unknown>(count))[row] = value;
    }
  }
  return columns;
}
