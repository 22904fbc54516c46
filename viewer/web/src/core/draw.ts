/** The hand on the map: clicks pick buildings and points, or set the corners of what is being drawn. */

import { Raycaster, Vector2 } from "three";
import { change, freshId, redo, undo } from "./history";
import { calm } from "./quarter";
import { type Point, session, view } from "./state";
import type { Terrain } from "./terrain";
import { fewest, picks, WORKS } from "./works";
import type { World } from "./world";

/** A press that moves further than this is a drag, px. */
const STILL_PX = 5;
/** A click this near to the first corner closes the shape, px. */
const NEAR_PX = 12;

export interface Hand {
  /** Called with every change of the draft or of the cursor over it. */
  onDraft(cursor: Point | null): void;
  /** A click on the map while nothing is drawn, -1..1 from the lower left. */
  onPick(x: number, y: number, ground: Point | null): void;
}

export class DrawingHand {
  private readonly ray = new Raycaster();
  private down: { x: number; y: number } | null = null;
  private cursor: Point | null = null;

  constructor(
    private readonly world: World,
    private readonly terrain: Terrain,
    private readonly hand: Hand,
  ) {
    const { canvas } = world;
    canvas.addEventListener("pointerdown", (event) => {
      this.down = event.button === 0 ? { x: event.clientX, y: event.clientY } : null;
    });
    canvas.addEventListener("pointerup", (event) => this.up(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerleave", () => this.setCursor(null));
    canvas.addEventListener("dblclick", () => this.finish());
    session.on(["tool", "draft", "chosen", "values"], () => this.hand.onDraft(this.cursor));
  }

  /** A key while the map has the focus; false where the hand has no use for it. */
  key(event: KeyboardEvent): boolean {
    const { tool, draft } = session.state;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      if (event.shiftKey) redo();
      else undo();
      return true;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y") {
      redo();
      return true;
    }
    if (event.key === " ") {
      const { width, height } = this.world.canvas.getBoundingClientRect();
      if (tool && !picks(tool)) this.corner(this.groundAt(0, 0));
      else this.hand.onPick(0, 0, width && height ? this.groundAt(0, 0) : null);
      return true;
    }
    if (!tool) return false;
    if (event.key === "Enter") this.finish();
    else if (event.key === "Backspace") session.set({ draft: draft.slice(0, -1), chosen: session.state.chosen.slice(0, -1) });
    else return false;
    return true;
  }

  /** Turn the draft into an edit, if it has corners or buildings enough. */
  finish(): void {
    const { tool, draft, chosen, values } = session.state;
    if (!tool) return;
    const points = draft.filter(([x, y], i) => i === 0 || Math.hypot(x - draft[i - 1][0], y - draft[i - 1][1]) > 0.3);
    if (points.length + chosen.length < fewest(tool)) return;
    if (WORKS[tool].shape === "quarter") {
      void calm(points);
      return;
    }
    change([...view.state.edits, { edit: tool, id: freshId(tool), points, buildings: chosen, values }]);
    // What one click does is done more than once as a rule: the tool stays in the hand.
    session.set({ draft: [], chosen: [], tool: ["point", "tree", "move"].includes(WORKS[tool].shape) ? tool : null });
  }

  private up(event: PointerEvent): void {
    const start = this.down;
    this.down = null;
    if (!start || Math.hypot(event.clientX - start.x, event.clientY - start.y) > STILL_PX) return;
    const [x, y] = this.screen(event);
    const ground = this.groundAt(x, y);
    const { tool, draft } = session.state;
    const shape = tool && WORKS[tool].shape;
    if (!tool || picks(tool)) this.hand.onPick(x, y, ground);
    else if (draft.length >= 3 && (shape === "area" || shape === "quarter") && this.near(event, draft[0])) this.finish();
    else if (event.detail < 2) this.corner(ground);
  }

  private move(event: PointerEvent): void {
    if (session.state.tool) this.setCursor(this.groundAt(...this.screen(event)));
  }

  private corner(ground: Point | null): void {
    if (ground) session.set({ draft: [...session.state.draft, [tenth(ground[0]), tenth(ground[1])]] });
    const { tool } = session.state;
    if (ground && tool && WORKS[tool].shape === "point") this.finish();
  }

  private setCursor(cursor: Point | null): void {
    this.cursor = cursor;
    if (session.state.tool) this.hand.onDraft(cursor);
  }

  private screen(event: PointerEvent): [number, number] {
    const box = this.world.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2];
  }

  private groundAt(x: number, y: number): Point | null {
    this.ray.setFromCamera(new Vector2(x, y), this.world.camera);
    const hit = this.terrain.meet(this.ray.ray);
    return hit && [hit[0], hit[1]];
  }

  private near(event: PointerEvent, [x, y]: Point): boolean {
    const box = this.world.canvas.getBoundingClientRect();
    const place = this.world.camera.position.clone().set(x, y, this.terrain.height(x, y)).project(this.world.camera);
    const [px, py] = [box.left + ((place.x + 1) / 2) * box.width, box.top + ((1 - place.y) / 2) * box.height];
    return Math.hypot(event.clientX - px, event.clientY - py) < NEAR_PX;
  }
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
