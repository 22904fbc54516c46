/** Water: a field of depths laid over the ground, one for each side of the comparison. */

import { type BufferGeometry, DataTexture, LinearFilter, Mesh, RGBAFormat, ShaderMaterial, UnsignedByteType, Vector3, Vector4 } from "three";
import type { GridInfo } from "../core/api";
import { codeOfDepth, depthOfCode, FieldTexture, OFFSET, SCALE } from "../core/field";
import type { Frame } from "../core/frames";
import { HATCH_DEPTH, waterAlpha, waterColor } from "../core/palette";
import { SIDES, type Side } from "../core/state";
import type { World } from "../core/world";

interface Sheet {
  mesh: Mesh<BufferGeometry, ShaderMaterial>;
  field: FieldTexture | null;
}

export interface Water {
  world: World;
  sheets: Record<Side, Sheet>;
  visible: boolean;
  palette: DataTexture;
}

export function add(world: World, ground: BufferGeometry): Water {
  const palette = paletteTexture();
  const sheet = (): Sheet => {
    const mesh = new Mesh(ground, material(world, palette));
    mesh.visible = false;
    mesh.renderOrder = 2;
    mesh.frustumCulled = false;
    world.live.add(mesh);
    return { mesh, field: null };
  };
  const layer: Water = { world, sheets: { a: sheet(), b: sheet() }, visible: true, palette };
  world.sides.add((side) => {
    for (const each of SIDES) {
      const { mesh, field } = layer.sheets[each];
      mesh.visible = layer.visible && each === side && field !== null;
    }
  });
  return layer;
}

export type WaterChange =
  | { visible: boolean }
  | { side: Side; grid: GridInfo }
  | { side: Side; frame: Frame }
  | { side: Side; dry: true };

export function update(layer: Water, change: WaterChange): void {
  if ("visible" in change) layer.visible = change.visible;
  else if ("grid" in change) lay(layer.sheets[change.side], change.grid);
  else if ("frame" in change) layer.sheets[change.side].field?.show(change.frame);
  else layer.sheets[change.side].field?.clear();
  layer.world.requestLive();
}

export function remove(layer: Water): void {
  for (const side of SIDES) {
    layer.world.live.remove(layer.sheets[side].mesh);
    layer.sheets[side].field?.dispose();
  }
  layer.palette.dispose();
  layer.world.requestLive();
}

function lay(sheet: Sheet, grid: GridInfo): void {
  const before = sheet.field?.grid;
  const same = before && (Object.keys(grid) as (keyof GridInfo)[]).every((key) => before[key] === grid[key]);
  if (same) return;
  sheet.field?.dispose();
  sheet.field = new FieldTexture(grid);
  const { uniforms } = sheet.mesh.material;
  uniforms.field.value = sheet.field.texture;
  uniforms.place.value.set(grid.west, grid.south, 1 / (grid.nx * grid.cell_size), 1 / (grid.ny * grid.cell_size));
}

function paletteTexture(): DataTexture {
  const strip = new Uint8Array(256 * 4);
  for (let code = 0; code < 256; code++) {
    const depth = depthOfCode(code);
    strip.set([...waterColor(depth), Math.round(255 * waterAlpha(depth))], code * 4);
  }
  const texture = new DataTexture(strip, 256, 1, RGBAFormat, UnsignedByteType);
  texture.magFilter = texture.minFilter = LinearFilter;
  texture.needsUpdate = true;
  return texture;
}

function material(world: World, palette: DataTexture): ShaderMaterial {
  return new ShaderMaterial({
    transparent: true,
    depthWrite: false,
    polygonOffset: true,
    polygonOffsetFactor: -2,
    polygonOffsetUnits: -4,
    uniforms: {
      field: { value: null },
      palette: { value: palette },
      place: { value: new Vector4() },
      sun: { value: world.sun.direction },
      eye: { value: new Vector3() },
      hatch: { value: codeOfDepth(HATCH_DEPTH) / 255 },
    },
    vertexShader: `
      uniform sampler2D field;
      uniform vec4 place;
      varying vec2 vAt;
      varying vec3 vWorld;
      void main() {
        vec3 spot = position;
        vAt = (position.xy - place.xy) * place.zw;
        vec2 inside = step(vec2(0.0), vAt) * step(vAt, vec2(1.0));
        float code = texture2D(field, vAt).r * inside.x * inside.y;
        spot.z += ${OFFSET.toFixed(4)} * (exp(code * ${SCALE.toFixed(6)}) - 1.0);
        vWorld = spot;
        gl_Position = projectionMatrix * viewMatrix * vec4(spot, 1.0);
      }`,
    fragmentShader: `
      uniform sampler2D field;
      uniform sampler2D palette;
      uniform vec3 sun;
      uniform float hatch;
      varying vec2 vAt;
      varying vec3 vWorld;
      void main() {
        if (vAt.x < 0.0 || vAt.y < 0.0 || vAt.x > 1.0 || vAt.y > 1.0) discard;
        float code = texture2D(field, vAt).r;
        vec4 tone = texture2D(palette, vec2((code * 255.0 + 0.5) / 256.0, 0.5));
        if (tone.a < 0.01) discard;
        vec3 look = normalize(cameraPosition - vWorld);
        float stripe = abs(fract((vWorld.x + vWorld.y) / 5.0) - 0.5) * 5.0;
        float soft = fwidth(vWorld.x + vWorld.y) + 0.05;
        float line = 1.0 - smoothstep(0.28, 0.28 + soft, stripe);
        line *= smoothstep(2.5, 0.6, soft);
        vec3 hue = mix(tone.rgb, vec3(1.0), 0.34 * line * step(hatch, code));
        // A calm sheet with a breath of unevenness, so that the sun has something to touch.
        vec2 wave = vec2(sin(vWorld.x * 0.9 + sin(vWorld.y * 0.7)), sin(vWorld.y * 1.1 + sin(vWorld.x * 0.6))) * 0.03;
        vec3 up = normalize(vec3(wave, 1.0));
        float glint = pow(max(dot(reflect(-sun, up), look), 0.0), 90.0);
        float edge = pow(1.0 - max(look.z, 0.0), 4.0);
        hue = mix(hue, vec3(0.97), 0.22 * edge) + 0.35 * glint;
        gl_FragColor = vec4(hue, tone.a);
      }`,
  });
}
