/** The ground: terrain with the colours of its cover, cut out like the base of a model. */

import {
  BufferAttribute,
  BufferGeometry,
  Color,
  Group,
  LinearMipmapLinearFilter,
  Mesh,
  MeshLambertMaterial,
  SRGBColorSpace,
  type Texture,
  TextureLoader,
} from "three";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

/** Cells of the drawn mesh along one side, at most; finer terrain is thinned. */
const MOST_CELLS = 180;

export interface Ground {
  world: World;
  group: Group;
  surface: Mesh<BufferGeometry, MeshLambertMaterial>;
  /** Shared with the water, so that both bend alike. */
  geometry: BufferGeometry;
  picture: Texture | null;
}

export async function add(world: World, terrain: Terrain, pictureUrl: string): Promise<Ground> {
  const geometry = surfaceOf(terrain);
  const surface = new Mesh(geometry, new MeshLambertMaterial({ color: 0xe7e2d8 }));
  surface.receiveShadow = true;
  const group = new Group();
  group.add(surface, new Mesh(skirtOf(terrain), new MeshLambertMaterial({ color: 0xcfc5b2 })));
  world.scene.add(group);
  const layer: Ground = { world, group, surface, geometry, picture: null };
  world.request();
  const picture = await new TextureLoader().loadAsync(pictureUrl);
  picture.colorSpace = SRGBColorSpace;
  picture.minFilter = LinearMipmapLinearFilter;
  picture.anisotropy = 4;
  layer.picture = picture;
  update(layer, { covered: true });
  return layer;
}

/** With cover colours, or as plain stone. */
export function update(layer: Ground, change: { covered: boolean }): void {
  const { material } = layer.surface;
  material.map = change.covered ? layer.picture : null;
  material.color = new Color(change.covered && layer.picture ? 0xffffff : 0xe7e2d8);
  material.needsUpdate = true;
  layer.world.request();
}

export function remove(layer: Ground): void {
  layer.world.scene.remove(layer.group);
  layer.geometry.dispose();
  layer.picture?.dispose();
  layer.world.request();
}

function surfaceOf(terrain: Terrain): BufferGeometry {
  const [west, south, east, north] = terrain.bounds;
  const nx = Math.min(MOST_CELLS, terrain.info.nx);
  const ny = Math.min(MOST_CELLS, terrain.info.ny);
  const place = new Float32Array((nx + 1) * (ny + 1) * 3);
  const uv = new Float32Array((nx + 1) * (ny + 1) * 2);
  for (let j = 0, k = 0; j <= ny; j++) {
    for (let i = 0; i <= nx; i++, k++) {
      const x = west + ((east - west) * i) / nx;
      const y = south + ((north - south) * j) / ny;
      place.set([x, y, terrain.height(x, y)], k * 3);
      uv.set([i / nx, j / ny], k * 2);
    }
  }
  const index = new Uint32Array(nx * ny * 6);
  for (let j = 0, k = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++, k += 6) {
      const a = j * (nx + 1) + i;
      index.set([a, a + 1, a + nx + 2, a, a + nx + 2, a + nx + 1], k);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(place, 3));
  geometry.setAttribute("uv", new BufferAttribute(uv, 2));
  geometry.setIndex(new BufferAttribute(index, 1));
  geometry.computeVertexNormals();
  return geometry;
}

/** The four cut sides, down to a level base. */
function skirtOf(terrain: Terrain): BufferGeometry {
  const [west, south, east, north] = terrain.bounds;
  const base = terrain.lowest - Math.max(6, (east - west) * 0.012);
  const corners: [number, number][] = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ];
  const place: number[] = [];
  const steps = 120;
  for (let side = 0; side < 4; side++) {
    const [from, to] = [corners[side], corners[(side + 1) % 4]];
    for (let i = 0; i < steps; i++) {
      const at = (share: number): [number, number] => [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
      const [p, q] = [at(i / steps), at((i + 1) / steps)];
      const [zp, zq] = [terrain.height(...p), terrain.height(...q)];
      place.push(...p, base, ...q, base, ...q, zq, ...p, base, ...q, zq, ...p, zp);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(place), 3));
  geometry.computeVertexNormals();
  return geometry;
}
