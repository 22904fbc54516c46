/**
 * Traffic: each direction of a street as a ribbon on its right, as wide as its volume, coloured by a field.
 *
 * The shape of all ribbons is made once for a network; width and colour of each link stand in a small picture that
 * every frame writes anew.
 */

import { BufferAttribute, BufferGeometry, DataTexture, FloatType, Mesh, NearestFilter, RGBAFormat, ShaderMaterial } from "three";
import type { Street } from "../core/api";
import { SIDES, type Side } from "../core/state";
import { lineOf, linkOf, ribbon, STATION } from "../core/streets";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

/** Above the ground, m: streets lie on it, and the ground between its cells may bulge. */
const ABOVE_M = 0.9;
/** Between the two directions of a street, m. */
const GAP_M = 0.5;
/** Links in a row of the picture. */
const ROW = 1024;
/** Ribbons seen from higher than this grow with the height, so that a whole city still shows its streets, m. */
const FAR_M = 420;
/** How much of a ribbon is seen through what stands before it: trees and houses hide most streets. */
const VEIL = 0.5;

/** What every link shows: width m, and colour 0..1; a width of 0 is not drawn. */
export type Paint = (link: number) => readonly [width: number, red: number, green: number, blue: number];

interface Band {
  mesh: Mesh<BufferGeometry, ShaderMaterial>;
  /** The same, seen through all that stands before it. */
  veil: Mesh<BufferGeometry, ShaderMaterial>;
  links: readonly string[];
  paint: Float32Array;
}

export interface Ribbons {
  world: World;
  terrain: Terrain;
  streets: ReadonlyMap<string, Street>;
  bands: Record<Side, Band | null>;
  visible: boolean;
  far: { value: number };
}

export function add(world: World, terrain: Terrain, streets: readonly Street[]): Ribbons {
  const layer: Ribbons = { world, terrain, streets: new Map(streets.map((one) => [one.id, one])), bands: { a: null, b: null }, visible: true, far: { value: 1 } };
  world.sides.add((side) => {
    layer.far.value = Math.max(1, world.camera.position.z / FAR_M);
    for (const each of SIDES) {
      const band = layer.bands[each];
      if (band) band.mesh.visible = band.veil.visible = layer.visible && each === side;
    }
  });
  return layer;
}

export interface Change {
  visible?: boolean;
  side?: Side;
  /** Ids of links; null takes the ribbons of a side away. */
  links?: readonly string[] | null;
  paint?: Paint;
}

export function update(layer: Ribbons, { visible, side, links, paint }: Change): void {
  if (visible !== undefined) layer.visible = visible;
  if (side && links !== undefined && links !== layer.bands[side]?.links) {
    drop(layer, side);
    if (links) layer.bands[side] = lay(layer, links);
  }
  const band = side && layer.bands[side];
  if (band && paint) {
    for (let link = 0; link < band.links.length; link++) band.paint.set(paint(link), link * 4);
    (band.mesh.material.uniforms.paint.value as DataTexture).needsUpdate = true;
  }
  layer.world.requestLive();
}

export function remove(layer: Ribbons): void {
  for (const side of SIDES) drop(layer, side);
  layer.world.requestLive();
}

function drop(layer: Ribbons, side: Side): void {
  const band = layer.bands[side];
  if (!band) return;
  layer.world.live.remove(band.mesh, band.veil);
  band.veil.material.dispose();
  (band.mesh.material.uniforms.paint.value as DataTexture).dispose();
  band.mesh.material.dispose();
  band.mesh.geometry.dispose();
  layer.bands[side] = null;
}

function lay(layer: Ribbons, links: readonly string[]): Band {
  const { world, terrain, streets } = layer;
  const [place, across, which, index]: [number[], number[], number[], number[]] = [[], [], [], []];
  links.forEach((id, link) => {
    const { street, along } = linkOf(id);
    const known = streets.get(street);
    if (!known) return;
    const stations = ribbon(lineOf(known, along));
    const count = stations.length / STATION;
    for (let i = 0; i < count; i++) {
      const [x, y, rx, ry, body] = stations.subarray(i * STATION, (i + 1) * STATION);
      const z = terrain.height(x, y) + ABOVE_M;
      const first = place.length / 3;
      for (const edge of [0, 1]) {
        place.push(x, y, z);
        across.push(rx, ry, edge, body);
        which.push(link);
      }
      if (i > 0) index.push(first - 2, first, first - 1, first - 1, first, first + 1);
    }
  });
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(place), 3));
  geometry.setAttribute("across", new BufferAttribute(new Float32Array(across), 4));
  geometry.setAttribute("which", new BufferAttribute(new Float32Array(which), 1));
  geometry.setIndex(place.length / 3 > 65_535 ? new BufferAttribute(new Uint32Array(index), 1) : index);
  const rows = Math.max(1, Math.ceil(links.length / ROW));
  const paint = new Float32Array(ROW * rows * 4);
  const picture = new DataTexture(paint, ROW, rows, RGBAFormat, FloatType);
  picture.magFilter = picture.minFilter = NearestFilter;
  picture.needsUpdate = true;
  const [veil, mesh] = [VEIL, 1].map((cover, i) => {
    const one = new Mesh(geometry, material(picture, layer.far, cover));
    one.frustumCulled = one.visible = false;
    one.renderOrder = 2.5 + i / 2;
    world.live.add(one);
    return one;
  });
  return { mesh, veil, links, paint };
}

function material(paint: DataTexture, far: { value: number }, cover: number): ShaderMaterial {
  return new ShaderMaterial({
    transparent: true,
    depthWrite: false,
    depthTest: cover === 1,
    polygonOffset: true,
    polygonOffsetFactor: -5,
    polygonOffsetUnits: -24,
    uniforms: { paint: { value: paint }, far, cover: { value: 0.95 * cover } },
    side: 2,
    vertexShader: `
      attribute vec4 across;
      attribute float which;
      uniform sampler2D paint;
      uniform float far;
      varying float vEdge;
      varying vec3 vColor;
      void main() {
        int link = int(which + 0.5);
        vec4 said = texelFetch(paint, ivec2(link % ${ROW}, link / ${ROW}), 0);
        float wide = said.r * far;
        // At the tip the ribbon narrows to its middle.
        float edge = mix(0.5, across.z, across.w);
        vec3 spot = position + vec3(across.xy * (${GAP_M.toFixed(2)} * far + wide * edge), 0.0);
        vEdge = across.z;
        vColor = said.gba;
        gl_Position = said.r > 0.0 ? projectionMatrix * viewMatrix * vec4(spot, 1.0) : vec4(0.0, 0.0, 2.0, 1.0);
      }`,
    fragmentShader: `
      uniform float cover;
      varying float vEdge;
      varying vec3 vColor;
      void main() {
        // Points of the screen to the edge; a wide ribbon has a pale rim there, every one a soft edge.
        float step = max(fwidth(vEdge), 1e-4);
        float rim = min(vEdge, 1.0 - vEdge) / step;
        float wide = smoothstep(6.0, 10.0, 1.0 / step);
        vec3 color = mix(vColor, vec3(1.0), 0.7 * wide * (1.0 - smoothstep(0.6, 1.6, rim)));
        gl_FragColor = vec4(color, cover * clamp(rim + 0.5, 0.0, 1.0));
        #include <colorspace_fragment>
      }`,
  });
}
