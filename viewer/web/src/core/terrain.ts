/** The bare ground: a height anywhere, and where a line of sight meets it. */

import type { Ray } from "three";
import type { TerrainInfo } from "./api";

const UNKNOWN = 65535;

export class Terrain {
  /** Heights at cell centres, m TAW; row 0 = south. */
  readonly heights: Float32Array;
  readonly lowest: number;
  readonly highest: number;

  constructor(
    readonly info: TerrainInfo,
    codes: Uint16Array,
  ) {
    this.heights = new Float32Array(codes.length);
    let [low, high, sum, known] = [Infinity, -Infinity, 0, 0];
    for (let i = 0; i < codes.length; i++) {
      if (codes[i] === UNKNOWN) continue;
      const z = info.z_min + info.z_step * codes[i];
      this.heights[i] = z;
      low = Math.min(low, z);
      high = Math.max(high, z);
      sum += z;
      known++;
    }
    const filler = known ? sum / known : 0;
    for (let i = 0; i < codes.length; i++) if (codes[i] === UNKNOWN) this.heights[i] = filler;
    this.lowest = known ? low : 0;
    this.highest = known ? high : 0;
  }

  /** Outer edges in the local frame: west, south, east, north. */
  get bounds(): [number, number, number, number] {
    const { west, south, nx, ny, cell_size } = this.info;
    return [west, south, west + nx * cell_size, south + ny * cell_size];
  }

  contains(x: number, y: number): boolean {
    const [west, south, east, north] = this.bounds;
    return x >= west && x <= east && y >= south && y <= north;
  }

  /** Ground at a point, bilinear between cell centres; outside, the height of the nearest edge. */
  height(x: number, y: number): number {
    const { west, south, nx, ny, cell_size } = this.info;
    const u = Math.min(Math.max((x - west) / cell_size - 0.5, 0), nx - 1);
    const v = Math.min(Math.max((y - south) / cell_size - 0.5, 0), ny - 1);
    const i = Math.min(Math.floor(u), nx - 2);
    const j = Math.min(Math.floor(v), ny - 2);
    const [fx, fy] = [u - i, v - j];
    const k = j * nx + i;
    const h = this.heights;
    return (h[k] * (1 - fx) + h[k + 1] * fx) * (1 - fy) + (h[k + nx] * (1 - fx) + h[k + nx + 1] * fx) * fy;
  }

  /** Where `ray` first meets the ground within the city, or null. */
  meet(ray: Ray): [number, number, number] | null {
    const { origin: o, direction: d } = ray;
    if (d.z > -1e-4) return null;
    const enter = Math.max(0, (o.z - this.highest - 1) / -d.z);
    const leave = (o.z - this.lowest + 1) / -d.z;
    const step = Math.max((leave - enter) / 256, this.info.cell_size / 4);
    let before = enter;
    for (let t = enter; t <= leave + step; t += step) {
      if (o.z + d.z * t <= this.height(o.x + d.x * t, o.y + d.y * t)) {
        const at = this.bisect(ray, before, t);
        const [x, y] = [o.x + d.x * at, o.y + d.y * at];
        return this.contains(x, y) ? [x, y, this.height(x, y)] : null;
      }
      before = t;
    }
    return null;
  }

  private bisect({ origin: o, direction: d }: Ray, above: number, below: number): number {
    for (let i = 0; i < 16; i++) {
      const middle = (above + below) / 2;
      if (o.z + d.z * middle > this.height(o.x + d.x * middle, o.y + d.y * middle)) above = middle;
      else below = middle;
    }
    return below;
  }
}
