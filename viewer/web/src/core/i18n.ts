/** Words in French, Dutch and English: every word of the page has a key, every key three languages. */

import en from "../i18n/en.json";
import fr from "../i18n/fr.json";
import nl from "../i18n/nl.json";
import type { Words } from "./api";
import { type Language, view } from "./state";

export type Key = keyof typeof fr;

const DICTIONARIES: Record<Language, Record<Key, string>> = { fr, nl, en };

/** The words of `key` in the page's language, `{name}` replaced by `values.name`. */
export function t(key: Key, values: Record<string, string | number> = {}, language: Language = view.state.language): string {
  return DICTIONARIES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
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
