/** The accounts of a result's water, its energy or its vehicles, in the order in which one asks: where from, where to, what is still there. */

import type { Catalogue, ResultInfo } from "./api";
import type { Key } from "./i18n";

export type Kind = "came" | "went" | "held" | "moved";

/** Which accounts stand on which side; an account that is not named here is shown among what moved. */
const KINDS: readonly { kind: Kind; words: Key; accounts: readonly string[] }[] = [
  {
    kind: "came",
    words: "ledger.came",
    accounts: ["volume_rain", "volume_roofs_rain", "volume_initial", "volume_inflow", "volume_boundary_in", "volume_drains_initial", "volume_drains_inflow", "volume_outfall_back"],
  },
  {
    kind: "went",
    words: "ledger.went",
    accounts: ["volume_infiltrated", "volume_layers_infiltrated", "volume_sink", "volume_outfall", "volume_boundary_out"],
  },
  {
    kind: "held",
    words: "ledger.held",
    accounts: ["volume_stored", "volume_depression", "volume_layers_held", "volume_roofs_held", "volume_drains_held"],
  },
  {
    kind: "moved",
    words: "ledger.moved",
    accounts: ["volume_inlets", "volume_surcharge", "volume_roofs_to_pavement", "volume_roofs_to_drains", "volume_layers_delayed", "volume_layers_spilled", "volume_pumped"],
  },
];

/** The accounts of a hot day's energy. */
const ENERGY: typeof KINDS = [
  { kind: "came", words: "ledger.came", accounts: ["energy_shortwave_in", "energy_longwave_in"] },
  { kind: "went", words: "ledger.went", accounts: ["energy_shortwave_reflected", "energy_longwave_out", "energy_sensible", "energy_latent"] },
  { kind: "held", words: "ledger.held", accounts: ["energy_stored"] },
  { kind: "moved", words: "ledger.of_which", accounts: ["energy_shortwave_absorbed"] },
];

/** Where the vehicles of a run of traffic are: whole ones, so that nothing is rounded away. */
const VEHICLES: typeof KINDS = [
  { kind: "came", words: "ledger.set_out", accounts: ["vehicles_set_out"] },
  { kind: "went", words: "ledger.there", accounts: ["vehicles_arrived"] },
  { kind: "held", words: "ledger.held", accounts: ["vehicles_inside", "vehicles_waiting", "vehicles_aside"] },
];

/** Accounts of each kind of closure, and how a name of one begins. */
const BOOKS: Readonly<Record<string, readonly [kinds: typeof KINDS, begins: string]>> = {
  mass: [KINDS, "volume_"],
  energy: [ENERGY, "energy_"],
  vehicles: [VEHICLES, "vehicles_"],
};

export interface Account {
  name: string;
  kind: Kind;
  words: Catalogue["quantities"][string]["label"] | string;
  /** m3 by side; null where that side has no such account. */
  values: readonly (number | null)[];
}

export interface Section {
  kind: Kind;
  words: Key;
  accounts: readonly Account[];
}

export interface Closure {
  kind: string;
  error: number;
  ledger: Record<string, number>;
  remarks?: Remarks;
}

/** How a kernel made its result; results of older versions say less. */
export interface Remarks {
  scheme?: string;
  steps?: number;
  /** The shortest step, s, when it was taken, s, and the place that asked for it, Lambert 72. */
  shortest_step_s?: number;
  shortest_step_at_s?: number;
  shortest_step_x?: number;
  shortest_step_y?: number;
  /** Part of the wet cells in which the water was too fast for a screening scheme, and whether that is too many. */
  fast_share?: number;
  screening_exceeded?: boolean;
  /** How a run of heat saw the sky, and how well its other accounts close. */
  sky?: string;
  sky_view?: string;
  corrections?: number;
}

/** The closure of a kernel, as the result's manifest has it. */
export function closureOf(result: ResultInfo | null, kernel?: string): Closure | null {
  const all = result?.manifest.closure as Record<string, Closure> | undefined;
  return (kernel ? all?.[kernel] : (all?.flood ?? all?.heat ?? all?.traffic)) ?? null;
}

/** The accounts of several results side by side; those that are zero everywhere are left out, but for the rain. */
export function sections(closures: readonly (Closure | null)[], catalogue: Catalogue | null): Section[] {
  const names = new Set(closures.flatMap((one) => Object.keys(one?.ledger ?? {})));
  const [kinds, begins] = BOOKS[closures.find((one) => one)?.kind ?? "mass"] ?? BOOKS.mass;
  const known = new Set(kinds.flatMap(({ accounts }) => accounts));
  const strange = [...names].filter((name) => name.startsWith(begins) && !known.has(name));
  return kinds.map(({ kind, words, accounts }) => ({
    kind,
    words,
    accounts: [...accounts, ...(kind === "moved" ? strange : [])]
      .filter((name) => names.has(name))
      .map((name) => ({ name, kind, words: catalogue?.quantities[name]?.label ?? name, values: closures.map((one) => one?.ledger[name] ?? null) }))
      .filter(({ name, values }) => name === "volume_rain" || name.startsWith("vehicles_") || values.some((value) => value !== null && Math.abs(value) >= 0.005)),
  })).filter(({ accounts }) => accounts.length > 0);
}

/** Largest account of all, against which bars are drawn. */
export function largest(all: readonly Section[]): number {
  return Math.max(1e-9, ...all.flatMap(({ accounts }) => accounts.flatMap(({ values }) => values.map((value) => Math.abs(value ?? 0)))));
}
