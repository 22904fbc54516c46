/** The stage: brings city, layers, hand and runs together and keeps them in step with the two stores. */

import * as buildings from "../layers/buildings";
import * as ground from "../layers/ground";
import * as streets from "../layers/streets";
import * as trees from "../layers/trees";
import { api, type ReachMode, type Street } from "./api";
import { CameraMan } from "./camera";
import { type Crown, crownsOf, goneBy, plantedBy } from "./crowns";
import type { DrawingHand } from "./draw";
import type * as Later from "./later";
import { cityName } from "./i18n";
import { expose } from "./hooks";
import { parseHex } from "./palette";
import { reason } from "./problem";
import type { Places } from "./places";
import type { Probing } from "./probing";
import type { Reach } from "./reach";
import type { Runs } from "./runs";
import { type CameraView, type LayerName, type Point, session, SIDES, type Side, view } from "./state";
import { picks, WORKS } from "./works";
import { isEnergy, isHot, isTraffic, momentShown } from "./moments";
import { momentOf, sunPosition } from "./sun";
import { Terrain } from "./terrain";
import type { Traffic } from "./traffic";
import { Raycaster, Vector2, Vector3 } from "three";
import { World } from "./world";

const linear = (hex: string): [number, number, number] => parseHex(hex).map((channel) => (channel / 255) ** 2.2) as [number, number, number];
const IRIS = linear("#0a4f9e");
const B = linear("#b84a14");

/** Radius of the ground that one shadow map can serve without coarse edges, m. */
const SHADOW_REACH_M = 1400;

/** Pictures a second of moving water: few, for it is calm; fewer where the processor draws them. */
const RIPPLE_MS = { card: 50, software: 140 };

export class Planner {
  readonly world: World;
  private runs!: Runs;
  private camera!: CameraMan;
  private hand!: DrawingHand;
  private terrain!: Terrain;
  probing!: Probing;
  places!: Places;
  private traffic!: Traffic;
  private reach!: Reach;
  private ripples: ReturnType<typeof setInterval> | undefined;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private layers: {
    ground?: ground.Ground;
    buildings?: buildings.Buildings;
    trees?: trees.Trees;
    streets?: streets.Streets;
    water?: Later.water.Water;
    edits?: Later.edits.Edits;
    planted?: Later.planted.Planted;
    sectors?: Later.sectors.Sectors;
    flow?: Later.flow.Flow;
    probes?: Later.probes.Probes;
  } = {};
  private later!: typeof Later;
  private crowns: readonly Crown[] = [];
  private readonly ray = new Raycaster();
  /** Colours of buildings by what a run says of them. */
  private dress: buildings.Tinter = () => null;

  constructor(canvas: HTMLCanvasElement) {
    this.world = new World(canvas, (lost) => {
      if (lost) session.set({ problem: { what: "problem.graphics", why: "", remedy: "remedy.reload", act: () => location.reload() } });
      else if (session.state.problem?.what === "problem.graphics") session.set({ problem: null });
    });
    expose(this);
    void this.open();
  }

  /** Load the city; on failure say so and offer to try again. */
  async open(): Promise<void> {
    try {
      const coming = import("./later");
      const [city, info, codes] = await Promise.all([api.city(), api.terrainInfo(), api.terrain()]);
      this.terrain = new Terrain(info, codes);
      session.set({ city, problem: null });
      document.title = `${cityName(city.name)} – bxl-twin`;
      await this.build(coming);
    } catch (error) {
      session.set({ problem: { what: "problem.city", why: reason(error), remedy: "remedy.retry", act: () => void this.open() } });
    }
  }

  start = (): void => void this.runs.start();
  cancel = (): void => void this.runs.cancel();
  home = (): void => this.camera.goHome();
  finish = (): void => this.hand.finish();
  askReach = (at: Point, mode: ReachMode): void => void this.reach.open(at, mode);
  streetOf = (id: string): Street | null => this.traffic?.street(id) ?? null;
  leaveReach = (): void => this.reach.close();
  times = (): number[] => this.runs?.times() ?? [];
  heightAt = ([x, y]: Point): number => this.terrain.height(x, y);

  /** Colour the buildings by what a run says of them. */
  paint(dress: buildings.Tinter): void {
    this.dress = dress;
    this.tint();
  }

  private tint(): void {
    if (!this.layers.buildings) return;
    const { selected: id } = view.state;
    const chosen = new Set(session.state.chosen);
    buildings.update(this.layers.buildings, { tint: (each, side) => (chosen.has(each) ? [...B, 0.8] : each === id ? [...IRIS, 0.78] : this.dress(each, side)) });
  }

