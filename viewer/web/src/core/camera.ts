/** Looking around: mouse, touch and keys move one camera about a point of the ground. */

import { MathUtils, MOUSE, TOUCH, Vector3 } from "three";
import { MapControls } from "three/addons/controls/MapControls.js";
import type { CameraView } from "./state";
import type { World } from "./world";

const RADIANS = Math.PI / 180;
const EASE_MS = 240;

/** Where a camera stands, seen from its target. */
export function standing(view: CameraView): Vector3 {
  const [azimuth, tilt] = [view.azimuth * RADIANS, view.tilt * RADIANS];
  const flat = view.distance * Math.sin(tilt);
  return new Vector3(view.x + flat * Math.sin(azimuth), view.y + flat * Math.cos(azimuth), view.z + view.distance * Math.cos(tilt));
}

export class CameraMan {
  readonly controls: MapControls;
  private home: CameraView;
  private flight: { from: CameraView; to: CameraView; start: number } | null = null;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(
    private readonly world: World,
    private readonly ground: (x: number, y: number) => number,
    private readonly onRest: (view: CameraView) => void,
  ) {
    this.home = { x: 0, y: 0, z: 0, distance: 1000, azimuth: 215, tilt: 56 };
    const controls = new MapControls(world.camera, world.canvas);
    controls.enableDamping = false;
    controls.zoomToCursor = true;
    controls.minDistance = 25;
    controls.maxPolarAngle = 84 * RADIANS;
    controls.mouseButtons = { LEFT: MOUSE.PAN, MIDDLE: MOUSE.DOLLY, RIGHT: MOUSE.ROTATE };
    controls.touches = { ONE: TOUCH.PAN, TWO: TOUCH.DOLLY_ROTATE };
    this.controls = controls;
    let rest: ReturnType<typeof setTimeout> | undefined;
    controls.addEventListener("change", () => {
      this.focus(world.camera.position.distanceTo(controls.target));
      world.requestMoving();
      clearTimeout(rest);
      rest = setTimeout(() => this.onRest(this.view), 180);
    });
    world.before.add(() => this.fly());
  }

  /** The view that shows the whole city from the south-west. */
  setHome(view: CameraView, farthest: number): void {
    this.home = view;
    this.controls.maxDistance = farthest;
    this.world.camera.far = farthest * 3;
    this.world.camera.updateProjectionMatrix();
  }

  get view(): CameraView {
    const { target } = this.controls;
    const arm = this.world.camera.position.clone().sub(target);
    const distance = arm.length();
    return {
      x: target.x,
      y: target.y,
      z: target.z,
      distance,
      azimuth: (Math.atan2(arm.x, arm.y) / RADIANS + 360) % 360,
      tilt: Math.acos(MathUtils.clamp(arm.z / distance, -1, 1)) / RADIANS,
    };
  }

  /** Stand there at once. */
  stand(view: CameraView): void {
    this.flight = null;
    this.controls.target.set(view.x, view.y, view.z);
    this.world.camera.position.copy(standing(view));
    this.focus(view.distance);
    this.controls.update();
    this.world.requestMoving();
  }

  /** Go there in a short ease, or at once where the reader wants no motion. */
  go(view: CameraView): void {
    if (this.calm.matches) {
      this.stand(view);
      return;
    }
    this.flight = { from: this.view, to: view, start: performance.now() };
    this.world.request();
  }

  goHome(): void {
    this.go(this.home);
  }

  /** Come in from a little higher and further than the home view. */
  settle(): void {
    this.stand({ ...this.home, distance: this.home.distance * 1.12, tilt: this.home.tilt - 6 });
    this.goHome();
  }

  /** Move by a key; false where the key means nothing here. */
  key(event: KeyboardEvent): boolean {
    const view = this.view;
    const stride = view.distance * 0.06;
    const turn = event.shiftKey;
    const along = (right: number, ahead: number) => {
      const azimuth = view.azimuth * RADIANS;
      const [x, y] = [
        view.x + stride * (-Math.cos(azimuth) * right - Math.sin(azimuth) * ahead),
        view.y + stride * (Math.sin(azimuth) * right - Math.cos(azimuth) * ahead),
      ];
      return { ...view, x, y, z: this.ground(x, y) };
    };
    const moves: Record<string, () => CameraView> = {
      ArrowLeft: () => (turn ? { ...view, azimuth: view.azimuth + 6 } : along(-1, 0)),
      ArrowRight: () => (turn ? { ...view, azimuth: view.azimuth - 6 } : along(1, 0)),
      ArrowUp: () => (turn ? { ...view, tilt: Math.max(2, view.tilt - 5) } : along(0, 1)),
      ArrowDown: () => (turn ? { ...view, tilt: Math.min(82, view.tilt + 5) } : along(0, -1)),
      "+": () => ({ ...view, distance: Math.max(this.controls.minDistance, view.distance * 0.85) }),
      "=": () => ({ ...view, distance: Math.max(this.controls.minDistance, view.distance * 0.85) }),
      "-": () => ({ ...view, distance: Math.min(this.controls.maxDistance, view.distance / 0.85) }),
      Home: () => this.home,
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "Home") this.goHome();
    else this.stand(move());
    return true;
  }

  /** Keep the near plane where depths are told apart best at this distance. */
  private focus(distance: number): void {
    this.world.camera.near = Math.max(0.5, distance / 200);
    this.world.camera.updateProjectionMatrix();
  }

  private fly(): boolean {
    if (!this.flight) return false;
    const { from, to, start } = this.flight;
    const share = Math.min(1, (performance.now() - start) / EASE_MS);
    const eased = 1 - (1 - share) ** 3;
    const turn = ((to.azimuth - from.azimuth + 540) % 360) - 180;
    const mixed = Object.fromEntries(
      (Object.keys(to) as (keyof CameraView)[]).map((key) => [key, from[key] + (to[key] - from[key]) * eased]),
    ) as unknown as CameraView;
    const flight = share < 1 ? this.flight : null;
    this.stand({ ...mixed, azimuth: from.azimuth + turn * eased });
    this.flight = flight;
    if (!flight) this.onRest(this.view);
    return flight !== null;
  }
}
