/** What runs hand to the picture, and what they keep of each side. */

import type { GridInfo } from "./api";
import type { Look } from "./fields";
import type { Frame } from "./frames";
import type { LinkMap } from "./link_maps";
import type { Side } from "./state";

export interface Screen {
  grid(side: Side, grid: GridInfo): void;
  frame(side: Side, frame: Frame): void;
  /** A field to show instead of the depth of the moment; null shows that again. */
  map(side: Side, map: FieldMap | null): void;
  /** How the water flows at the shown moment, where that is known. */
  flow(side: Side, flow: Flow | null): void;
  dry(side: Side): void;
  /** A field along streets; null where there is none. */
  streets(side: Side, map: LinkMap | null): void;
  /** A finished run whose vehicles can be followed. */
  vehicles(side: Side, digest: string | null, links: readonly string[]): void;
}

export interface FieldMap {
  frame: Frame;
  /** Where there was water: the map is blank elsewhere. */
  depth: Frame | null;
  look: Look;
}

export interface Flow {
  east: Frame;
  north: Frame;
  depth: Frame;
  grid: GridInfo;
}

export interface Film {
  frames: Map<number, Frame>;
  others: Map<string, Frame>;
  grid: GridInfo | null;
  /** Ids of links that the fields of a run of traffic go along. */
  links: readonly string[];
  shown: number;
  wanted: number;
}