  /** Shown figures for tests: see hooks.ts. */
  get report() {
    return {
      received: this.runs?.received ?? 0,
      hash: Object.fromEntries(SIDES.map((side) => [side, this.runs?.hash(side) ?? null])) as Record<Side, string | null>,
      drawn: { ...this.world.drawn },
      tiles: this.layers.buildings?.tiles.visible ?? 0,
    };
  }

  /** What a click there would pick, and how long it took; read by tests. */
  find(x: number, y: number): { id: string | null; ms: number } {
    const start = performance.now();
    const hit = this.layers.buildings && buildings.pick(this.layers.buildings, x, y);
    return { id: hit?.id ?? null, ms: performance.now() - start };
  }

  /** Where a point of the ground stands on the page, px; read by tests. */
  project(x: number, y: number): readonly [number, number] {
    const { width, height, left, top } = this.world.canvas.getBoundingClientRect();
    const place = new Vector3(x, y, this.terrain.height(x, y)).project(this.world.camera);
    return [left + ((place.x + 1) / 2) * width, top + ((1 - place.y) / 2) * height];
  }

  cut(): void {
    this.runs.stream.cut();
  }

  /** One step back, the innermost first; false where there is nothing left to leave. */
  back(): boolean {
    const { draft, chosen, tool, dialog, problem } = session.state;
    if (dialog) session.set({ dialog: null });
    else if (draft.length) session.set({ draft: draft.slice(0, -1) });
    else if (chosen.length) session.set({ chosen: chosen.slice(0, -1) });
    else if (tool) session.set({ tool: null });
    else if (session.state.reach) this.reach.close();
    else if (view.state.selected || view.state.street || session.state.probe) {
      view.set({ selected: null, street: null });
      session.set({ probe: null });
    } else if (problem) session.set({ problem: null });
    else if (view.state.balance) view.set({ balance: null });
    else if (view.state.places) view.set({ places: null });
    else if (view.state.difference) view.set({ difference: false });
    else if (view.state.swipe !== null) view.set({ swipe: null });
    else return false;
    return true;
  }

  key(event: KeyboardEvent): boolean {
    return (this.hand?.key(event) || this.camera?.key(event)) ?? false;
  }

  private async build(coming: Promise<typeof Later>): Promise<void> {
    const { world, terrain, layers } = this;
    const [west, south, east, north] = terrain.bounds;
    const middle: Point = [(west + east) / 2, (south + north) / 2];
    const z = terrain.height(...middle);
    const reach = Math.hypot(east - west, north - south) / 2;
    this.camera = new CameraMan(world, (x, y) => terrain.height(x, y), (camera) => {
      view.set({ camera });
      if (layers.flow) this.later.flow.update(layers.flow, { eye: camera });
      // One shadow map covers a district; in a larger city it follows the eye.
      if (reach * 1.05 > SHADOW_REACH_M) {
        world.setShadowDisc(new Vector3(camera.x, camera.y, camera.z), Math.min(SHADOW_REACH_M, Math.max(300, camera.distance)));
      }
    });
    const home: CameraView = { x: middle[0], y: middle[1] - reach * 0.06, z, distance: reach * 2.7, azimuth: 214, tilt: 54 };
    this.camera.setHome(home, reach * 6);
    this.light();
    world.setShadowDisc(new Vector3(...middle, z), Math.min(reach * 1.05, SHADOW_REACH_M));
    if (view.state.camera) this.camera.stand(view.state.camera);
    else this.camera.settle();

    layers.ground = await ground.add(world, terrain, "/api/city/ground.png");
    layers.buildings = buildings.add(
      world,
      "/tiles/tileset.json",
      () => session.set({ tilesReady: true }),
      (why) => session.set({ problem: { what: "problem.tiles", why, remedy: "remedy.reload", act: () => location.reload() } }),
    );
    this.later = await coming;
    const { water, flow, probes, edits, planted, sectors } = this.later;
    layers.water = water.add(world, layers.ground.geometry);
    layers.flow = flow.add(world, terrain);
    layers.probes = probes.add(world, terrain);
    layers.edits = edits.add(world, terrain);
    layers.planted = planted.add(world, terrain);
    layers.sectors = sectors.add(world, terrain, layers.ground.geometry);
    this.hand = new this.later.DrawingHand(world, terrain, {
      onDraft: (cursor) => this.sketch(cursor),
      onPick: (x, y, point) => void this.pick(x, y, point),
    });
    this.runs = new this.later.Runs(
      {
        grid: (side, grid) => water.update(layers.water!, { side, grid }),
        frame: (side, frame) => {
          // While a run goes on, each picture that comes moves the ripples too.
          if (!this.calm.matches) water.update(layers.water!, { clock: performance.now() / 1000 });
          water.update(layers.water!, { side, frame });
        },
        map: (side, map) => water.update(layers.water!, { side, map }),
        flow: (side, frames) => {
          water.update(layers.water!, { side, flow: frames });
          flow.update(layers.flow!, { side, frames, eye: this.camera.view });
        },
        dry: (side) => {
          water.update(layers.water!, { side, dry: true });
          flow.update(layers.flow!, { side, frames: null, eye: this.camera.view });
        },
        streets: (side, map) => this.traffic.show(side, map),
        vehicles: (side, digest, links) => void this.traffic.follow(side, digest, links),
      },
      (problem) => session.set({ problem }),
    );
    const [catalogue, library, treeTable, streetTable] = await Promise.all([api.catalogue(), api.library(), api.trees(), api.streets()]);
    session.set({ catalogue, library });
    this.traffic = new this.later.Traffic(world, terrain, streetTable.lines);
    this.reach = new this.later.Reach((shown) => sectors.update(layers.sectors!, { shown }));
    this.places = new this.later.Places((shown) => !session.state.reach && sectors.update(layers.sectors!, { shown }));
    this.probing = new this.later.Probing(terrain, (pins) => probes.update(layers.probes!, { pins }));
    await document.fonts.load('500 26px "Inter Variable"').catch(() => []);
    this.crowns = crownsOf(treeTable, terrain);
    layers.trees = trees.add(world, this.crowns);
    layers.streets = streets.add(world, streetTable.lines, terrain, view.state.language);
    this.listen();
    await this.runs.restore();
    this.probing.restore();
    await this.places.ask();
  }

