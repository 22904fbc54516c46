/** The words of the page, in three languages with the same keys; French comes with the page, the others when asked for. */

import fr from "../i18n/fr.json";
import type { Words } from "./api";
import { type Language, view } from "./state";

export type Key = keyof typeof fr;

const DICTIONARIES: Partial<Record<Language, Record<Key, string>>> = { fr };
const COMING: Record<Exclude<Language, "fr">, () => Promise<{ default: Record<Key, string> }>> = {
  nl: () => import("../i18n/nl.json"),
  en: () => import("../i18n/en.json"),
};

/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { fr: "Français", nl: "Nederlands", en: "English" };

/** Fetch the words of a language, so that `t` has them. */
export async function speak(language: Language): Promise<void> {
  if (language === "fr" || DICTIONARIES[language]) return;
  DICTIONARIES[language] = (await COMING[language]()).default;
}

/** The words of `key` in the page's language, `{name}` replaced by `values.name`. */
export function t(key: Key, values: Record<string, string | number> = {}, language: Language = view.state.language): string {
  return (DICTIONARIES[language] ?? fr)[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Words that came with data: the page's language, else French, English, Dutch, whichever there is. */
export function say(words: Words | string | null | undefined, language: Language = view.state.language): string {
  if (!words) return "";
  if (typeof words === "string") return words;
  return words[language] ?? words.fr ?? words.en ?? words.nl ?? "";
}

/** A city or a building that is named in two languages, "Bruxelles / Brussel", by the name of the page's. */
export function cityName(name: string, language: Language = view.state.language): string {
  // a stroke inside brackets does not part two languages: "zone 148170 (Grand-Place / Bourse)"
  const names = name.split(/ \/ (?![^(]*\))/);
  return (language === "nl" ? names[1] : names[0]) ?? name;
}
