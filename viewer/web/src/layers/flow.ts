/**
 * Where the water goes: slim streaks along the flow, one draw call for each side.
 *
 * Each square of the ground, as wide as suits the distance of the eye, gets one streak at its strongest flow, so that
 * a view of the whole city shows the streets that carry water and a near one the water around a corner. Streaks move
 * while time does; at rest, and for readers who want no motion, they stand.
 */

import { InstancedBufferAttribute, InstancedBufferGeometry, BufferAttribute, Mesh, ShaderMaterial } from "three";
import { valueOf } from "../core/frames";
import type { Flow as FlowFrames } from "../core/screen";
import { type CameraView, SIDES, type Side } from "../core/state";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

const MOST = 4000;
/** Numbers of one streak: place 3, weight 1, direction with length 3, darkness of the water 1. */
const SIZE = 8;
/** Slower or thinner water gets no streak. */
const LEAST_SPEED = 0.05;
const LEAST_DEPTH = 0.03;
/** Share of the distance of the eye between two streaks: about 34 points of the screen. */
const SPACING = 0.024;

interface Stream {
  mesh: Mesh<InstancedBufferGeometry, ShaderMaterial>;
  frames: FlowFrames | null;
}

export interface Flow {
  world: World;
  terrain: Terrain;
  streams: Record<Side, Stream>;
  visible: boolean;
}

export function add(world: World, terrain: Terrain): Flow {
  const stream = (): Stream => {
    const mesh = new Mesh(geometry(), material());
    mesh.visible = false;
    mesh.renderOrder = 3;
    mesh.frustumCulled = false;
    world.live.add(mesh);
    return { mesh, frames: null };
  };
  const layer: Flow = { world, terrain, streams: { a: stream(), b: stream() }, visible: true };
  world.sides.add((side) => {
    for (const each of SIDES) {
      const { mesh, frames } = layer.streams[each];
      mesh.visible = layer.visible && each === side && frames !== null;
    }
  });
  return layer;
}

export type FlowChange = { visible: boolean } | { clock: number | null } | { eye: CameraView } | { side: Side; frames: FlowFrames | null; eye: CameraView };

export function update(layer: Flow, change: FlowChange): void {
  if ("visible" in change) layer.visible = change.visible;
  else if ("clock" in change) {
    for (const side of SIDES) {
      const { uniforms } = layer.streams[side].mesh.material;
      uniforms.moving.value = change.clock === null ? 0 : 1;
      uniforms.clock.value = (change.clock ?? 0) % 1000;
    }
  } else if ("side" in change) {
    layer.streams[change.side].frames = change.frames;
    fill(layer, layer.streams[change.side], change.eye);
  } else for (const side of SIDES) fill(layer, layer.streams[side], change.eye);
  layer.world.requestLive();
}

export function remove(layer: Flow): void {
  for (const side of SIDES) {
    const { mesh } = layer.streams[side];
    layer.world.live.remove(mesh);
    mesh.geometry.dispose();
    mesh.material.dispose();
  }
  layer.world.requestLive();
}

/** Cells along the side of the squares of which each gets one streak; steps of one and a half, so that a small move of the eye changes nothing. */
export function squareOf(distance: number, cellSize: number): number {
  const wanted = Math.max(1, (distance * SPACING) / cellSize);
  return Math.max(1, Math.round(1.5 ** Math.round(Math.log(wanted) / Math.log(1.5))));
}

/**
 * The streaks of a flow around a point, `SIZE` numbers each.
 *
 * @param eye what is looked at, and from how far; streaks beyond twice that distance are left out
 * @param height of the ground, m
 */