  private listen(): void {
    const { world, layers } = this;
    const { water, flow, planted, edits: editsLayer } = this.later;
    const show = (): void => {
      const visible = (name: LayerName): boolean => !view.state.hidden.includes(name);
      buildings.update(layers.buildings!, { visible: visible("buildings") });
      ground.update(layers.ground!, { covered: visible("ground") });
      trees.update(layers.trees!, { visible: visible("trees") });
      streets.update(layers.streets!, { visible: visible("streets") });
      // Sectors lie where the map lies: one of them at a time.
      const mapped = visible("water") && !session.state.reach && (view.state.places === null || view.state.places === "streets");
      water.update(layers.water!, { visible: mapped });
      flow.update(layers.flow!, { visible: visible("flow") && visible("water") });
      editsLayer.update(layers.edits!, { visible: visible("edits") });
      planted.update(layers.planted!, { visible: visible("edits") });
      edited();
    };
    const edited = (): void => {
      const colors = Object.fromEntries((session.state.catalogue?.covers ?? []).map(({ key, color }) => [key, color]));
      editsLayer.update(layers.edits!, { edits: view.state.edits, colors });
      const marks = new Map<string, buildings.Mark>();
      for (const { edit, buildings: ids } of view.state.hidden.includes("edits") ? [] : view.state.edits) {
        if (edit === "green_roof" || edit === "raised_threshold" || edit === "cool_roof") for (const id of ids) marks.set(id, edit);
      }
      buildings.update(layers.buildings!, { marks });
      const drawn = view.state.hidden.includes("edits") ? [] : view.state.edits;
      trees.update(layers.trees!, { gone: goneBy(drawn) });
      planted.update(layers.planted!, { edits: drawn, trees: plantedBy(drawn, this.crowns, this.terrain) });
    };
    const split = (): void => {
      world.split = view.state.swipe;
      world.alone = view.state.runs.b ? "b" : "a";
      world.request();
    };
    const selected = (): void => {
      const id = view.state.selected;
      this.tint();
      session.set({ building: null });
      if (!id) return;
      api.building(id).then(
        (building) => view.state.selected === id && session.set({ building }),
        (error: unknown) =>
          session.set({ problem: { what: "problem.building", why: reason(error), remedy: "remedy.close", act: () => view.set({ selected: null }) } }),
      );
    };
    const driven = (): void => {
      const { hidden, difference } = view.state;
      this.traffic.setVisible(!hidden.includes("water") && !session.state.reach, !hidden.includes("flow") && !difference);
    };
    view.on(["hidden", "difference"], driven);
    session.on(["reach"], () => (driven(), show()));
    driven();
    view.on(["hidden", "places"], show);
    world.canvas.addEventListener("pointermove", ({ offsetX, offsetY, buttons }) => {
      if (!this.places.shown || buttons) return;
      const { clientWidth, clientHeight } = world.canvas;
      const lit = this.places.at(this.groundUnder((offsetX / clientWidth) * 2 - 1, 1 - (offsetY / clientHeight) * 2));
      if (lit !== session.state.lit) session.set({ lit });
    });
    view.on(["edits"], edited);
    view.on(["swipe", "runs"], split);
    view.on(["selected"], selected);
    session.on(["chosen"], () => this.tint());
    session.on(["playing"], ({ playing }) => this.ripple(playing));
    view.on(["hour", "time"], () => this.light());
    session.on(["a", "b"], () => this.light());
    view.on(["language"], ({ language }) => streets.update(layers.streets!, { language }));
    for (const react of [show, edited, split]) react();
    if (view.state.selected) selected();
  }

