/** The picture: drawn on demand, the still city apart from what moves over it, split into A and B. */

import { Color, NoToneMapping, PCFShadowMap, PerspectiveCamera, Scene, SRGBColorSpace, Vector2, Vector3, WebGLRenderer } from "three";
import type { Side } from "./state";
import { Still } from "./still";
import { momentOf, type SunPosition, Sunlight, sunPosition } from "./sun";

const PAPER = 0xf7f5f0;
/** Without a graphics card: share of the points drawn while the camera moves, and the pause after which all are. */
const QUICK_SCALE = 0.55;
const REST_MS = 220;
/** Pause between two pictures of a city whose tiles still come in, without and with a graphics card. */
const ARRIVAL_MS = { software: 900, card: 80 };

export interface DrawCount {
  calls: number;
  triangles: number;
  frames: number;
}

export class World {
  readonly renderer: WebGLRenderer;
  /** What stands still while nobody moves: drawn anew only on `request`. */
  readonly scene = new Scene();
  /** What moves: water, and what is being drawn; drawn over the still city. No light reaches it. */
  readonly live = new Scene();
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
  private readonly stills: Record<Side, Still> = { a: new Still(), b: new Still() };
  private stale: Record<Side, boolean> = { a: true, b: true };
  /** Pictures are drawn by the processor, where every point is dear. */
  readonly software: boolean;
  private moving = false;
  private arrival: ReturnType<typeof setTimeout> | undefined;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private asked = false;
  private lost = false;
  private sunPlace: SunPosition = sunPosition(momentOf(16));
  /** Pixels that the panels cover at the left and at the bottom: the city is centred in what is left. */
  private covered = { left: 0, bottom: 0 };
  private shadowDisc = { centre: new Vector3(), radius: 100 };
  private readonly size = new Vector2();

  constructor(
    readonly canvas: HTMLCanvasElement,
    onLost: (lost: boolean) => void,
  ) {
    this.renderer = new WebGLRenderer({ canvas, antialias: false, powerPreference: "high-performance" });
    this.software = isSoftware(this.renderer);
    this.renderer.outputColorSpace = SRGBColorSpace;
    this.renderer.toneMapping = NoToneMapping;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.renderer.info.autoReset = false;
    this.renderer.autoClear = false;
    this.renderer.setPixelRatio(this.software ? 1 : Math.min(devicePixelRatio, 2));
    this.scene.background = new Color(PAPER);
    this.camera.up.set(0, 0, 1);
    this.sun = new Sunlight(this.scene, this.software ? 2048 : 4096);
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

  /** Ask for a picture in which the city itself has changed or is seen from elsewhere. */
  request(): void {
    this.stale = { a: true, b: true };
    this.requestLive();
  }

  /** Ask for a picture in which only the moving part has changed; many askings before it are one. */
  requestLive(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  /** The camera moves: without a graphics card, coarse pictures until it rests. */
  requestMoving(): void {
    this.request();
    if (!this.software) return;
    this.moving = true;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.moving = false;
      this.request();
    }, REST_MS);
  }

  /** Something of the city has arrived: a picture soon, many arrivals in one. */
  requestArrival(): void {
    this.arrival ??= setTimeout(
      () => {
        this.arrival = undefined;
        this.requestShadows();
      },
      this.software ? ARRIVAL_MS.software : ARRIVAL_MS.card,
    );
  }

  /** Draw the shadows anew too: something that casts them has changed. */
  requestShadows(): void {
    this.sun.refresh();
    this.request();
  }

  setSun(place: SunPosition): void {
    if (place.elevation === this.sunPlace.elevation && place.azimuth === this.sunPlace.azimuth) return;
    this.sunPlace = place;
    this.placeSun();
  }

  /** The part of the ground that gets shadows. */
  setShadowDisc(centre: Vector3, radius: number): void {
    this.shadowDisc = { centre: centre.clone(), radius };
    this.placeSun();
  }

  setCovered(left: number, bottom: number): void {
    if (left === this.covered.left && Math.abs(bottom - this.covered.bottom) < 24) return;
    this.covered = { left, bottom };
    this.resize();
  }

  private placeSun(): void {
    this.sun.set(this.sunPlace, this.shadowDisc.centre, this.shadowDisc.radius);
    this.request();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement ?? this.canvas;
    if (!width || !height) return;
    this.renderer.setSize(width, height, false);
    const { left, bottom } = this.covered;
    this.camera.aspect = width / height;
    this.camera.setViewOffset(width, height, -left / 2, bottom / 2, width, height);
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
      this.part(this.alone, 0, width, height);
    } else {
      const handle = Math.round(width * this.split);
      this.part("a", 0, handle, height);
      this.part("b", handle, width, height);
    }
    const { calls, triangles } = this.renderer.info.render;
    Object.assign(this.drawn, { calls, triangles, frames: this.drawn.frames + 1 });
    if (again) this.request();
  }

  /** One side of the picture, between two columns of the screen. */
  private part(side: Side, from: number, to: number, height: number): void {
    const { renderer } = this;
    for (const prepare of this.sides) prepare(side);
    if (this.stale[side]) {
      const ratio = renderer.getPixelRatio() * (this.moving ? QUICK_SCALE : 1);
      const [w, h] = [Math.round(this.size.x * ratio), Math.round(this.size.y * ratio)];
      this.stills[side].take(renderer, this.scene, this.camera, w, h, this.moving ? 0 : 4);
      this.stale[side] = false;
    }
    renderer.setScissorTest(true);
    renderer.setScissor(from, 0, to - from, height);
    this.stills[side].lay(renderer);
    renderer.render(this.live, this.camera);
    renderer.setScissorTest(false);
  }
}

/** Whether pictures are drawn by the processor, where every pixel is dear. */
function isSoftware(renderer: WebGLRenderer): boolean {
  const gl = renderer.getContext();
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|software/i.test(name);
}
