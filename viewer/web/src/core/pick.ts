/** Finding the feature under a ray: first the boxes of the features, then the triangles of the few that are hit. */

import { Box3, type BufferAttribute, type BufferGeometry, Ray, Vector3 } from "three";

const [A, B, C, HIT] = [new Vector3(), new Vector3(), new Vector3(), new Vector3()];

export class FeatureIndex {
  /** Decoded corners, three numbers each: the loader keeps them packed. */
  private readonly place: Float32Array;
  private readonly corners: Uint32Array;
  /** Triangles of feature f: `order[start[f]] … order[start[f + 1] - 1]`. */
  private readonly order: Uint32Array;
  private readonly start: Uint32Array;
  private readonly boxes: Box3[] = [];
  private readonly whole = new Box3();

  constructor(geometry: BufferGeometry, ids: BufferAttribute, count: number) {
    const positions = geometry.getAttribute("position");
    this.place = new Float32Array(positions.count * 3);
    for (let i = 0; i < positions.count; i++) this.place.set([positions.getX(i), positions.getY(i), positions.getZ(i)], i * 3);
    const index = geometry.getIndex();
    this.corners = index ? Uint32Array.from(index.array) : Uint32Array.from({ length: positions.count }, (_, i) => i);

    const triangles = this.corners.length / 3;
    const feature = new Uint32Array(triangles);
    this.start = new Uint32Array(count + 1);
    for (let t = 0; t < triangles; t++) {
      feature[t] = Math.round(ids.getX(this.corners[3 * t]));
      this.start[feature[t] + 1]++;
    }
    for (let f = 0; f < count; f++) this.start[f + 1] += this.start[f];
    const next = this.start.slice();
    this.order = new Uint32Array(triangles);
    for (let t = 0; t < triangles; t++) this.order[next[feature[t]]++] = t;

    for (let f = 0; f < count; f++) this.boxes.push(new Box3());
    for (let k = 0; k < this.corners.length; k++) this.boxes[feature[Math.floor(k / 3)]].expandByPoint(this.corner(k, A));
    for (const box of this.boxes) this.whole.union(box);
  }

  /** The nearest feature that `ray` meets, and where; the ray in the frame of the geometry. */
  meet(ray: Ray): { feature: number; point: Vector3 } | null {
    if (!ray.intersectsBox(this.whole)) return null;
    let best: { feature: number; point: Vector3 } | null = null;
    let nearest = Infinity;
    for (let f = 0; f < this.boxes.length; f++) {
      if (!ray.intersectsBox(this.boxes[f])) continue;
      for (let k = this.start[f]; k < this.start[f + 1]; k++) {
        const t = 3 * this.order[k];
        if (!ray.intersectTriangle(this.corner(t, A), this.corner(t + 1, B), this.corner(t + 2, C), false, HIT)) continue;
        const distance = HIT.distanceToSquared(ray.origin);
        if (distance < nearest) [nearest, best] = [distance, { feature: f, point: HIT.clone() }];
      }
    }
    return best;
  }

  private corner(k: number, into: Vector3): Vector3 {
    return into.fromArray(this.place, 3 * this.corners[k]);
  }
}
