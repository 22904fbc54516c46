/** Crowns of trees as bodies one can point at: ellipsoids on trunks. */

import { type Ray, Vector3 } from "three";
import type { Trees } from "./api";
import type { Edit } from "./state";
import type { Terrain } from "./terrain";

/** A crown no broader than this is still found by a finger, m. */
const LEAST_TARGET_M = 2.5;

export interface Crown {
  id: string;
  x: number;
  y: number;
  /** Ground under the trunk, m TAW. */
  z: number;
  height: number;
  width: number;
  /** Lowest leaves above the ground, m. */
  base: number;
}

/** Crowns of the city's trees; what is not known of one is taken from its height. */
export function crownsOf({ columns, count }: Trees, terrain: Terrain): Crown[] {
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = [columns.x[i] ?? 0, columns.y[i] ?? 0];
    const height = columns.height[i] ?? 8;
    return {
      id: columns.id?.[i] ?? String(i),
      x,
      y,
      z: columns.z[i] ?? terrain.height(x, y),
      height,
      width: columns.crown_diameter[i] ?? height * 0.5,
      base: Math.min(columns.crown_base[i] ?? height * 0.3, height * 0.8),
    };
  });
}

/** The trees of B that A has not: planted, and moved from elsewhere. */
export function plantedBy(edits: readonly Edit[], city: readonly Crown[], terrain: Terrain): Crown[] {
  const byId = new Map(city.map((crown) => [crown.id, crown]));
  return edits.flatMap(({ edit, id, points, buildings, values }): Crown[] => {
    const [x, y] = points[0] ?? [0, 0];
    if (edit === "tree") {
      const height = Number(values.height_m);
      return [{ id, x, y, z: terrain.height(x, y), height, width: Number(values.crown_diameter_m), base: height * 0.25 }];
    }
    const known = edit === "move_tree" ? byId.get(buildings[0]) : undefined;
    return known ? [{ ...known, x, y, z: terrain.height(x, y) }] : [];
  });
}

/** The trees of the city that B fells or moves. */
export function goneBy(edits: readonly Edit[]): Set<string> {
  return new Set(edits.flatMap(({ edit, buildings }) => (edit === "remove_tree" || edit === "move_tree" ? buildings : [])));
}

const [centre, toward, way] = [new Vector3(), new Vector3(), new Vector3()];

/** The nearest crown that a ray meets, and how far it is. */
export function crownAt(ray: Ray, crowns: readonly Crown[]): { crown: Crown; distance: number } | null {
  let best: { crown: Crown; distance: number } | null = null;
  for (const crown of crowns) {
    const [half, tall] = [Math.max(crown.width, LEAST_TARGET_M) / 2, Math.max(crown.height - crown.base, LEAST_TARGET_M) / 2];
    centre.set(crown.x, crown.y, crown.z + (crown.base + crown.height) / 2);
    // In the measure of the ellipsoid it is a ball of radius one about the origin.
    toward.copy(ray.origin).sub(centre);
    toward.set(toward.x / half, toward.y / half, toward.z / tall);
    way.set(ray.direction.x / half, ray.direction.y / half, ray.direction.z / tall);
    const [a, b, c] = [way.dot(way), toward.dot(way), toward.dot(toward) - 1];
    const root = b * b - a * c;
    if (root < 0) continue;
    const distance = (-b - Math.sqrt(root)) / a;
    if (distance > 0 && (!best || distance < best.distance)) best = { crown, distance };
  }
  return best;
}
