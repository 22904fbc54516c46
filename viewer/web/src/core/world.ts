/** The picture: renderer, scene, drawing on demand, and the split into A and B. */

import { Color, NoToneMapping, PCFShadowMap, PerspectiveCamera, Scene, SRGBColorSpace, Vector2, Vector3, WebGLRenderer } from "three";
import type { Side } from "./state";
import { Sunlight } from "./sun";

export const PAPER = 0xf7f5f0;

export interface DrawCount {
  calls: number;
  triangles: number;
  frames: number;
}

export class World {
  readonly renderer: WebGLRenderer;
  readonly scene = new Scene();
  readonly camera = new PerspectiveCamera(32, 1, 1, 20_000);
  readonly sun: Sunlight;
  readonly drawn: DrawCount = { calls: 0, triangles: 0, frames: 0 };
  /** Called before each picture; true asks for another one after it. */
  readonly before = new Set<() => boolean | void>();
  /** Called before each half of the picture. */
  readonly sides = new Set<(side: Side) => void>();
  /** Share of the width left of the handle; null shows one side alone. */
  split: number | null = null;
  /** The side shown while there is no split. */
  alone: Side = "a";
  private asked = false;
  private lost = false;
  private sunHour = 16;
  private shadowDisc = { centre: new Vector3(), radius: 100 };
  private readonly size = new Vector2();

  constructor(
    readonly canvas: HTMLCanvasElement,
    onLost: (lost: boolean) => void,
  ) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, powerPreference: "high-performance" });
    const software = isSoftware(this.renderer);
    this.renderer.outputColorSpace = SRGBColorSpace;
    this.renderer.toneMapping = NoToneMapping;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.renderer.info.autoReset = false;
    this.renderer.setPixelRatio(software ? 1 : Math.min(devicePixelRatio, 2));
    this.scene.background = new Color(PAPER);
    this.camera.up.set(0, 0, 1);
    this.sun = new Sunlight(this.scene, software ? 2048 : 4096);
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.lost = true;
      onLost(true);
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.lost = false;
      onLost(false);
      this.sun.refresh();
      this.request();
    });
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement ?? canvas);
    this.resize();
  }

  /** Ask for one new picture; many askings between two pictures are one. */
  request(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  /** Draw the shadows anew too: something that casts them has changed. */
  requestShadows(): void {
    this.sun.refresh();
    this.request();
  }

  setHour(hour: number): void {
    this.sunHour = hour;
    this.placeSun();
  }

  /** The part of the ground that gets shadows. */
  setShadowDisc(centre: Vector3, radius: number): void {
    this.shadowDisc = { centre: centre.clone(), radius };
    this.placeSun();
  }

  private placeSun(): void {
    this.sun.set(this.sunHour, this.shadowDisc.centre, this.shadowDisc.radius);
    this.request();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement ?? this.canvas;
    if (!width || !height) return;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    this.request();
  }

  private draw(): void {
    if (this.lost) return;
    let again = false;
    for (const step of this.before) again = step() === true || again;
    this.renderer.info.reset();
    this.renderer.getSize(this.size);
    const { x: width, y: height } = this.size;
    if (this.split === null) {
      this.renderer.setScissorTest(false);
      this.pass(this.alone);
    } else {
      const handle = Math.round(width * this.split);
      this.renderer.setScissorTest(true);
      this.renderer.setScissor(0, 0, handle, height);
      this.pass("a");
      this.renderer.setScissor(handle, 0, width - handle, height);
      this.pass("b");
      this.renderer.setScissorTest(false);
    }
    const { calls, triangles } = this.renderer.info.render;
    Object.assign(this.drawn, { calls, triangles, frames: this.drawn.frames + 1 });
    if (again) this.request();
  }

  private pass(side: Side): void {
    for (const prepare of this.sides) prepare(side);
    this.renderer.render(this.scene, this.camera);
  }
}

/** Whether pictures are drawn by the processor, where every pixel is dear. */
function isSoftware(renderer: WebGLRenderer): boolean {
  const gl = renderer.getContext();
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|software/i.test(name);
}
