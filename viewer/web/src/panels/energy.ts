/** The panels of energy in one parcel: they come when a run of energy is chosen. */

import { api } from "../core/api";
import { tinter } from "../core/energy_colors";
import { followLanguage } from "../core/energy_words";
import { isEnergy } from "../core/moments";
import { session, view } from "../core/state";
import "./energy_balance";
import "./energy_card";
import "./energy_hours";
import "./energy_legend";
import "./energy_tools";
import { stage } from "./stage";

followLanguage();

/** Colour the buildings whenever what they show has changed. */
let shown: unknown[] = [];
const paint = (): void => {
  const { energy } = session.state;
  const { field, hidden, difference } = view.state;
  const now = [energy?.runs, energy?.monitoring, field, hidden.includes("water"), difference, isEnergy()];
  if (now.every((one, i) => Object.is(one, shown[i]))) return;
  shown = now;
  stage.planner?.paint(isEnergy() ? tinter() : () => null);
};
session.on(["energy", "a", "b", "tilesReady"], paint);
view.on(["field", "hidden", "difference", "runs"], paint);
paint();

// What the city's meters tell is the same for every run.
api.monitoring().then(
  (monitoring) => {
    const known = session.state.energy ?? { runs: { a: null, b: null }, monitoring: null, words: 0 };
    session.set({ energy: { ...known, monitoring } });
  },
  // A server without meters has no such page; the panel then says so.
  () => undefined,
);
