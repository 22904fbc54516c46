import { BoxGeometry, BufferAttribute, DoubleSide, Mesh, MeshBasicMaterial, Ray, Raycaster, Vector3 } from "three";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";
import { expect, test } from "vitest";
import { FeatureIndex } from "../src/core/pick";

test("the index finds what the library's own search through all triangles finds", () => {
  let seed = 7;
  const chance = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const boxes = Array.from({ length: 40 }, () => new BoxGeometry(4 + 9 * chance(), 4 + 9 * chance(), 5 + 30 * chance()).translate(120 * chance(), 120 * chance(), 0));
  const geometry = mergeGeometries(boxes);
  const each = boxes[0].getAttribute("position").count;
  const ids = new BufferAttribute(Float32Array.from({ length: geometry.getAttribute("position").count }, (_, i) => Math.floor(i / each)), 1);
  const index = new FeatureIndex(geometry, ids, boxes.length);
  const mesh = new Mesh(geometry, new MeshBasicMaterial({ side: DoubleSide }));
  let hits = 0;
  for (let i = 0; i < 400; i++) {
    const origin = new Vector3(300 * chance() - 90, 300 * chance() - 90, 80);
    const ray = new Ray(origin, new Vector3(120 * chance(), 120 * chance(), 0).sub(origin).normalize());
    const expected = new Raycaster(ray.origin, ray.direction).intersectObject(mesh)[0];
    const found = index.meet(ray);
    if (!expected) {
      expect(found).toBeNull();
      continue;
    }
    hits++;
    expect(found!.point.distanceTo(expected.point)).toBeLessThan(1e-4);
  }
  expect(hits).toBeGreaterThan(100);
});
