/** Points that one has asked for: a pin with its letter for each, seen through what stands before it. */

import { CanvasTexture, Sprite, SpriteMaterial, SRGBColorSpace } from "three";
import type { Point } from "../core/state";
import type { Terrain } from "../core/terrain";
import type { World } from "../core/world";

const INK = "#1f2933";
const SIZE = 0.046;

export interface Pin {
  /** Empty for the point that is looked at and not pinned. */
  letter: string;
  at: Point;
  lit: boolean;
}

export interface Probes {
  world: World;
  terrain: Terrain;
  pins: Sprite[];
}

export function add(world: World, terrain: Terrain): Probes {
  return { world, terrain, pins: [] };
}

export function update(layer: Probes, { pins }: { pins: readonly Pin[] }): void {
  clear(layer);
  for (const pin of pins) {
    const sprite = new Sprite(new SpriteMaterial({ map: face(pin), sizeAttenuation: false, depthTest: false, transparent: true }));
    const [x, y] = pin.at;
    sprite.position.set(x, y, layer.terrain.height(x, y));
    sprite.center.set(0.5, 0.06);
    sprite.scale.set(SIZE, SIZE, 1);
    sprite.renderOrder = 6;
    layer.world.live.add(sprite);
    layer.pins.push(sprite);
  }
  layer.world.requestLive();
}

export function remove(layer: Probes): void {
  clear(layer);
  layer.world.requestLive();
}

function clear(layer: Probes): void {
  for (const sprite of layer.pins) {
    layer.world.live.remove(sprite);
    sprite.material.map?.dispose();
    sprite.material.dispose();
  }
  layer.pins = [];
}

/** A drop that stands on its point, with a letter or a dot. */
function face({ letter, lit }: Pin): CanvasTexture {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 96;
  const pen = canvas.getContext("2d")!;
  pen.beginPath();
  pen.arc(48, 38, 28, Math.PI * 0.82, Math.PI * 0.18);
  pen.lineTo(48, 92);
  pen.closePath();
  pen.fillStyle = lit ? INK : "#ffffff";
  pen.strokeStyle = lit ? "#ffffff" : INK;
  pen.lineWidth = 5;
  pen.fill();
  pen.stroke();
  pen.fillStyle = lit ? "#ffffff" : INK;
  if (letter) {
    pen.font = '700 34px "Inter Variable", sans-serif';
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(letter, 48, 39);
  } else {
    pen.beginPath();
    pen.arc(48, 38, 9, 0, 2 * Math.PI);
    pen.fill();
  }
  const texture = new CanvasTexture(canvas);
  texture.colorSpace = SRGBColorSpace;
  texture.anisotropy = 2;
  return texture;
}