  /** The sun of the hour that is chosen, or of the moment that a hot day is shown at. */
  private light(): void {
    const moment = momentShown();
    this.world.setSun(sunPosition(moment ?? momentOf(view.state.hour)));
  }

  /** Let water and streaks move while time does. */
  private ripple(on: boolean): void {
    clearInterval(this.ripples);
    if (on && !this.calm.matches && !isHot() && !isEnergy()) {
      const move = (): void => {
        const clock = performance.now() / 1000;
        this.later.water.update(this.layers.water!, { clock });
        this.later.flow.update(this.layers.flow!, { clock });
      };
      this.ripples = setInterval(move, this.world.software ? RIPPLE_MS.software : RIPPLE_MS.card);
    } else this.later.flow.update(this.layers.flow!, { clock: null });
  }

  private sketch(cursor: Point | null): void {
    const { tool, draft, values, catalogue } = session.state;
    this.world.canvas.style.cursor = tool ? "crosshair" : "";
    const color = catalogue?.covers.find(({ key }) => key === values.cover)?.color ?? "#b84a14";
    const form = tool !== null && WORKS[tool].shape === "form";
    const drawn = tool && (form ? draft.length > 0 : (!picks(tool) || session.state.chosen.length > 0) && tool !== "remove_tree") ? { tool, points: draft, cursor: form ? null : cursor, values, color } : null;
    this.later.edits.update(this.layers.edits!, { draft: drawn });
  }

  private async pick(x: number, y: number, point: Point | null): Promise<void> {
    if (!this.layers.buildings) return;
    const { tool, chosen } = session.state;
    if (tool && (WORKS[tool].shape === "tree" || WORKS[tool].shape === "move")) {
      this.ray.setFromCamera(new Vector2(x, y), this.world.camera);
      this.later.workOnTree(this.ray.ray, point, this.crowns, this.terrain);
      return;
    }
    if (tool && WORKS[tool].shape === "streets") {
      const street = this.traffic.at(point, tool === "school_street")?.id;
      if (street) session.set({ chosen: chosen.includes(street) ? chosen.filter((id) => id !== street) : [...chosen, street] });
      return;
    }
    const hit = buildings.pick(this.layers.buildings, x, y);
    const building = hit && !this.groundIsNearer(point, hit.distance) ? hit.id : null;
    if (tool) {
      // A form of energy takes buildings, or the ground where something is to stand.
      if (!building && point && WORKS[tool].shape === "form") session.set({ draft: [[Math.round(point[0] * 10) / 10, Math.round(point[1] * 10) / 10]] });
      if (building) session.set({ chosen: chosen.includes(building) ? chosen.filter((id) => id !== building) : [...chosen, building] });
      return;
    }
    if (this.places.shown) {
      session.set({ lit: this.places.at(point) });
      return;
    }
    const street = building || !isTraffic() ? null : (this.traffic.at(point)?.id ?? null);
    if (building || street) this.probing.close();
    this.reach.close();
    view.set({ selected: building, street });
    // Energy knows buildings, not ground.
    if (!building && !street && !isEnergy()) await this.probing.open(point);
  }

  private groundUnder(x: number, y: number): Point | null {
    this.ray.setFromCamera(new Vector2(x, y), this.world.camera);
    const hit = this.terrain.meet(this.ray.ray);
    return hit && [hit[0], hit[1]];
  }

  /** Go to a place of the city and look at it from nearby. */
  flyTo([x, y]: Point, distance: number): void {
    this.camera.go({ ...this.camera.view, x, y, z: this.terrain.height(x, y), distance });
  }

  private groundIsNearer(point: Point | null, distance: number): boolean {
    if (!point) return false;
    return this.world.camera.position.distanceTo(new Vector3(...point, this.terrain.height(...point))) < distance - 1;
  }
}