export function streaks({ east, north, depth, grid }: FlowFrames, eye: Pick<CameraView, "x" | "y" | "distance">, height: (x: number, y: number) => number): Float32Array {
  const square = squareOf(eye.distance, grid.cell_size);
  const reach = eye.distance * 1.6;
  const column = (x: number): number => Math.floor((x - grid.west) / grid.cell_size / square);
  const row = (y: number): number => Math.floor((y - grid.south) / grid.cell_size / square);
  const last = { i: Math.ceil(grid.nx / square) - 1, j: Math.ceil(grid.ny / square) - 1 };
  const found: number[] = [];
  // Large squares are looked through in steps: the strongest of about a hundred cells will do.
  const stride = Math.max(1, Math.floor(square / 10));
  const spacing = square * grid.cell_size;
  for (let bj = Math.max(0, row(eye.y - reach)); bj <= Math.min(last.j, row(eye.y + reach)); bj++) {
    for (let bi = Math.max(0, column(eye.x - reach)); bi <= Math.min(last.i, column(eye.x + reach)); bi++) {
      let [best, most] = [-1, 0];
      for (let j = bj * square; j < Math.min(grid.ny, (bj + 1) * square); j += stride) {
        for (let i = bi * square; i < Math.min(grid.nx, (bi + 1) * square); i += stride) {
          const k = j * grid.nx + i;
          if (depth.mask?.[k] || east.mask?.[k] || north.mask?.[k] || depth.codes[k] === 0) continue;
          const carried = valueOf(depth.codes[k], depth) * Math.hypot(valueOf(east.codes[k], east), valueOf(north.codes[k], north));
          if (carried > most) [best, most] = [k, carried];
        }
      }
      if (best < 0) continue;
      const deep = valueOf(depth.codes[best], depth);
      const [u, v] = [valueOf(east.codes[best], east), valueOf(north.codes[best], north)];
      const speed = Math.hypot(u, v);
      if (deep < LEAST_DEPTH || speed < LEAST_SPEED) continue;
      const weight = ramp(deep, LEAST_DEPTH, 0.1) * ramp(speed, LEAST_SPEED, 0.25);
      const x = grid.west + ((best % grid.nx) + 0.5) * grid.cell_size;
      const y = grid.south + (Math.floor(best / grid.nx) + 0.5) * grid.cell_size;
      const length = Math.min(spacing, 30) * (0.55 + 0.6 * Math.min(1, Math.sqrt(speed / 2)));
      const [dx, dy] = [(u / speed) * length, (v / speed) * length];
      const rise = height(x + dx / 2, y + dy / 2) - height(x - dx / 2, y - dy / 2);
      found.push(x, y, height(x, y) + deep, 0.25 + 0.75 * weight, dx, dy, rise, ramp(deep, 0.05, 0.2));
      if (found.length >= MOST * SIZE) return new Float32Array(found);
    }
  }
  return new Float32Array(found);
}

function ramp(value: number, low: number, high: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

function fill(layer: Flow, { mesh, frames }: Stream, eye: CameraView): void {
  const found = frames ? streaks(frames, eye, (x, y) => layer.terrain.height(x, y)) : new Float32Array(0);
  const count = found.length / SIZE;
  for (const [name, from] of [
    ["place", 0],
    ["along", 4],
  ] as const) {
    const attribute = mesh.geometry.getAttribute(name) as InstancedBufferAttribute;
    for (let n = 0; n < count; n++) (attribute.array as Float32Array).set(found.subarray(n * SIZE + from, n * SIZE + from + 4), n * 4);
    attribute.needsUpdate = true;
  }
  mesh.geometry.instanceCount = count;
}

function geometry(): InstancedBufferGeometry {
  const shape = new InstancedBufferGeometry();
  // A kite: a long thin tail and a short head. Along -0.5..0.5, across -1..1.
  shape.setAttribute("position", new BufferAttribute(new Float32Array([-0.5, 0, 0, 0.28, -1, 0, 0.28, 1, 0, 0.5, 0, 0]), 3));
  shape.setIndex([0, 1, 2, 1, 3, 2]);
  shape.setAttribute("place", new InstancedBufferAttribute(new Float32Array(MOST * 4), 4));
  shape.setAttribute("along", new InstancedBufferAttribute(new Float32Array(MOST * 4), 4));
  shape.instanceCount = 0;
  return shape;
}

function material(): ShaderMaterial {
  return new ShaderMaterial({
    transparent: true,
    depthWrite: false,
    polygonOffset: true,
    polygonOffsetFactor: -4,
    polygonOffsetUnits: -16,
    uniforms: { clock: { value: 0 }, moving: { value: 0 } },
    vertexShader: `
      attribute vec4 place;
      attribute vec4 along;
      uniform float clock;
      uniform float moving;
      varying float vAlpha;
      varying vec3 vColor;
      void main() {
        float seed = fract(sin(dot(place.xy, vec2(12.9898, 78.233))) * 43758.5453);
        float phase = fract(clock * 0.7 + seed);
        float shift = moving * (phase - 0.5) * 0.9;
        vec2 across = normalize(vec2(-along.y, along.x)) * length(along.xy) * 0.06;
        vec3 spot = place.xyz + along.xyz * (position.x + shift) + vec3(across * position.y, 0.3);
        float fade = mix(1.0, sin(3.14159 * phase), moving);
        vAlpha = place.w * fade * smoothstep(-0.5, 0.3, position.x);
        vColor = mix(vec3(0.22, 0.45, 0.82), vec3(1.0), along.w);
        gl_Position = projectionMatrix * viewMatrix * vec4(spot, 1.0);
      }`,
    fragmentShader: `
      varying float vAlpha;
      varying vec3 vColor;
      void main() {
        gl_FragColor = vec4(vColor, 0.9 * vAlpha);
      }`,
  });
}
