/** The words of energy, which come with its panels: they are many, and the page opens without them. */

import fr from "../i18n/energy/fr.json";
import { type Language, session, view } from "./state";

export type EnergyKey = keyof typeof fr;

const DICTIONARIES: Partial<Record<Language, Record<EnergyKey, string>>> = { fr };
const COMING: Record<Exclude<Language, "fr">, () => Promise<{ default: Record<EnergyKey, string> }>> = {
  nl: () => import("../i18n/energy/nl.json"),
  en: () => import("../i18n/energy/en.json"),
};

/** Have the words of the page's language, now and when it changes. */
export function followLanguage(): void {
  const fetch = async (): Promise<void> => {
    const { language } = view.state;
    if (language !== "fr" && !DICTIONARIES[language]) DICTIONARIES[language] = (await COMING[language]()).default;
    const known = session.state.energy ?? { runs: { a: null, b: null }, monitoring: null, words: 0 };
    session.set({ energy: { ...known, words: known.words + 1 } });
  };
  view.on(["language"], () => void fetch());
  void fetch();
}

/** The words of `key` in the page's language, `{name}` replaced by `values.name`. */
export function e(key: EnergyKey, values: Record<string, string | number> = {}): string {
  return (DICTIONARIES[view.state.language] ?? fr)[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
